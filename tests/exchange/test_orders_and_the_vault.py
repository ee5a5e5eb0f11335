"""An order names its participant by the programme's own id: the vault knows whose that is, and says it once."""

import json

import pytest

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.custody.queries import item_by_id
from biobank.exchange.models import ImportedOrderNote
from biobank.identity.accesses import ENTRY
from biobank.identity.choices import Reason
from biobank.identity.inputs import Asked
from biobank.identity.operations import enter_identity
from biobank.ledger.replaying import events_of_kind
from biobank.participants.models import Participant
from biobank.participants.operations import register_participant
from biobank.sites.operations import add_site
from biobank.wiring import install_rules
from tests.exchange.test_order_import import LEAD, import_one, order
from tests.identity.conftest import IDENTITY

OFFICER = Actor("ident.ida", "Ida", frozenset({(Role.IDENTITY, None)}))
CODE, PROGRAMME_ID = "A100000001", "P900000417"


@pytest.fixture
def known(work, vault_on_the_same_kind):
    install_rules()
    add_site(work, by="setup", code="biobank-1", name="Biobank", kind="biobank", zone="America/Chicago")
    register_participant(work, LEAD, code=CODE, pattern="[A-Z][0-9]{9}", site="biobank-1")
    enter_identity(work, OFFICER, CODE, IDENTITY, Asked(reason=Reason.ENROLMENT))
    return work


def test_an_order_is_of_whom_the_vault_knows_and_its_notes_lose_their_name(known):
    notes = {"collected": "Testa María fainted", "processed": "spun late"}
    document = order(subject=f"Patient/{PROGRAMME_ID}", notes=notes)
    found = import_one(known, document)
    kit = item_by_id(known, found.kit_id)
    assert kit.participant == CODE
    assert known.session.get(Participant, CODE).programme_hash is None
    assert {each.about: each.text for each in known.session.query(ImportedOrderNote)} == {
        "collected": "[removed]",
        "processed": "spun late",
    }
    assert import_one(known, document).unchanged
    told = [event["access_kind"] for _, event in events_of_kind(known, ENTRY)]
    assert told == ["enter", "find", "own_name", "own_name"]


def test_of_whom_the_vault_does_not_know_the_keyed_hash_is_kept(known):
    found = import_one(known, order(subject="Patient/P900000021"))
    participant = known.session.get(Participant, item_by_id(known, found.kit_id).participant)
    assert participant.provisional
    assert participant.programme_hash
    assert "P900000021" not in json.dumps(participant.programme_hash)
