"""A vault of the same kind of database as the samples, a participant in both, and people who may look."""

from datetime import date

import pytest

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core.database import reading, writing
from biobank.identity.choices import Reason
from biobank.identity.inputs import Asked, Identity, Said
from biobank.identity.operations import enter_identity
from tests.programme import PARTICIPANT

IDENTITY = Identity(
    programme_participant="P900000417",
    given_name="Testa María",
    family_name="Participant-Ñandú",
    birth_date=date(1984, 5, 31),
    email="testa.invented@example.org",
    phone="+1 555 010 0417",
    postal_address="417 Invented Lane\nNowhere, TX 00000",
    language="es",
)
SAID = Said(given_name="Testa María", family_name="Participant-Ñandú", birth_date=date(1984, 5, 31))
OTHER = Said(given_name="Testa", family_name="Somebody-Else", birth_date=date(1984, 5, 31))
PLAIN = [text.encode() for text in IDENTITY.texts().values() if len(text) > 2]
OFFICER = Actor("ident.here", "Testa Officer", frozenset({(Role.IDENTITY, None)}))
COMPLIANCE = Actor("comp.here", "Testa Compliance", frozenset({(Role.COMPLIANCE, None)}))
CLINIC = Actor("clinic.here", "Testa Clinic", frozenset({(Role.CLINIC, "clinic-1")}), by_badge=True)
ENROLLED = Asked(reason=Reason.ENROLMENT)
CALLS = Asked(reason=Reason.CALLER, document="call 7")
VISIT = Asked(reason=Reason.VISIT)


@pytest.fixture
def settled(programme, vault_on_the_same_kind):
    """The small programme; its participant is in the vault."""
    with programme.app.app_context(), writing() as work:
        enter_identity(work, OFFICER, PARTICIPANT, IDENTITY, ENROLLED)
    return programme


@pytest.fixture
def inside(settled):
    with settled.app.app_context():
        yield settled


def ledger_accesses():
    """What the ledger says of looks into the vault, oldest first."""
    import orjson
    from sqlalchemy import select

    from biobank.ledger.models import LedgerEntry

    with reading() as work:
        question = (
            select(LedgerEntry.body).where(LedgerEntry.kind == "identity_access").order_by(LedgerEntry.id)
        )
        return [orjson.loads(body) for body in work.session.scalars(question)]


def vault_accesses():
    from sqlalchemy import select

    from biobank.identity.models import VaultAccess
    from biobank.identity.vault import vault_reading

    with vault_reading() as vault:
        rows = vault.session.scalars(select(VaultAccess).order_by(VaultAccess.id)).all()
        vault.session.expunge_all()
    return rows
