"""Texts about a decision, a parcel, a freezer: the participant's own name gets into none, and a vault that is away stops nobody."""

import pytest

from biobank.core import moments
from biobank.core.database import DatabaseUnavailable, reading, writing
from biobank.destruction.choices import Ceremony
from biobank.participants import own_names
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.models import Participant
from biobank.participants.own_names import OwnNameWritten
from biobank.participants.queries import participant_named, standing
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.deaths import record_death
from biobank.withdrawals.inputs import DeathTold, Decision
from biobank.withdrawals.operations import withdraw
from tests.identity.conftest import CLINIC, IDENTITY, OFFICER, ledger_accesses, vault_accesses
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


def many(work):
    """Codes of a freezer's worth of people; the vault knows one of them."""
    others = [f"A5{number:08}" for number in range(600)]
    now = moments.now()
    work.session.add_all(Participant(code=code, created_at=now, created_by="x") for code in others)
    work.flush()
    return sorted([*others, PARTICIPANT])


@pytest.mark.parametrize(
    "text",
    [
        "Testa Participant called",
        "it was PARTICIPANT-ÑANDÚ, TESTA",
        "mari\u0301a de la nandu said so",
        "asked by Maria Nandu",
    ],
)
def test_of_many_people_one_is_found_by_a_whole_name_in_one_question(inside, text):
    with pytest.raises(OwnNameWritten, match="^reason holds the name") as refusal, writing() as work:
        own_names.own_names_are_not_in(work, OFFICER, many(work), text, "reason")
    assert text not in str(refusal.value)
    (told,) = [each for each in ledger_accesses() if each["access_kind"] == "own_name"]
    assert (told["participant"], told["answer"]) == (PARTICIPANT, "yes")


@pytest.mark.parametrize("text", ["Testa alone is a word", "a participant of the study", "Testa, then Ñandú"])
def test_a_word_of_one_of_many_names_stands_in_ordinary_sentences(inside, text):
    with writing() as work:
        own_names.own_names_are_not_in(work, OFFICER, many(work), text, "reason")
    told = [each for each in ledger_accesses() if each["access_kind"] == "own_name"]
    assert [(each["participant"], each["answer"]) for each in told] == [(None, "no")]
    assert [each.answer for each in vault_accesses()][-1] == "no"


def test_a_name_known_under_a_code_that_was_linked_is_found_among_many(inside):
    with writing() as work:
        others = [code for code in many(work) if code != PARTICIPANT]
        work.session.get_one(Participant, PARTICIPANT).linked_to = others[7]
        work.flush()
        with pytest.raises(OwnNameWritten):
            own_names.own_names_are_not_in(work, OFFICER, others, "Testa Nandu", "reason")


def test_where_the_vault_knows_nobody_of_many_nothing_is_written_down(inside):
    with writing() as work:
        strangers = [code for code in many(work) if code != PARTICIPANT]
        own_names.own_names_are_not_in(work, OFFICER, strangers, "Testa Nandu", "reason")
    assert [each for each in ledger_accesses() if each["access_kind"] == "own_name"] == []
