"""A statement tells of the kit that was mailed and of the list on which a tube stands, entry by entry of the log."""

import json

import pytest
from sqlalchemy import select

from biobank.custody.states import Action, Kind
from biobank.exchange.pseudonyms import read_pseudonyms
from biobank.ledger.models import LedgerEntry
from biobank.retrieval import operations
from biobank.retrieval.choices import CancelledBecause, PickPurpose
from biobank.retrieval.inputs import NewPickList, Wish
from biobank.statements.choices import Purpose
from biobank.statements.operations import record_statement
from biobank.statements.statement import statement_of
from biobank.statements.subjects import subjects_of
from biobank.supplies.operations import change_request, take_delivery, take_request
from tests.floor import CODE, SCAN
from tests.leaving import URINE
from tests.supplies.conftest import supply_delivery, supply_request

OTHER = "A100000009"


def mailed(floor):
    """A kit was ordered, was mailed, and is on its way back."""
    keyed = read_pseudonyms(floor.work.settings)
    for document, take in (
        (supply_request(code=CODE), take_request),
        (supply_delivery(code=CODE), take_delivery),
        (supply_delivery(code=CODE, back=True, tracking="77"), take_delivery),
    ):
        take(floor.work, json.dumps(document).encode(), by=floor.lead, pseudonyms=keyed)
    changed = supply_request(code=CODE, status="shipped", barcode="SABR90160121IN")
    told = json.dumps(changed).encode()
    change_request(floor.work, "999999", told, expected=None, by=floor.lead, pseudonyms=keyed)


def on_lists(floor):
    """One tube was picked and another person's with it; a second list was cancelled before anybody walked."""
    floor.participant(OTHER)
    tubes = [floor.tube(), floor.tube(OTHER), floor.tube()]
    box = floor.box()
    for number, tube in enumerate(tubes, 1):
        floor.step(tube, Action.STORE, place=box, position=f"A{number}")

    def listed(count):
        wish = Wish(kind=Kind.TUBE, specification=URINE, count=count)
        new = NewPickList(purpose=PickPurpose.BENCH, site="biobank-1", goes_to="BENCH-4", wishes=(wish,))
        return operations.make_list(floor.work, new, by=floor.technician).id

    first, second = listed(2), listed(1)
    operations.pick(floor.work, first, tubes[0], by=floor.technician, source=SCAN, at=floor.told())
    operations.cancel_list(floor.work, second, CancelledBecause.NOT_NEEDED, by=floor.technician)
    return tubes


def naming(floor, codes):
    """Every entry of the whole log that names one of these codes, under whatever subject."""
    rows = floor.work.session.execute(select(LedgerEntry.subject, LedgerEntry.sequence, LedgerEntry.body))
    return {
        f"{subject}:{sequence}"
        for subject, sequence, body in rows
        if any(code in bytes(body).decode() or code in subject for code in codes)
    }


@pytest.fixture
def statement(leaving):
    mailed(leaving)
    leaving.tubes = on_lists(leaving)
    record_statement(leaving.work, leaving.clinic, CODE, Purpose.REQUEST, None)
    return statement_of(leaving.work, CODE, "en", Purpose.REQUEST)


def test_every_entry_of_the_log_that_names_them_or_theirs_is_in_the_statement(leaving, statement):
    told = {entry for part in statement.parts for line in part.lines for entry in line.entries}
    left_out = {entry for entries in statement.left_out.values() for entry in entries}
    theirs = subjects_of(leaving.work, CODE)
    codes = [CODE, *(each.name for each in theirs.subjects if each.is_theirs and ":" not in each.name)]
    assert naming(leaving, codes) - told - left_out == set()
    assert statement.unknown == ()


def test_the_mailed_kit_and_the_lists_are_told_in_words_and_nobody_else_is(leaving, statement):
    lines = [line.text for part in statement.parts for line in part.lines]
    assert "A kit that is mailed to you was ordered." in lines
    assert "The mailed kit is on its way back to us." in lines
    for state in ("It was fetched.", "It was taken off the list and stayed where it was."):
        assert [text for text in lines if "for work at our own laboratory" in text and text.endswith(state)]
    said = json.dumps(lines)
    assert OTHER not in said
    assert leaving.tubes[1] not in said


def test_it_says_the_same_in_spanish(leaving, statement):
    spanish = statement_of(leaving.work, CODE, "es", Purpose.REQUEST)
    assert [len(part.lines) for part in spanish.parts] == [len(part.lines) for part in statement.parts]
