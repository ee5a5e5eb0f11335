"""Commands that sign the log, check it and hand it out."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import reading, writing
from biobank.custody.replay import states_for_export
from biobank.destruction.replay import certificates_for_export
from biobank.ledger import checkpoints, exporting
from biobank.ledger.findings import Report
from biobank.ledger.keys import load_key_file
from biobank.ledger.notes import KeyRefused, PublicKey, SigningKey, to_base64
from biobank.ledger.operations import issue_checkpoint
from biobank.ledger.queries import TreeDamaged
from biobank.ledger.sealing import seal_all
from biobank.ledger.tasks import write_checkpoint_file
from biobank.ledger.verification import verify as verify_log
from biobank.replays import REPLAYS
from biobank.web.current import current_settings
from biobank.web.terminal import acting, answer_no, json_option, show

TO_FILE = click.Path(dir_okay=False, path_type=Path)
FROM_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("ledger")
def group() -> None:
    """The log that nobody can rewrite."""


@group.command("checkpoint")
@click.option("--out", type=TO_FILE, help="Write it to a file too; keep it outside this machine.")
@json_option
@acting(Permission.ISSUE_CHECKPOINTS)
def checkpoint(out: Path | None, *, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (the permission is what counts)
    """Sign the log as it is now."""
    key = _signing_key()
    note = _issued(key)
    if out:
        write_checkpoint_file(out, note)
    document = {"checkpoint": note, "size": checkpoints.read(note).size, "public_key": str(key.public)}
    show(document, as_json=as_json, lines=[note.rstrip("\n")])


@group.command("verify")
@click.option(
    "--checkpoint", "kept", type=FROM_FILE, multiple=True, help="One kept outside; may be repeated."
)
@click.option("--public-key", help="The log's key as printed on certificates; else that of the key file.")
@json_option
@acting(Permission.SEE_LEDGER)
def verify(kept: tuple[Path, ...], public_key: str | None, *, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (as above)
    """Check every entry, the tree, the checkpoints and each stored state; exit 1 when something is wrong."""
    with suppress(TreeDamaged):  # then the verification says what is wrong
        seal_all()
    key = PublicKey.parse(public_key) if public_key else _own_public_key()
    notes = [path.read_text("utf-8") for path in kept]
    with reading() as work:
        report = verify_log(work, checkpoints=notes, public_key=key, replays=REPLAYS)
    show(_document(report), as_json=as_json, lines=_lines(report, outside=bool(kept), signed=key is not None))
    if not report.is_clean:
        answer_no()


@group.command("export")
@click.argument("file", type=TO_FILE)
@json_option
@acting(Permission.EXPORT_LEDGER)
def export(file: Path, *, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (as above)
    """Write the log to FILE (JSON Lines), for the offline verifier."""
    note = _issued(_signing_key())
    size = checkpoints.read(note).size
    with file.open("wb") as stream, reading() as work:
        records = chain(states_for_export(work, size), certificates_for_export(work, size))
        exporting.export(work, stream, note, records)
    show({"file": str(file), "leaves": size}, as_json=as_json, lines=[f"Wrote {size} entries to {file}."])


def _signing_key() -> SigningKey:
    return load_key_file(Path(current_settings().ledger_key_file))


def _own_public_key() -> PublicKey | None:
    """None for whoever verifies without access to the key file; then signatures are not checked."""
    try:
        return _signing_key().public
    except KeyRefused:
        return None


def _issued(key: SigningKey) -> str:
    with writing() as work:
        return issue_checkpoint(work, key)


def _document(report: Report) -> dict[str, object]:
    return {
        "entries": report.entries,
        "size": report.size,
        "root": to_base64(report.root),
        "findings": [
            {
                "kind": finding.kind.value,
                "subject": finding.subject,
                "sequence": finding.sequence,
                "sentence": finding.sentence,
            }
            for finding in report.findings
        ],
    }


def _lines(report: Report, *, outside: bool, signed: bool) -> Iterator[str]:
    yield from map(str, report.findings)
    yield f"{report.entries} entries, {report.size} of them in the tree, root {to_base64(report.root)}"
    if not outside:
        yield "No --checkpoint kept elsewhere was given: a log rewritten whole would not be noticed."
    if not signed:
        yield "Signatures were not checked: give the --public-key that is printed on certificates."
    yield f"Findings: {len(report.findings)}" if report.findings else "Nothing was found to be wrong."
