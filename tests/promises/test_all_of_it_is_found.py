"""What was promised about every sample, wherever it is, and about how much somebody gives; one test each."""

import pytest

from biobank.custodians.choices import CustodianKind
from biobank.custodians.inputs import NewCustodian
from biobank.custodians.operations import add_custodian
from biobank.custody.states import Action, State
from biobank.destruction.models import DestructionOrder
from biobank.destruction.queries import lines_of, specimens_of_person
from biobank.participants.checks import ConsentMissing
from biobank.participants.choices import Scope
from biobank.withdrawals import operations, staying
from biobank.withdrawals.inputs import Refusal
from biobank.withdrawals.queries import decisions_of
from tests.floor import CODE, PAPER
from tests.withdrawals.test_later import asked

CHILD = [{"specification": "serum", "volume_microlitres": 200}]


def wherever_samples_can_be(leaving):
    """Expected, at the clinic, travelling, stored, at a bench, outside, at another site, and made of each other."""
    tubes = iter(leaving.received().values())
    box, lab = leaving.box(), {"custodian": "LAB-1", "purpose": "contract_work"}
    new = NewCustodian(
        code="LAB-1", kind=CustodianKind.CONTRACT_LAB, organisation="Invented laboratory", agreement="MSA-1"
    )
    add_custodian(leaving.work, new, by=leaving.lead)
    leaving.assigned("urine-1")
    at_the_clinic, travelling = (leaving.collected("urine-1")["1UR10"] for _ in range(2))
    parcel = leaving.parcel()
    leaving.step(travelling, Action.PACK, leaving.clinic, place=parcel)
    sent = {"details": {"carrier": "courier"}, "confirmation": "as told", "source": PAPER}
    leaving.step(parcel, Action.DISPATCH, leaving.clinic, **sent)
    for position, ahead in (("A1", ()), ("A2", (Action.CHECK_OUT,))):
        tube = next(tubes)
        leaving.step(tube, Action.STORE, place=box, position=position)
        for action in ahead:
            leaving.step(tube, action)
    leaving.step(next(tubes), Action.SEND_OUT, details=lab)
    leaving.step(next(tubes), Action.QUARANTINE, leaving.lead, details={"reason": "seen"})
    family = next(tubes)
    for _ in range(4):
        [family] = [
            born.identifier for born in leaving.step(family, Action.ALIQUOT, details={"children": CHILD}).born
        ]
    leaving.step(family, Action.SEND_OUT, details=lab)
    leaving.step(
        next(tubes),
        Action.MOVE,
        place=leaving.box("Elsewhere", site="biobank-2"),
        confirmation="so",
        source=PAPER,
    )
    return at_the_clinic


def test_p06_every_sample_wherever_it_is_comes_onto_the_order(leaving):
    """We will destroy your samples."""
    wherever_samples_can_be(leaving)
    specimens = specimens_of_person(leaving.work, CODE)
    assert {item.state for item in specimens} >= {
        State.EXPECTED, State.COLLECTED, State.IN_TRANSIT, State.RECEIVED, State.STORED, State.CHECKED_OUT,
        State.SENT_OUT,
    }  # fmt: skip
    leaving.decide()
    lines = lines_of(leaving.work, leaving.order())
    assert {line.item_id for line in lines} == {item.id for item in specimens}
    assert {item.identifier for item in specimens if not leaving.holds(item.identifier)} == set()


def test_p06_the_order_is_opened_in_the_transaction_of_the_decision(leaving, monkeypatch):
    """We will destroy your samples."""
    tube = leaving.tube()
    monkeypatch.setattr(operations, "order_destruction", lambda *_a, **_n: 1 / 0)
    with pytest.raises(ZeroDivisionError), leaving.work.savepoint():
        leaving.decide()
    assert list(decisions_of(leaving.work, CODE)) == []
    assert (leaving.work.session.query(DestructionOrder).all(), leaving.holds(tube)) == ([], set())
    monkeypatch.undo()
    leaving.decide()
    assert [line.item_id for line in lines_of(leaving.work, leaving.order())] == [leaving.row(tube).id]


def test_p21_what_is_given_is_what_was_agreed_to(leaving):
    """Participants can choose how much information to share."""
    urine_only = leaving.participant("A200000001", scopes=("urine",))
    with pytest.raises(ConsentMissing):
        leaving.collected(participant=urine_only)
    assert leaving.holds(leaving.received("urine-1", urine_only)["1UR10"]) == set()
    leaving.tube()
    no_more_blood = Refusal(participant=CODE, scopes=(Scope.BLOOD,), **asked(hours=1))
    staying.refuse_scopes(leaving.work, no_more_blood, by=leaving.compliance)
    with pytest.raises(ConsentMissing):
        leaving.assigned()
    late = leaving.paper_kit(leaving.participant("A300000001", scopes=("blood",)))
    assert "consent" in leaving.holds(late)
    assert leaving.row(late).state == State.COLLECTED
