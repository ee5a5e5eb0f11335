"""What was given out about a participant is told to them, unless a court forbids it: then not even its count."""

from datetime import timedelta

from biobank.core import moments
from biobank.core.database import reading
from biobank.disclosures import operations
from biobank.disclosures.choices import NotYetBecause
from biobank.disclosures.inputs import NotToldYet
from biobank.statements.choices import Purpose
from biobank.statements.statement import statement_of
from tests.disclosures.conftest import desk, settled
from tests.disclosures.test_disclosures import approved, handed_out, opened
from tests.programme import PARTICIPANT

__all__ = ["desk", "settled"]


def given_out(desk):
    number = opened(desk)
    approved(desk, number)
    handed_out(desk, number)
    return number


def told():
    with reading() as work:
        statement = statement_of(work, PARTICIPANT, "en", Purpose.REQUEST)
    assert statement.unknown == ()
    lines = {part.name: [line.text for line in part.lines] for part in statement.parts}
    return lines["disclosures"], lines["identity"], str(statement)


def test_what_was_given_out_is_told_with_its_reason_and_who_looked_for_it(desk):
    given_out(desk)
    disclosed, looked, _ = told()
    given = "Given to HEALTH-DEPT: your given name and your phone number, because the law asks for a report."
    assert given in disclosed
    assert any("because it had to be given out on a legal basis" in line for line in looked)


def test_what_a_court_forbids_to_tell_leaves_no_trace_and_is_told_when_that_ends(desk):
    number = given_out(desk)
    again = moments.now().date() + timedelta(days=30)
    forbidden = NotToldYet(because=NotYetBecause.FORBIDDEN_BY_COURT, look_again_on=again)
    desk.do(operations.note_not_told, number, forbidden, by=desk.first)
    disclosed, looked, everything = told()
    assert len(disclosed) == 1
    assert disclosed[0].startswith("What a court forbids us to tell you")
    assert not any("legal" in line for line in looked)
    assert "HEALTH-DEPT" not in everything
    desk.do(operations.tell_by_message, number, by=desk.first)
    disclosed, _, everything = told()
    assert "You were told what HEALTH-DEPT was given." in disclosed
    assert "what was given out about you" in everything
