"""The one invented person of the demonstration, as the identity vault knows her."""

from dataclasses import replace
from datetime import date

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.identity.choices import Reason
from biobank.identity.inputs import Asked, Identity, Said
from biobank.identity.operations import check_identity, enter_identity

BORN = date(1984, 5, 31)
TESTA = Identity(
    given_name="Testa",
    family_name="Participant",
    birth_date=BORN,
    email="testa.participant@example.org",
    phone="+1 555 010 0002",
    postal_address="2 Invented Lane\nNowhere, TX 00000",
    language="en",
)
"""Plainly nobody; whoever sits in the demonstration's chair says this name and birth date."""
SAID = Said(given_name="testa", family_name="PARTICIPANT", birth_date=BORN)


def enter_testa(work: Work, code: str, *, by: Actor) -> None:
    """Under a code, with the id of the programme that goes with it."""
    identity = replace(TESTA, programme_participant=f"P{code[1:]}")
    enter_identity(work, by, code, identity, Asked(reason=Reason.ENROLMENT, document="demo form"))


def is_testa(work: Work, code: str, *, by: Actor, born: date = BORN) -> bool:
    """What the clinic asks of the person in the chair."""
    return check_identity(work, by, code, replace(SAID, birth_date=born), Asked(reason=Reason.VISIT))


def name_kept_apart(work: Work, code: str, *, officer: Actor, clinic: Actor) -> str:
    """A scene of the story, in its words; whose name it is stands in the vault alone."""
    enter_testa(work, code, by=officer)
    words = {True: "matches", False: "does not match"}
    right, wrong = (is_testa(work, code, by=clinic, born=BORN.replace(day=day)) for day in (BORN.day, 13))
    return (
        f"An identity officer enters into the vault who {code} is. The clinic asks for name and birth date: "
        f"{words[right]}; with another day: {words[wrong]}. Each look is written down."
    )
