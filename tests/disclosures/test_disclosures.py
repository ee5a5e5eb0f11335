"""What leaves about somebody: exactly what was approved, on a ground that stands, and they are told of it."""

from datetime import date, timedelta

import pytest

from biobank.access.checks import PermissionMissing, RecordChanged
from biobank.core import moments
from biobank.core.codes import NotACode
from biobank.core.database import reading, writing
from biobank.core.days import DayRefused
from biobank.core.personal_shapes import NamesSomebody
from biobank.disclosures import checks, operations
from biobank.disclosures.choices import Basis, DemandDecision, DemandKind, NotYetBecause, ToldHow
from biobank.disclosures.handing_out import contents, hand_out
from biobank.disclosures.inputs import DecidedDemand, NewDemand, NewDisclosure, NotToldYet, ToldOfIt
from biobank.disclosures.queries import (
    decisions_on,
    demand_numbered,
    disclosure_numbered,
    disclosures_of,
    not_told_yet,
    to_tell_today,
    undecided_demands,
)
from biobank.disclosures.records import demand_record, disclosure_record
from biobank.disclosures.replay import disclosure_findings
from biobank.identity.checks import IdentityClosed
from biobank.identity.grounds import GroundMissing
from biobank.identity.inputs import Asked
from biobank.identity.operations import record_read
from biobank.ledger.queries import entries_of
from biobank.messages.queries import message_about
from biobank.participants.own_names import OwnNameWritten
from tests.disclosures.conftest import FIRST, SECOND
from tests.identity.conftest import IDENTITY, vault_accesses
from tests.programme import PARTICIPANT

ABSURD = (date(1, 1, 1), date(1989, 12, 31), date(2199, 1, 1), date(9999, 12, 31))


def today():
    return moments.now().date()


def demanded(desk, fields=("given_name", "family_name", "phone"), **more):
    told = {
        "reference": "CASE-12", "kind": DemandKind.SUBPOENA, "demanded_by": "COURT-1", "received_on": today(),
        "participants": (PARTICIPANT,), "fields": fields,
    }  # fmt: skip
    return desk.do(operations.record_demand, NewDemand(**(told | more)), by=desk.first).id


def decided(desk, number, decision=DemandDecision.IN_PART, fields=("given_name",), *, who=FIRST, **more):
    with reading() as work:
        demand = demand_numbered(work, number)
        sha256 = demand_record(demand, decisions_on(work, demand))[1]
    cited = decision is DemandDecision.REFUSED
    told = {
        "reason": "Heard with counsel.",
        "certificate_cited": cited,
        "certificate": "CC-2026-9" if cited else None,
    }
    answer = DecidedDemand(decision=decision, fields=fields, **(told | more))
    return desk.do(operations.decide_demand, number, answer, desk.signing(who, sha256), by=desk.first)


def opened(desk, fields=("given_name", "phone"), basis=Basis.REPORT_REQUIRED, demand=None, **more):
    told = {"participant": PARTICIPANT, "receiver": "HEALTH-DEPT", "purpose": "Report of a finding", **more}
    new = NewDisclosure(basis=basis, fields=fields, demand=demand, **told)
    return desk.do(operations.open_disclosure, new, by=desk.first).id


def approved(desk, number, who=SECOND):
    with reading() as work:
        sha256 = disclosure_record(disclosure_numbered(work, number))[1]
    return desk.do(operations.approve_disclosure, number, desk.signing(who, sha256), by=desk.first)


def handed_out(desk, number, by=None):
    made = desk.do(hand_out, number, by=by or desk.officer)
    with reading() as work:
        return contents(work, made)


def clean():
    with reading() as work:
        assert list(disclosure_findings(work)) == []


def test_exactly_the_approved_fields_leave_once_and_each_step_is_written_down(desk):
    number = opened(desk, ("given_name", "phone", "participant_code"))
    with pytest.raises(checks.NotPossibleNow, match="waits for its approval"):
        handed_out(desk, number)
    with pytest.raises(checks.OwnDisclosure):
        approved(desk, number, who=FIRST)
    with pytest.raises(PermissionMissing):
        approved(desk, number, who="ident.here")
    approved(desk, number)
    with pytest.raises(IdentityClosed):  # compliance does not read who takes part
        handed_out(desk, number, by=desk.first)
    told = handed_out(desk, number)
    assert told == {
        "given_name": IDENTITY.given_name, "phone": IDENTITY.phone, "participant_code": PARTICIPANT,
    }  # fmt: skip
    look = vault_accesses()[-1]
    assert (look.reason, look.document, look.fields) == ("disclosure", f"D-{number}", "given_name,phone")
    with pytest.raises(checks.NotPossibleNow, match="was handed out already"):
        handed_out(desk, number)
    with reading() as work:
        changes = [entry.event["change"] for entry in entries_of(work, f"disclosure:{number}")]
        log = str([entry.event for entry in entries_of(work, f"disclosure:{number}")])
        assert [each.id for each in disclosures_of(work, PARTICIPANT)] == [number]
    assert changes == ["opened", "approved", "handed_out"]
    assert IDENTITY.given_name not in log
    clean()


def test_nobody_reads_the_vault_for_a_disclosure_that_nobody_approved(desk):
    number = opened(desk)
    for document in (f"D-{number}", "D-99", "letter 7", None):
        with pytest.raises(GroundMissing):
            asked = Asked(reason="disclosure", document=document)
            desk.do(record_read, desk.officer, PARTICIPANT, asked, frozenset({"phone"}))
    approved(desk, number)
    with pytest.raises(GroundMissing):  # nor for more than was approved
        desk.do(record_read, desk.officer, PARTICIPANT, Asked(reason="disclosure", document=f"D-{number}"))


def test_nothing_leaves_under_a_demand_before_compliance_decided_and_only_what_it_let_out(desk):
    demand = demanded(desk)
    with reading() as work:
        assert [each.id for each in undecided_demands(work)] == [demand]
    with pytest.raises(checks.DemandNotDecided, match="has not decided"):
        opened(desk, ("given_name",), Basis.LEGAL_DEMAND, demand)
    with pytest.raises(GroundMissing):
        asked = Asked(reason="legal_demand", document="CASE-12")
        desk.do(record_read, desk.officer, PARTICIPANT, asked, frozenset({"given_name"}))
    decided(desk, demand)
    with pytest.raises(checks.DemandNotDecided, match="does not let phone out"):
        opened(desk, ("phone",), Basis.LEGAL_DEMAND, demand)
    number = opened(desk, ("given_name",), Basis.LEGAL_DEMAND, demand)
    approved(desk, number)
    assert handed_out(desk, number) == {"given_name": IDENTITY.given_name}
    assert vault_accesses()[-1].reason == "legal_demand"
    clean()


def test_a_refusal_names_the_certificate_and_stops_what_was_let_out_before(desk):
    demand = demanded(desk)
    decided(desk, demand)
    number = opened(desk, ("given_name",), Basis.LEGAL_DEMAND, demand)
    approved(desk, number)
    refused = decided(desk, demand, DemandDecision.REFUSED, ())
    assert (refused.certificate_cited, refused.certificate) == (True, "CC-2026-9")
    with pytest.raises(checks.DemandNotDecided, match="is refused"):
        handed_out(desk, number)
    for wrong in (
        {"decision": DemandDecision.REFUSED, "fields": ("given_name",)},
        {"decision": DemandDecision.COMPLIED, "fields": ("email",)},
        {"decision": DemandDecision.COMPLIED, "fields": ()},
        {"certificate_cited": True, "certificate": None},
    ):
        with pytest.raises((checks.DemandRefused, checks.DisclosureRefused)):
            decided(desk, demand, **wrong)
    with pytest.raises(PermissionMissing):
        decided(desk, demand, who="ident.here")
    clean()


def test_a_demand_is_recorded_once_and_names_nobody(desk):
    demanded(desk)
    with pytest.raises(checks.DemandKnown):
        demanded(desk)
    for wrong in (
        {"reference": "CASE-13", "participants": ()},
        {"reference": "a case"},
        {"reference": "CASE-13", "received_on": today() + timedelta(days=2)},
        {"reference": "CASE-13", "answer_by": today() - timedelta(days=2)},
        *({"reference": "CASE-13", "received_on": day} for day in ABSURD),
        *({"reference": "CASE-13", "answer_by": day} for day in ABSURD),
        {"reference": "CASE-13", "fields": ("health",)},
    ):
        with pytest.raises((checks.DemandRefused, checks.DisclosureRefused, DayRefused, NotACode)):
            demanded(desk, **wrong)
    with pytest.raises(NamesSomebody):
        opened(desk, purpose="call 312-555-0142")
    with pytest.raises(OwnNameWritten):
        opened(desk, purpose=f"about {IDENTITY.given_name}")
    number = demanded(desk, reference="CASE-14")
    with pytest.raises(OwnNameWritten, match="^certificate holds a word of the participant's own name"):
        certificate = f"CC-{IDENTITY.given_name.split()[0]}-1"
        decided(desk, number, DemandDecision.REFUSED, (), certificate=certificate)


def test_whom_nobody_told_yet_is_a_pile_with_reasons_until_they_are(desk):
    number = opened(desk)
    with pytest.raises(checks.NotPossibleNow):
        desk.do(operations.tell_by_message, number, by=desk.first)
    approved(desk, number)
    handed_out(desk, number)
    with reading() as work:
        assert [each.id for each in to_tell_today(work)] == [number]
    for day in ABSURD:
        with pytest.raises(DayRefused, match=f"^The year of {day} cannot be; give one from 1990 to 20"):
            never = NotToldYet(because=NotYetBecause.FORBIDDEN_BY_COURT, look_again_on=day)
            desk.do(operations.note_not_told, number, never, by=desk.first)
        with pytest.raises(DayRefused):
            desk.do(operations.note_told, number, ToldOfIt(how=ToldHow.PHONE, on=day), by=desk.first)
    later = NotToldYet(because=NotYetBecause.FORBIDDEN_BY_COURT, look_again_on=today() + timedelta(days=30))
    desk.do(operations.note_not_told, number, later, by=desk.first)
    with reading() as work:
        assert to_tell_today(work) == []
        assert [(each.id, note.because) for each, note in not_told_yet(work)] == [
            (number, "forbidden_by_court")
        ]
    desk.do(operations.tell_by_message, number, by=desk.first)
    with reading() as work:
        assert not_told_yet(work) == []
        message = message_about(work, f"disclosure:{number}")
    assert (message.template, message.addressee, message.state) == ("disclosure_told", PARTICIPANT, "queued")
    with pytest.raises(checks.NotPossibleNow, match="told of disclosure"):
        desk.do(operations.note_told, number, ToldOfIt(how=ToldHow.PHONE, on=today()), by=desk.first)
    clean()


def test_a_disclosure_that_is_given_up_never_leaves(desk):
    number = opened(desk)
    approved(desk, number)
    desk.do(operations.drop_disclosure, number, by=desk.first)
    with pytest.raises(checks.NotPossibleNow, match="was given up"):
        handed_out(desk, number)
    clean()


def test_what_is_signed_is_what_was_shown(desk):
    number = opened(desk)
    with pytest.raises(RecordChanged):
        desk.do(operations.approve_disclosure, number, desk.signing(SECOND, "0" * 64), by=desk.first)


def test_who_handed_out_cannot_be_changed_unseen(desk):
    number = opened(desk)
    approved(desk, number)
    handed_out(desk, number)
    with writing() as work:
        disclosure_numbered(work, number).made_by = SECOND
    with reading() as work:
        [found] = disclosure_findings(work)
    assert f"handed_out by {SECOND}, not ident.here" in str(found)
