"""Orders, certificates, decisions, consents and signatures are what the log says of them, or are named."""

import pytest
from sqlalchemy import text

from biobank.custody.states import Action
from biobank.destruction.ceremonies import settle_ceremony
from biobank.destruction.choices import Ceremony, Settlement
from biobank.destruction.replay import certificates_for_export
from biobank.ledger import sealing
from biobank.ledger.queries import tree_size
from biobank.ledger.verification import verify
from biobank.participants.operations import mint_provisional, relink
from biobank.replays import REPLAYS
from tests.campaigns.tampering import Tampering
from tests.floor import CODE


@pytest.fixture
def left(leaving):
    """A participant who left, with a tube that came back late, and one who asked for less first."""
    leaving.window(0)
    late, *here = list(leaving.received().values())[:3]
    leaving.decide(samples="keep", information="keep", leaves=False)
    leaving.decide()
    leaving.decide(information="undecided")
    leaving.order_of_it = leaving.order().identifier
    for tube in leaving.work.session.execute(
        text("SELECT i.identifier FROM items i JOIN destruction_lines l ON l.item_id = i.id ORDER BY i.id")
    ).scalars():
        if tube not in (late, *here):
            leaving.step(tube, Action.BREAK)
    leaving.step(late, Action.REPORT_LOST)
    leaving.destroy(*here)
    assert leaving.confirm(leaving.order()).returned == {}
    leaving.step(late, Action.FIND)
    leaving.destroy(late)
    assert leaving.confirm(leaving.order()).returned == {}
    return leaving


def said(left, statement=None, **values):
    """What the replays find, after an administrator's statement that is taken back."""
    work = left.work
    work.flush()
    with work.session.begin_nested() as savepoint:
        on = Tampering(work, {})
        on.fences_down()
        if statement:
            on.sql(statement, **values)
        work.expire()
        found = [str(finding) for replay in REPLAYS for finding in replay(work)]
        savepoint.rollback()
    work.expire()
    return found


def test_a_provisional_code_that_was_linked(left):
    work, pattern = left.work, left.work.settings.participant_code_pattern
    provisional = mint_provisional(work, left.lead, programme_hash="ab" * 32, site="clinic-1").code
    left.decide(samples="destroy", participant=provisional, ceremony=Ceremony.YES)
    settle_ceremony(work, left.compliance, left.order(provisional).identifier, Settlement.HELD)
    relink(work, left.compliance, provisional=provisional, code="A100000007", pattern=pattern)
    assert said(left) == []


EDITS = [
    (
        "UPDATE destruction_orders SET state = 'open'",
        "state: ORDER is stored with state open, not closed.",
    ),
    ("UPDATE destruction_orders SET reaches_until = 0", "state: ORDER is stored with reaches_until 1970"),
    (
        "UPDATE destruction_lines SET outcome = NULL WHERE outcome = 'broken_after_decision'",
        "stored as open, not broken_after_decision.",
    ),
    (
        "DELETE FROM destruction_lines WHERE outcome = 'broken_after_decision'",
        "state: ORDER lacks the line of T",
    ),
    ("UPDATE certificates SET pdf = sha256", "is not the certificate that the log tells of."),
    ("DELETE FROM certificates", "was issued and is not stored."),
    (
        "UPDATE decisions SET samples = 'keep' WHERE id = 2",
        "decision 2 is stored with samples keep, not destroy.",
    ),
    (
        "UPDATE decisions SET id = 9 WHERE id = 3",
        "state: decision 9 is stored and has no entry in the log.",
    ),
    ("UPDATE decisions SET id = 9 WHERE id = 3", "state: decision 3 is in the log and not stored."),
    ("UPDATE participants SET samples = 'keep'", "state: CODE is stored with samples keep, not destroy."),
    ('UPDATE participants SET "left" = FALSE', "state: CODE is stored with left False, not True."),
    ("UPDATE consents SET scopes = 'dna'", "is stored with scopes ['dna'], not ['blood', 'urine']."),
    (
        "INSERT INTO destruction_lines (order_id, item_id, added_at, late) SELECT o.id, i.id, 0, FALSE FROM destruction_orders o, items i WHERE i.kind = 'kit'",
        "that the log does not tell of.",
    ),
    (
        "UPDATE destruction_orders SET identifier = 'D000000000000'",
        "state: ORDER has entries and is not stored.",
    ),
]


def test_what_was_edited_is_named(left):
    for statement, sentence in EDITS:
        cast = "= sha256" if left.work.is_sqlite else "= CAST(sha256 AS bytea)"
        expected = sentence.replace("ORDER", left.order_of_it).replace("CODE", CODE)
        found = said(left, statement.replace("= sha256", cast))
        assert any(expected in line for line in found), (statement, found)
    assert said(left) == []


def test_a_whole_life_is_what_the_log_says(left):
    sealing.seal_whole(left.work)
    assert verify(left.work, replays=REPLAYS).findings == ()
    everything = list(certificates_for_export(left.work, tree_size(left.work)))
    assert len(everything) == 2
    assert all(len(each["sha256"]) == 64 for each in everything)
    assert list(certificates_for_export(left.work, 1)) == []
