"""The ledger over HTTP: a checkpoint to keep, and proof that the log went on from it."""

from base64 import b64decode
from pathlib import Path

from biobank.core.database import writing
from biobank.ledger.keys import load_key_file
from biobank.ledger.operations import issue_checkpoint
from biobank.ledger.tree import verify_consistency


def issued(programme):
    key = load_key_file(Path(programme.app.extensions["biobank.settings"].ledger_key_file))
    with programme.app.app_context(), writing() as work:
        return issue_checkpoint(work, key)


def test_a_later_checkpoint_is_proved_to_continue_an_earlier_one(programme):
    assert programme.get("auditor", "/ledger/checkpoint").status == 404
    note = issued(programme)
    first = programme.get("auditor", "/ledger/checkpoint").json
    assert first["checkpoint"] == note
    programme.kit("urine-1")
    issued(programme)
    second = programme.get("auditor", "/ledger/checkpoint").json
    assert second["size"] > first["size"]
    proof = programme.get("auditor", f"/ledger/consistency?from={first['size']}").json
    assert (proof["first"], proof["second"]) == (first["size"], second["size"])
    verify_consistency(
        first["size"],
        second["size"],
        b64decode(first["root"]),
        b64decode(second["root"]),
        [b64decode(each) for each in proof["hashes"]],
    )


def test_a_size_that_cannot_be_is_refused(programme):
    issued(programme)
    for size in ("", "x", "-1", "99999999"):
        assert programme.get("auditor", f"/ledger/consistency?from={size}").status == 422
