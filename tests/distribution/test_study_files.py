"""A file for a study holds nothing of who chose so, and its record says how far the log was."""

import csv
import hashlib
import io

import pytest

from biobank.custody.states import Action
from biobank.distribution.checks import RequestNotOpen
from biobank.exchange.replay import export_findings
from biobank.exchange.study_files import study_file
from biobank.ledger.queries import entries_of, tree_size
from biobank.ledger.sealing import seal_whole
from tests.floor import CODE
from tests.studies import NUMBER, approved, register, shares


def rows_of(made):
    return list(csv.DictReader(io.StringIO(made.content.decode("utf-8-sig"))))


def test_a_study_file_leaves_out_who_removed_or_is_undecided_and_records_its_log_position(sharing):
    approved(sharing)
    people = [sharing.participant(f"A40000000{number}", scopes=()) for number in range(1, 4)]
    for code in people:
        shares(sharing, code)
    tubes = {code: sharing.tube(code) for code in (CODE, *people)}
    held = sharing.tube()
    sharing.step(held, Action.QUARANTINE, details={"reason": "to be looked at"})
    unshared = sharing.tube(sharing.participant("A500000001"))
    sharing.decide("keep", "remove", participant=people[0])
    sharing.decide("keep", "undecided", participant=people[1])
    sharing.decide("keep", "keep", participant=people[2])
    seal_whole(sharing.work)
    before = tree_size(sharing.work)
    made = study_file(sharing.work, NUMBER, by=sharing.lead)
    assert {row["item"]: row["participant"] for row in rows_of(made)} == {
        tubes[CODE]: CODE, tubes[people[2]]: people[2],
    }  # fmt: skip
    assert unshared not in made.content.decode()
    told = entries_of(sharing.work, f"export:{made.export.id}")[0].event
    assert (told["log_size"], told["rows"], told["participants_left_out"]) == (before, 2, 2)
    assert told["sha256"] == hashlib.sha256(made.content).hexdigest()
    assert list(export_findings(sharing.work)) == []


def test_there_is_no_file_for_a_study_that_nobody_approved(sharing):
    register(sharing)
    with pytest.raises(RequestNotOpen):
        study_file(sharing.work, NUMBER, by=sharing.lead)
