"""What is handed out of a disclosure: its very fields, read once that they are is written down everywhere."""

from dataclasses import dataclass
from typing import Any

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.moments import to_text
from biobank.destruction.queries import specimens_of_person
from biobank.disclosures.choices import Basis, OwnField, listed
from biobank.disclosures.models import Disclosure
from biobank.disclosures.operations import note_made
from biobank.disclosures.queries import PREFIX
from biobank.identity.accesses import Access
from biobank.identity.choices import IdentityField, Reason
from biobank.identity.inputs import Asked
from biobank.identity.operations import read_identity, record_read
from biobank.participants.queries import consents_of, participant_named


@dataclass(frozen=True)
class HandedOut:
    """A disclosure that was written down as made; `look` lets its fields of the vault be read."""

    number: int
    participant: str
    fields: tuple[str, ...]
    look: Access | None


def hand_out(work: Work, number: int, *, by: Actor) -> HandedOut:
    """Write it down, once; `contents` gives what leaves after that was kept.

    Fields of the vault are read by who may read that participant's identity now. Raises `DisclosureUnknown`,
    `NotPossibleNow`, `DemandNotDecided`, `IdentityClosed`, `IdentityNotKnown`.
    """
    disclosure = note_made(work, number, by=by)
    code = participant_named(work, disclosure.participant).code
    fields = listed(disclosure.fields)
    of_the_vault = frozenset(IdentityField(each) for each in fields if each in set(IdentityField))
    asked = Asked(reason=_reason(disclosure), document=f"{PREFIX}{number}")
    look = record_read(work, by, code, asked, of_the_vault) if of_the_vault else None
    return HandedOut(number, code, tuple(fields), look)


def _reason(disclosure: Disclosure) -> Reason:
    return Reason.LEGAL_DEMAND if disclosure.basis == Basis.LEGAL_DEMAND else Reason.DISCLOSURE


def contents(work: Work, made: HandedOut) -> dict[str, Any]:
    """The fields by name. `work` is a later transaction than the one that wrote it down.

    Raises `AccessNotRecorded` unless vault and ledger keep the look, `FieldDamaged`.
    """
    texts = read_identity(work, made.look).texts() if made.look else {}
    told: dict[str, Any] = {name.value: text for name, text in texts.items()}
    if OwnField.PARTICIPANT_CODE in made.fields:
        told[OwnField.PARTICIPANT_CODE.value] = made.participant
    if OwnField.SAMPLES in made.fields:
        told[OwnField.SAMPLES.value] = _samples(work, made.participant)
    if OwnField.CONSENTS in made.fields:
        told[OwnField.CONSENTS.value] = _consents(work, made.participant)
    return told


def _samples(work: Work, code: str) -> list[dict[str, Any]]:
    return [
        {"item": item.identifier, "kind": item.kind, "state": item.state}
        for item in specimens_of_person(work, code)
    ]


def _consents(work: Work, code: str) -> list[dict[str, Any]]:
    return [
        {
            "form_version": consent.form_version,
            "covers": sorted(consent.covers),
            "effective_at": to_text(consent.effective_at),
        }
        for consent in consents_of(work, code)
    ]
