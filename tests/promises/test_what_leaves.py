"""What participants were promised of what leaves about them, and of what somebody may have seen."""

import pytest

from biobank.core.database import reading
from biobank.disclosures import checks
from biobank.disclosures.breaches import report_breach, tell_people
from biobank.disclosures.choices import Basis, DemandDecision
from biobank.disclosures.queries import (
    breach_numbered,
    disclosure_numbered,
    message_to,
    not_told_yet,
    people_of,
)
from biobank.identity.grounds import GroundMissing
from biobank.identity.inputs import Asked
from biobank.identity.operations import record_read
from biobank.ledger.queries import entries_of
from biobank.messages.words import text_of
from tests.disclosures.conftest import desk, settled
from tests.disclosures.test_breaches import breach, look
from tests.disclosures.test_disclosures import approved, decided, demanded, handed_out, opened
from tests.identity.conftest import IDENTITY
from tests.programme import PARTICIPANT

__all__ = ["desk", "settled"]


def test_p17_as_little_as_possible_is_given_out_and_its_participant_is_told(desk):
    """If we have to give out your information we will give out as little as possible and do our best to tell
    you."""
    number = opened(desk, ("phone",))
    approved(desk, number)
    assert handed_out(desk, number) == {"phone": IDENTITY.phone}
    with reading() as work:
        kept = disclosure_numbered(work, number)
        assert (kept.basis, kept.fields, kept.receiver) == ("report_required", "phone", "HEALTH-DEPT")
        assert (kept.opened_by, kept.approved_by, kept.made_by) == (
            "comp.here",
            "comp.elsewhere",
            "ident.here",
        )
        assert [each.id for each, why in not_told_yet(work) if why is None] == [number]


def test_p18_legal_demands_are_fought_and_nothing_leaves_until_compliance_decided(desk):
    """Certificates of Confidentiality help us fight legal demands."""
    demand = demanded(desk)
    asked = Asked(reason="legal_demand", document="CASE-12")
    with pytest.raises(checks.DemandNotDecided):
        opened(desk, ("given_name",), Basis.LEGAL_DEMAND, demand)
    with pytest.raises(GroundMissing):
        desk.do(record_read, desk.officer, PARTICIPANT, asked, frozenset({"given_name"}))
    decided(desk, demand, DemandDecision.REFUSED, ())
    with pytest.raises(checks.DemandNotDecided, match="is refused"):
        opened(desk, ("given_name",), Basis.LEGAL_DEMAND, demand)
    with reading() as work:
        told = entries_of(work, f"legal_demand:{demand}")[-1].event
    assert (told["decision"], told["certificate_cited"], told["certificate"]) == (
        "refused",
        True,
        "CC-2026-9",
    )
    assert told["signature"].startswith("signature:")


def test_p19_after_a_breach_everybody_is_told_what_was_seen_and_what_they_can_do(desk):
    """If a breach is a risk to your privacy, we will tell you what was exposed and share steps you can take."""
    look(desk, fields=frozenset({"phone"}))
    number = desk.do(report_breach, breach(), by=desk.first).id
    desk.do(tell_people, number, by=desk.first)
    with reading() as work:
        [person] = people_of(work, breach_numbered(work, number))
        message = message_to(work, person)
        said = text_of(message, work.settings, "en", for_another=False).body
    assert (person.participant, "phone" in person.shown) == (PARTICIPANT, True)
    assert "They may have seen how you can be reached." in said
    assert "What you can do: be careful with calls and letters in our name." in said
    assert message.queued_at is not None
