"""Texts about a decision: the participant's own name gets into none, and a vault that is away stops nobody."""

import pytest

from biobank.core import moments
from biobank.core.database import DatabaseUnavailable, reading, writing
from biobank.destruction.choices import Ceremony
from biobank.participants import own_names
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.own_names import OwnNameWritten
from biobank.participants.queries import participant_named, standing
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.deaths import record_death
from biobank.withdrawals.inputs import DeathTold, Decision
from biobank.withdrawals.operations import withdraw
from tests.identity.conftest import CLINIC, IDENTITY
from tests.programme import PARTICIPANT


def leaves(work, **told):
    asked = {
        "requested_by": PARTICIPANT, "capacity": Capacity.PARTICIPANT, "channel": Channel.PHONE,
        "decided_at": moments.told(moments.now()),
    }  # fmt: skip
    decision = Decision(
        participant=PARTICIPANT, leaves=True, information=InformationAnswer.KEEP, samples=SamplesAnswer.KEEP,
        ceremony=Ceremony.NOT_APPLICABLE, **(asked | told),
    )  # fmt: skip
    return withdraw(work, decision, by=CLINIC)


@pytest.mark.parametrize(
    "told",
    [{"evidence": "form testa 7"}, {"requested_by": "nephew of testa"}, {"evidence": "letter NANDU-4"}],
)
def test_who_asks_and_by_which_paper_is_told_without_the_participants_name(inside, told):
    (field,) = told
    with pytest.raises(OwnNameWritten, match=f"^{field} holds") as refusal, writing() as work:
        leaves(work, **told)
    assert IDENTITY.given_name not in str(refusal.value)
    death = {
        "requested_by": "next of kin",
        "capacity": Capacity.NEXT_OF_KIN,
        "channel": Channel.PHONE,
        **told,
    }
    with pytest.raises(OwnNameWritten), writing() as work:
        at = moments.told(moments.now())
        record_death(work, DeathTold(participant=PARTICIPANT, decided_at=at, **death), by=CLINIC)


def test_p01_a_vault_that_is_away_keeps_nobody_from_leaving(inside, monkeypatch):
    """Participants may withdraw at any time."""

    def away(*_):
        raise DatabaseUnavailable("The vault is away.")

    monkeypatch.setattr(own_names, "_installed", [away])
    with writing() as work:
        leaves(work, evidence="form seven")
    with reading() as work:
        assert standing(participant_named(work, PARTICIPANT)).left
