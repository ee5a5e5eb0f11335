"""Certificates: signed once when they are issued, accepted only as issued, refused with the reason."""

import argparse
import hashlib
import shutil
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from biobank.core import moments
from biobank.custody.states import Action
from biobank.destruction import queries, signing
from biobank.destruction.certificates import judge
from biobank.destruction.elsewhere import ExportUnreadable, judge_elsewhere
from biobank.destruction.models import Certificate
from biobank.destruction.records import order_record
from biobank.destruction.replay import certificates_for_export
from biobank.destruction.signed_files import examine
from biobank.destruction.signer_files import (
    SIGNER,
    TRUSTED,
    SigningKeyRefused,
    certificate_folder,
    load_signer,
    trusted_roots,
)
from biobank.destruction.signer_making import renew_signer
from biobank.items.identifiers import Letter, new_identifier
from biobank.ledger import checkpoints, exporting, offline_certificate
from biobank.ledger.canonical import canonical_bytes
from biobank.ledger.keys import load_key_file
from biobank.ledger.operations import append_to, issue_checkpoint
from biobank.ledger.queries import entries
from tests.destruction.forgeries import drawn, flipped, forgeries


@pytest.fixture
def order(leaving):
    """Confirmed, with one tube destroyed."""
    leaving.window(0)
    tube = leaving.tube()
    leaving.decide()
    leaving.destroy(tube)
    order = leaving.order()
    assert leaving.confirm(order).returned == {}
    return order


@pytest.fixture
def issued(leaving, order):
    return queries.certificate_of(leaving.work, order)


@pytest.fixture
def folder(leaving):
    return certificate_folder(leaving.work.settings)


def exported(leaving, path):
    """The log as an auditor has it."""
    note = issue_checkpoint(leaving.work, load_key_file(Path(leaving.work.settings.ledger_key_file)))
    size = checkpoints.read(note).size
    with path.open("wb") as stream:
        exporting.export(leaving.work, stream, note, certificates_for_export(leaving.work, size))
    return path


def audited(folder, content, keys, export=None):
    """What the verifier that needs nothing of ours finds; the roots are those of `keys`."""
    (folder / "received.pdf").write_bytes(content)
    roots = list((keys / TRUSTED).iterdir())
    given = argparse.Namespace(certificate=folder / "received.pdf", root=roots, export=export)
    return list(offline_certificate.verify(given))


def test_a_genuine_certificate_is_accepted_and_says_who_signed_it(leaving, issued, folder):
    verdict = judge(leaving.work, issued.pdf)
    assert (verdict.genuine, verdict.state, verdict.findings) == (True, "standing", ())
    assert "is as it was issued and signed" in verdict.sentence
    assert verdict.signed_by == f"Signer of certificates of destruction, {leaving.work.settings.programme}"
    assert verdict.certificate_sha256 == issued.signed_with
    assert abs(verdict.signed_at - issued.issued_at) < timedelta(seconds=60)
    told = orjson.loads(issued.record)["signed_with"]
    signer = load_signer(folder, moments.now())
    assert (
        told["certificate_sha256"]
        == signer.certificate.fingerprint(signer.certificate.signature_hash_algorithm).hex()
    )


def test_every_forgery_is_refused_with_its_own_sentence(leaving, issued, folder, tmp_path):
    def trust(other):
        for path in (other / TRUSTED).iterdir():
            shutil.copy(path, folder / TRUSTED)

    signer = load_signer(folder, moments.now())
    made = forgeries(issued.pdf, signer, tmp_path, trust)
    export = exported(leaving, tmp_path / "ledger.jsonl")
    for deed, (content, sentence) in made.items():
        verdict = judge(leaving.work, content)
        assert not verdict.genuine, deed
        assert verdict.sentence.startswith(sentence), (deed, verdict.findings)
        away = judge_elsewhere(content, trusted_roots(folder), export)
        assert not away.genuine, deed
        if not sentence.startswith("No certificate with"):
            assert away.sentence.startswith(sentence), (deed, away.findings)
        assert audited(tmp_path, content, folder, export), deed
    assert audited(tmp_path, issued.pdf, folder, export) == []


def test_every_flipped_bit_is_refused_here_and_elsewhere(leaving, issued, folder, tmp_path):
    roots = trusted_roots(folder)
    step = max(1, len(issued.pdf) // 150)
    on_the_other = leaving.work.session.get_bind().dialect.name == "postgresql"
    start = issued.pdf.index(b"/Contents <")
    wrapping = range(
        start, issued.pdf.index(b">", start)
    )  # no signature covers its own wrapping: the log does
    for at in range(step * on_the_other, len(issued.pdf), 2 * step):  # every second on each database
        changed = flipped(issued.pdf, at * 8 + at % 8)
        assert not judge(leaving.work, changed).genuine, f"byte {at}"
        if at not in wrapping:
            assert examine(changed, roots).findings, f"byte {at}"
            assert audited(tmp_path, changed, folder), f"byte {at}"


def test_of_a_changed_file_nothing_is_said_against_its_signer(issued, folder):
    at = issued.pdf.index(b"/Contents <") // 2
    [finding] = examine(flipped(issued.pdf, at * 8), trusted_roots(folder)).findings
    assert finding.startswith("It was changed after it was signed")


def test_no_damage_to_the_signature_breaks_the_auditors_verifier_or_escapes_it(issued, folder, tmp_path):
    """No digest covers its container: each byte of it is damaged by itself, and each answer is a sentence."""
    start = issued.pdf.index(b"/Contents <") + len(b"/Contents <")
    container = bytes.fromhex(issued.pdf[start : issued.pdf.index(b">", start)].decode())
    for at in range(len(container.rstrip(b"\0"))):
        damaged = flipped(container, at * 8 + at % 8).hex().upper().encode()
        changed = issued.pdf[:start] + damaged + issued.pdf[start + len(damaged) :]
        found = audited(tmp_path, changed, folder)
        assert found, at
        assert all(": " in sentence for sentence in found), (at, found)


def test_signing_and_judging_reach_for_no_network(leaving, monkeypatch, tmp_path):
    def refused(*_arguments):
        raise AssertionError("the network was used")

    leaving.window(0)
    tube = leaving.tube()
    leaving.decide()
    leaving.destroy(tube)
    if not leaving.work.is_sqlite:
        pytest.skip("the database itself is reached by a connection")
    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    leaving.confirm(leaving.order())
    assert judge(leaving.work, queries.certificate_of(leaving.work, leaving.order()).pdf).genuine


def test_what_was_signed_before_a_renewal_stays_valid(leaving, issued, folder):
    renew_signer(folder, "Programme", moments.now())
    renew_signer(folder, "Programme", moments.now(), new_root=True)
    assert judge(leaving.work, issued.pdf).genuine
    assert len(list((folder / "former").iterdir())) == 2
    assert len(trusted_roots(folder)) == 2


def test_a_certificate_that_was_replaced_or_is_in_question_says_so(leaving, order, issued, tmp_path, folder):
    [line] = queries.lines_of(leaving.work, order)
    tube = leaving.work.session.get_one(type(leaving.row(leaving.aside)), line.item_id).identifier
    leaving.step(tube, Action.FIND, confirmation="It lay there.")
    verdict = judge(leaving.work, issued.pdf)
    assert (verdict.genuine, verdict.state) == (True, "in_question")
    export = exported(leaving, tmp_path / "ledger.jsonl")
    assert judge_elsewhere(issued.pdf, trusted_roots(folder), export).state == "in_question"
    assert audited(tmp_path, issued.pdf, folder, export)[0].startswith("in question: ")
    leaving.destroy(tube)
    leaving.confirm(order)
    newer = queries.certificate_of(leaving.work, order)
    verdict = judge(leaving.work, issued.pdf)
    assert (verdict.genuine, verdict.state) == (True, "replaced")
    assert judge(leaving.work, newer.pdf).state == "standing"
    exported(leaving, export)
    away = judge_elsewhere(issued.pdf, trusted_roots(folder), export)
    assert (away.state, "It was replaced by" in away.sentence) == ("replaced", True)
    assert audited(tmp_path, issued.pdf, folder, export)[0].startswith("replaced: ")
    assert judge_elsewhere(newer.pdf, trusted_roots(folder), export).state == "standing"


def test_a_certificate_of_before_signing_is_unsigned_as_issued(leaving, order, issued):
    number = new_identifier(Letter.CERTIFICATE)
    record = orjson.loads(issued.record) | {"certificate": number, "replaces": None}
    pdf = drawn(record)
    sha256, text = hashlib.sha256(pdf).hexdigest(), canonical_bytes(record)
    leaving.work.session.add(
        Certificate(
            identifier=record["certificate"], order_id=order.id, issued_at=moments.now(),
            record=text.decode(), sha256=sha256, pdf=pdf,
        )
    )  # fmt: skip
    content = {"order": order.identifier, "replaces": None, "sha256": sha256, "recorded_by": "comp.cleo"}
    append_to(leaving.work, subject=record["certificate"], kind="certificate", content=content)
    verdict = judge(leaving.work, pdf)
    assert (verdict.genuine, verdict.state, verdict.signed_by) == (True, "standing", None)
    assert "before certificates were signed: it bears no signature" in verdict.sentence
    assert judge(leaving.work, flipped(pdf, 80_000)).sentence.startswith(
        "It is not the file that was issued as"
    )


def test_what_the_database_says_is_held_against_the_ledger(leaving, issued, monkeypatch):
    from biobank.destruction import certificates

    monkeypatch.setattr(certificates, "_in_ledger", lambda *_: {"sha256": "0" * 64})
    verdict = judge(leaving.work, issued.pdf)
    assert not verdict.genuine
    assert "the database was changed" in verdict.sentence


def test_elsewhere_it_is_said_what_cannot_be_said(leaving, issued, folder, tmp_path):
    verdict = judge_elsewhere(issued.pdf, trusted_roots(folder), None)
    assert (verdict.genuine, verdict.state) == (True, "unknown")
    assert "cannot be said without --ledger" in verdict.sentence
    assert judge_elsewhere(issued.pdf, [], None).sentence.startswith("Nothing here vouches for")
    (tmp_path / "empty.jsonl").write_bytes(b"")
    verdict = judge_elsewhere(issued.pdf, trusted_roots(folder), tmp_path / "empty.jsonl")
    assert verdict.sentence.startswith("The exported log tells of no such certificate")
    (tmp_path / "broken.jsonl").write_bytes(b"nonsense")
    with pytest.raises(ExportUnreadable, match="biobank ledger export"):
        judge_elsewhere(issued.pdf, trusted_roots(folder), tmp_path / "broken.jsonl")


def test_the_auditors_verifier_says_that_a_library_is_too_old(monkeypatch):
    monkeypatch.setattr(offline_certificate, "version_of_cryptography", "38.0.4")
    with pytest.raises(offline_certificate.Unusable, match=r"38\.0\.4 here, and 42 or newer is needed"):
        list(offline_certificate.verify(argparse.Namespace()))


def test_the_auditors_verifier_is_one_file_that_runs_anywhere(leaving, issued, folder, tmp_path):
    program = shutil.copy(offline_certificate.__file__, tmp_path / "check.py")
    export = exported(leaving, tmp_path / "ledger.jsonl")
    (tmp_path / "received.pdf").write_bytes(issued.pdf)
    [root] = (folder / TRUSTED).iterdir()

    def run(*more):
        done = subprocess.run(
            [sys.executable, "-I", program, *more], capture_output=True, text=True, cwd=tmp_path
        )
        return done.returncode, done.stdout.splitlines()

    assert run("received.pdf", "--root", root, "--export", export) == (0, ["nothing was found to be wrong"])
    code, lines = run("received.pdf", "--root", root)
    assert (code, lines[0].startswith("no --export was given")) == (0, True)
    (tmp_path / "received.pdf").write_bytes(issued.pdf + b" ")
    code, lines = run("received.pdf", "--root", root)
    assert (code, lines[0].startswith("changed: the signature does not cover the whole file")) == (1, True)
    assert run("nothing.pdf", "--root", root)[0] == 2
    assert run("received.pdf", "--root", program)[0] == 2


@pytest.mark.parametrize("harm", ["missing", "open", "unset"])
def test_without_its_key_nothing_is_confirmed_and_nobody_has_signed(leaving, folder, harm):
    leaving.window(0)
    tube = leaving.tube()
    leaving.decide()
    leaving.destroy(tube)
    order, before = leaving.order(), written(leaving)
    key = folder / SIGNER
    if harm == "missing":
        key.unlink()
    elif harm == "open":
        key.chmod(0o640)
    else:
        leaving.work.settings = leaving.work.settings.with_changes(certificate_keys_folder="")
    with pytest.raises(SigningKeyRefused) as refusal, leaving.work.savepoint():
        leaving.confirm(order)
    assert refusal.value.detail.count(". ") == 0
    assert leaving.order().state == "in_progress"
    assert queries.certificates_of(leaving.work, leaving.order()) == []
    assert written(leaving) == before


def written(leaving):
    """Everything that a confirmation would leave behind."""
    leaving.work.flush()
    return leaving.work.connection.execute(entries.select().order_by(entries.c.id)).fetchall()


def test_a_signing_that_fails_leaves_nothing_either(leaving, monkeypatch):
    def fails(*_arguments):
        raise SigningKeyRefused("It broke in the middle.")

    leaving.window(0)
    tube = leaving.tube()
    leaving.decide()
    leaving.destroy(tube)
    order, sha256, before = leaving.order(), order_record(leaving.work, leaving.order())[1], written(leaving)
    monkeypatch.setattr(signing, "certified", fails)
    with pytest.raises(SigningKeyRefused), leaving.work.savepoint():
        leaving.confirm(order)
    assert leaving.order().state == "in_progress"
    assert order_record(leaving.work, leaving.order())[1] == sha256
    assert written(leaving) == before
