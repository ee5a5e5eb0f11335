"""What ends outside: at a contract lab, with researchers, with a family or tribe, in a contractor's container."""

import io
import json
from dataclasses import replace
from datetime import date, timedelta

import pypdf
import pytest

from biobank.access.actors import SETTING_UP
from biobank.access.checks import PermissionMissing, RecordChanged
from biobank.access.operations import disable, withdraw_role
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.errors import DomainError
from biobank.custodians.choices import RefusedBecause, Wanted
from biobank.custodians.models import Attestation
from biobank.custody.checks import NotYourStep, StepRefused
from biobank.custody.states import Action, State
from biobank.destruction import attestation_checks as checks
from biobank.destruction import attesting, batches, contractors
from biobank.destruction.checks import OnlyCompliance, OnlyWithItsBatch
from biobank.destruction.choices import Method
from biobank.destruction.holder_answers import holder_answered
from biobank.destruction.outside import containers_outside, outside_of_orders
from biobank.destruction.queries import certificate_of, lines_of, progress, stage
from biobank.destruction.report_files import ReportRefused
from biobank.distribution.choices import HolderAnswer
from biobank.distribution.inputs import HolderTold
from biobank.distribution.operations import ask_holder
from biobank.items.identifiers import printed
from biobank.participants import own_names
from biobank.participants.queries import participant_named
from biobank.replays import REPLAYS
from biobank.web.waiting_lists import lists_of
from biobank.withdrawals.checks import TooLate
from biobank.withdrawals.reversing import shown_for_reversal
from tests.floor import CODE
from tests.outside import BURNER, LAB
from tests.studies import approved, hand_over, shares
from tests.withdrawals.test_later import mistaken


def findings(outside):
    outside.work.flush()
    return [finding for replay in REPLAYS for finding in replay(outside.work)]


def text_of(certificate):
    pages = pypdf.PdfReader(io.BytesIO(certificate.pdf)).pages
    return " ".join("".join(page.extract_text() for page in pages).split())


def given_back(outside, item):
    told = {"given_to": "tribe", "receiver": "TRIBE-7"}
    return outside.step(item, Action.GIVE_BACK, outside.lead, details=told)


def line_of(outside, item):
    number = outside.now(item).id
    return next(line for line in lines_of(outside.work, outside.order()) if line.item_id == number)


def test_an_order_with_an_end_of_each_kind_closes_and_its_certificate_says_each(outside):
    outside.window(0)
    tubes = list(outside.received().values())
    attested, reported, back, stored, *rest = tubes
    travelling = outside.collected("urine-1")["1UR10"]
    outside.step(stored, Action.STORE, place=outside.box(), position="A1")
    for item in (attested, reported):
        outside.send_out(item)
    outside.decide()
    given_back(outside, back)
    order = outside.order()
    asked = attesting.ask_custodian(outside.work, outside.compliance, [attested, reported], Wanted.DESTROY)
    assert {each.custodian for each in asked} == {LAB}
    word = outside.attest(attested)
    assert progress(outside.work, order)["open"] == len(tubes), "its word alone ends nothing"
    outside.accept(word)
    file = outside.report(outside.told_row(reported))
    attesting.refuse_attestation(outside.work, outside.compliance, file.id, RefusedBecause.METHOD_NOT_AGREED)
    assert line_of(outside, reported).outcome is None
    alerts = outside.step(reported, Action.RETURN).alerts
    assert any("put it in waste now" in alert.text for alert in alerts)
    outside.step(travelling, Action.RECEIVE)
    outside.destroy(reported, stored, travelling, *rest)
    assert outside.confirm(order).returned == {}
    assert progress(outside.work, order) == {
        "destroyed": len(rest) + 3, "destroyed_by_custodian": 1, "given_back": 1,
    }  # fmt: skip
    certificate = certificate_of(outside.work, order)
    text = text_of(certificate)
    assert f"{len(rest) + 3} were destroyed before a witness." in text
    assert "1 was destroyed by its custodian, as a document attests." in text
    assert "1 was not destroyed under this order" in text
    assert "Invented LAB-1 (LAB-1)" in text
    assert "attested; document DOC-2026-9, signed by its quality manager, accepted by Testa comp.cora" in text
    assert "It was given back for good to the tribe (code TRIBE-7)." in text
    record = json.loads(certificate.record)["order_record"]
    said = next(line for line in record["lines"] if line["item"] == attested)
    assert said["custodian"]["destroyed_on"] == outside.today().isoformat()
    assert (said["grade"], said["occurred_at"]) == ("attested", None)
    assert findings(outside) == []


def test_what_a_file_reports_and_compliance_accepts_is_reported_and_no_more(outside):
    tube = outside.tube_to_destroy()
    outside.accept(outside.report(outside.told_row(tube)))
    line = line_of(outside, tube)
    assert (line.outcome, line.grade) == ("reported_by_file", "reported")
    assert outside.row(tube).state == State.DESTROYED
    outside.confirm(outside.order())
    text = text_of(certificate_of(outside.work, outside.order()))
    assert "reported; line 2 of file FILE-3, accepted by Testa comp.cora" in text
    assert "1 was destroyed by its custodian, as a file reports. Nothing of this order is left." in text


def test_what_waits_for_acceptance_is_announced_to_those_of_its_sites(outside):
    tube = outside.tube_to_destroy()
    attestation = outside.attest(tube)
    elsewhere = replace(outside.compliance, grants=frozenset({(Role.COMPLIANCE, "biobank-9")}))
    [announced] = [each for each in lists_of(outside.compliance) if "attested" in each.label]
    assert (announced.url, announced.tone) == ("/custodians/outside", "wait")
    assert announced.count(outside.work, outside.compliance) == 1
    assert announced.count(outside.work, elsewhere) == 0
    outside.accept(attestation)
    assert announced.count(outside.work, outside.compliance) == 0


def test_a_piece_that_was_attested_and_turns_up_puts_the_certificate_in_question(outside):
    outside.window(0)
    tube, other = outside.tube(), outside.tube()
    for item in (tube, other):
        outside.send_out(item)
    outside.decide()
    outside.accept(outside.attest(tube, other))
    outside.confirm(outside.order())
    alerts = outside.step(tube, Action.RECEIVE).alerts
    assert any(
        f"ask them at once about the others that they named: {printed(other)}" in a.text for a in alerts
    )
    assert stage(outside.order()) == "reopened"
    assert outside.order().in_question == "A piece that was called destroyed was found."
    assert "false_destruction" in outside.cases(tube)


def test_a_sent_out_specimen_is_ours_its_holds_stand_and_it_comes_back(outside):
    tube = outside.tube()
    sent = outside.send_out(tube)
    assert (sent.item.state, sent.item.custodian, sent.item.sent_to) == (
        "sent_out",
        "custodian:LAB-1",
        "biobank-1",
    )
    assert (sent.item.container_id, sent.item.place_unknown_since) == (None, None)
    outside.decide()
    assert outside.holds(tube) == {"withdrawal"}
    box = outside.box()
    here = outside.step(tube, Action.RETURN, place=box, position="B2")
    assert (here.item.state, here.item.custodian, here.item.sent_to) == ("received", "site:biobank-1", None)
    with pytest.raises(StepRefused, match="withdrawal"):
        outside.send_out(tube)
    assert findings(outside) == []


def test_nobody_sends_out_under_a_hold_but_to_be_disposed_of_and_only_when_ordered(outside):
    tube = outside.tube()
    with pytest.raises(DomainError, match="disposes of things and does nothing else"):
        outside.send_out(tube, BURNER)
    with pytest.raises(DomainError, match="on no destruction order"):
        outside.send_out(tube, BURNER, "disposal")
    outside.window(7)
    outside.decide()
    with pytest.raises(DomainError, match="the hold window ends"):
        outside.send_out(tube, BURNER, "disposal")
    outside.order().hold_until = outside.order().opened_at
    assert outside.send_out(tube, BURNER, "disposal").item.state is State.SENT_OUT


def test_who_may_accept_what(outside):
    tube = outside.tube_to_destroy()
    word = outside.attest(tube, by=outside.compliance)
    with pytest.raises(PermissionMissing):
        outside.accept(word, who="bio.lea")
    with pytest.raises(checks.OwnAttestation, match="somebody else of compliance"):
        outside.accept(word, who="comp.cleo")
    with pytest.raises(RecordChanged):
        outside.accept(word, shown="0" * 64)
    with pytest.raises(checks.OtherDocument):
        outside.accept(word, document_sha256="0" * 64)
    with pytest.raises(OnlyCompliance):
        attesting.refuse_attestation(outside.work, outside.lead, word.id, RefusedBecause.NOT_SIGNED)
    assert outside.row(tube).state == State.SENT_OUT
    outside.accept(word, document_sha256=word.document_sha256)
    with pytest.raises(checks.AttestationEnded, match="accepted by comp.cora already"):
        outside.accept(word)
    with pytest.raises(checks.AttestationEnded):
        attesting.refuse_attestation(outside.work, outside.compliance, word.id, RefusedBecause.NOT_SIGNED)


def test_no_scan_calls_a_piece_destroyed_outside(outside):
    tube = outside.tube_to_destroy()
    with pytest.raises(NotYourStep):
        outside.step(tube, Action.ACCEPT_ATTESTATION, outside.lead)
    with pytest.raises(checks.OnlyByItsAttestation):
        outside.step(
            tube, Action.ACCEPT_ATTESTATION, outside.compliance, details={"attestation": "attestation:1"}
        )
    outside.attest(tube)
    with pytest.raises(checks.OnlyByItsAttestation):
        outside.step(
            tube, Action.ACCEPT_ATTESTATION, outside.compliance, details={"attestation": "attestation:1"}
        )


def test_a_custodian_attests_for_what_it_has_of_an_order_and_for_nothing_else(outside, monkeypatch):
    outside.window(0)
    here, there, kept = outside.tube(), outside.tube(), outside.tube()
    outside.send_out(kept)
    with pytest.raises(checks.NotAttestable, match="on no destruction order"):
        outside.attest(kept)
    outside.send_out(there)
    outside.decide()
    with pytest.raises(checks.NotAttestable, match="received and not sent out"):
        outside.attest(here)
    with pytest.raises(checks.NotAttestable, match="is not at WASTE-1"):
        outside.attest(there, custodian=BURNER)
    with pytest.raises(checks.AttestationRefused, match="The year of 0026-05-01 cannot be"):
        outside.attest(there, on=date(26, 5, 1))
    with pytest.raises(checks.AttestationRefused, match="has not come yet"):
        outside.attest(there, on=outside.today(9))
    with pytest.raises(checks.NotAttestable, match="was sent out on"):
        outside.attest(there, on=outside.today(-9))
    with pytest.raises(checks.AttestationRefused, match="64 hexadecimal digits"):
        outside.attest(there, document=outside.document(sha256="1234"))
    told = [lambda _work, _by, code, text: (code, text) == (CODE, "DOC-TESTA")]
    monkeypatch.setattr(own_names, "_installed", told)
    for named in ({"document": outside.document(number="DOC-TESTA")}, {"reference": "DOC-TESTA"}):
        with pytest.raises(own_names.OwnNameWritten, match="^(document|reference) holds a word"):
            outside.attest(there, **named)
    outside.attest(there)
    with pytest.raises(checks.NotAttestable, match="waits for compliance"):
        outside.attest(there)
    assert outside.work.session.query(Attestation).count() == 1


def test_under_a_legal_hold_nothing_is_accepted_and_it_is_outside_all_the_same(outside):
    tube = outside.tube_to_destroy()
    word = outside.attest(tube)
    held = {"hold": "legal", "reason": "A court asks for it."}
    assert (
        outside.step(tube, Action.QUARANTINE, outside.compliance, details=held).item.state is State.SENT_OUT
    )
    with pytest.raises(StepRefused, match="legal"):
        outside.accept(word)
    aside = outside.step(tube, Action.QUARANTINE, place=outside.aside)
    assert (aside.item.state, aside.item.custodian) == (State.RECEIVED, "site:biobank-1")
    assert findings(outside) == []


def test_what_came_back_meanwhile_is_not_accepted(outside):
    tube = outside.tube_to_destroy()
    word = outside.attest(tube)
    outside.step(tube, Action.RETURN)
    with pytest.raises(checks.NotAttestable, match="received by now"):
        outside.accept(word)


def test_in_the_hold_window_a_custodian_is_asked_to_keep_it_and_its_word_waits(outside):
    outside.window(7)
    tube = outside.tube()
    outside.send_out(tube)
    outside.decide()
    with pytest.raises(checks.NotAttestable, match="keep it unused"):
        attesting.ask_custodian(outside.work, outside.compliance, [tube], Wanted.DESTROY)
    [each] = outside_of_orders(outside.work, outside.compliance)
    assert each.is_to_be_asked
    attesting.ask_custodian(outside.work, outside.compliance, [tube], Wanted.KEEP_UNUSED)
    [each] = outside_of_orders(outside.work, outside.compliance)
    assert not each.is_to_be_asked
    with pytest.raises(checks.NotAttestable, match="the hold window ends"):
        outside.accept(outside.attest(tube))
    outside.order().hold_until = outside.order().opened_at
    outside.work.flush()


def test_a_file_is_taken_whole_or_not_at_all_and_each_bad_row_has_its_sentence(outside):
    outside.window(0)
    good, here = outside.tube(), outside.tube()
    outside.send_out(good)
    outside.decide()
    rows = [
        outside.told_row(good),
        outside.told_row("T000000000000"),
        outside.told_row(here),
        outside.told_row(good),
        outside.told_row(good, date="20.11.2026"),
        outside.told_row(good, method="buried"),
        outside.told_row(good, reference=""),
        "just one cell",
    ]
    with pytest.raises(ReportRefused) as refused:
        outside.report(*rows)
    problems = refused.value.extra["problems"]
    assert [problem.partition(":")[0] for problem in problems] == [
        "Line 3, column code", "Line 4, column code", "Line 5, column code", "Line 6, column date",
        "Line 7, column method", "Line 8, column reference", "Line 9 has 1 columns and not 4.",
    ]  # fmt: skip
    assert "in line 2 already" in problems[2]
    with pytest.raises(ReportRefused, match="name the columns"):
        outside.report(outside.told_row(good), heading="barcode,date,method,reference")
    assert outside.work.session.query(Attestation).count() == 0


def test_a_container_of_a_contractor_is_destroyed_when_its_manifest_was_accepted(outside):
    outside.window(0)
    tube, other = outside.tube(), outside.tube()
    outside.decide()
    bag = outside.bag()
    outside.waste(bag, tube, other)
    way = {"method": Method.INCINERATION, "cycle": "C-9", "contractor": BURNER}
    with pytest.raises(contractors.ContractorRefused, match="number of the manifest"):
        outside.count(bag, 2, **way)
    with pytest.raises(contractors.ContractorRefused, match="no waste contractor"):
        outside.count(bag, 2, **(way | {"contractor": LAB, "manifest": "M-1"}))
    outside.count(bag, 2, **way, manifest="M-1")
    signed = outside.sign(bag, "performer", "bio.tess")
    assert "gave them to the contractor" in signed.meaning
    outside.sign(bag, "witness", "bio.theo")
    assert {outside.row(item).state for item in (tube, other)} == {State.IN_WASTE}
    with pytest.raises(OnlyWithItsBatch):
        outside.step(tube, Action.DESTROY)
    with pytest.raises(contractors.HandedOver):
        batches.undo_count(outside.work, outside.technician, bag)
    with pytest.raises(contractors.ManifestDiffers):
        attesting.receive_manifest(
            outside.work, outside.lead, bag, outside.document(), outside.destroyed(reference="M-2")
        )
    returned = attesting.receive_manifest(
        outside.work, outside.lead, bag, outside.document(),
        outside.destroyed(reference="M-1", method="incineration"),
    )  # fmt: skip
    assert progress(outside.work, outside.order()) == {"open": 2}
    outside.accept(returned)
    assert progress(outside.work, outside.order()) == {"destroyed": 2}
    assert line_of(outside, tube).grade == "attested"
    assert outside.confirm(outside.order()).returned == {}
    text = text_of(certificate_of(outside.work, outside.order()))
    assert "0 were destroyed before a witness. 2 were destroyed by a contractor" in text
    assert "manifest M-1, WASTE-1" in text
    assert findings(outside) == []


def handed_to_the_contractor(outside, *tubes):
    """A container that was sealed, signed for and taken."""
    bag = outside.bag()
    outside.waste(bag, *tubes)
    way = {"method": Method.INCINERATION, "cycle": "C-9", "contractor": BURNER, "manifest": "M-1"}
    outside.count(bag, len(tubes), **way)
    outside.sign(bag, "performer", "bio.tess")
    outside.sign(bag, "witness", "bio.theo")
    return bag


def manifest_returned(outside, bag):
    way = outside.destroyed(reference="M-1", method="incineration")
    return attesting.receive_manifest(outside.work, outside.lead, bag, outside.document(), way)


def test_a_manifest_is_accepted_also_when_who_sealed_the_container_left_since(outside):
    outside.window(0)
    tube = outside.tube()
    outside.decide()
    returned = manifest_returned(outside, handed_to_the_contractor(outside, tube))
    role = {"username": "bio.tess", "role": "biobank_technician", "site": "biobank-1"}
    withdraw_role(outside.work, SETTING_UP, **role)
    disable(outside.work, SETTING_UP, "bio.tess")
    outside.accept(returned)
    assert progress(outside.work, outside.order()) == {"destroyed": 1}


def test_of_a_container_nobody_accepts_a_piece_that_was_found_since(outside):
    outside.window(0)
    found, gone = outside.tube(), outside.tube()
    outside.decide()
    bag = handed_to_the_contractor(outside, found, gone)
    returned = manifest_returned(outside, bag)
    outside.step(found, Action.QUARANTINE, place=outside.aside, details={"reason": "under the bench"})
    with pytest.raises(contractors.ManifestDiffers, match="turned up since"):
        outside.accept(returned)
    attesting.refuse_attestation(outside.work, outside.compliance, returned.id, RefusedBecause.IT_CAME_BACK)
    outside.accept(manifest_returned(outside, bag))
    assert progress(outside.work, outside.order()) == {"open": 1, "destroyed": 1}


def test_a_container_of_which_everything_was_found_is_with_no_contractor(outside):
    outside.window(0)
    tube = outside.tube()
    outside.decide()
    bag = handed_to_the_contractor(outside, tube)
    outside.step(tube, Action.QUARANTINE, place=outside.aside, details={"reason": "under the bench"})
    assert containers_outside(outside.work) == []
    with pytest.raises(contractors.NotHandedOver, match="with no contractor"):
        manifest_returned(outside, bag)


def test_what_a_contractor_destroyed_for_another_is_an_incident(outside):
    outside.window(0)
    mine, swapped = outside.tube(), outside.tube()
    outside.decide()
    bag = handed_to_the_contractor(outside, mine, swapped)
    other = outside.participant("A600000001")
    linked = outside.step(swapped, Action.LINK, outside.lead, details={"participant": other})
    assert any("WASTE-1 has it" in alert.text for alert in linked.alerts)
    outside.accept(manifest_returned(outside, bag))
    assert outside.row(swapped).state == State.DESTROYED
    reported = ["destroyed_for_another" in outside.cases(tube) for tube in (mine, swapped)]
    assert reported == [False, True]
    assert progress(outside.work, outside.order()) == {"destroyed": 1, "linked_elsewhere": 1}
    assert findings(outside) == []


def test_what_a_contractor_destroyed_after_its_order_was_cancelled_is_an_incident(outside):
    outside.window(0)
    tube = outside.tube()
    decision = outside.decide()
    returned = manifest_returned(outside, handed_to_the_contractor(outside, tube))
    mistaken(outside, decision)
    outside.accept(returned)
    assert outside.row(tube).state == State.DESTROYED
    assert "destroyed_by_mistake" in outside.cases(tube)
    assert findings(outside) == []


def test_what_a_custodian_destroyed_on_a_mistaken_decision_is_an_incident(outside):
    outside.window(0)
    tube = outside.tube()
    outside.send_out(tube)
    decision = outside.decide()
    outside.accept(outside.attest(tube))
    order = outside.order()
    mistaken(outside, decision)
    assert "destroyed_by_mistake" in outside.cases(tube)
    assert (order.state, order.in_question is None) == ("cancelled", False)
    assert findings(outside) == []


def test_what_a_custodian_destroyed_is_not_given_back_by_a_reversal(outside):
    tube = outside.tube_to_destroy()
    outside.accept(outside.attest(tube))
    outside.order().hold_until = moments.now() + timedelta(days=1)
    outside.work.flush()
    with pytest.raises(TooLate, match="1 of the samples"):
        shown_for_reversal(outside.work, participant_named(outside.work, CODE))


def test_the_log_tells_who_changed_what_a_custodian_said(outside):
    tube = outside.tube_to_destroy()
    outside.accept(outside.attest(tube))
    assert findings(outside) == []
    with_triggers_off(outside, "attestations", "UPDATE attestations SET document = 'DOC-OTHER'")
    with_triggers_off(outside, "attested_pieces", "UPDATE attested_pieces SET method = 'chemical'")
    with_triggers_off(outside, "attestation_ends", "DELETE FROM attestation_ends")
    outside.work.session.expire_all()
    said = " ".join(finding.sentence for finding in findings(outside))
    assert "document" in said
    assert "pieces" in said
    assert "accepted" in said


def with_triggers_off(outside, table, statement):
    connection = outside.work.connection
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    else:
        found = connection.exec_driver_sql(
            f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"
        )
        for (name,) in found.fetchall():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    connection.exec_driver_sql(statement)


def test_what_researchers_have_is_said_with_to_whom_when_and_what_they_answered(outside):
    outside.window(0)
    shares(outside)
    approved(outside)
    tubes = early, between, asked = [outside.collected("urine-1")["1UR10"] for _ in range(3)]
    for tube, hours in zip(tubes, (30, 2, 30), strict=True):
        outside.step(tube, Action.RECEIVE, minutes=30)
        hand_over(outside, tube, at=moments.told(moments.now() - timedelta(hours=hours)))
    outside.decide(hours=10)
    assert [line_of(outside, tube).outcome for tube in (early, between, asked)] == [
        "distributed_earlier", "distributed_before_entry", "distributed_earlier",
    ]  # fmt: skip
    reported = [[case for case in outside.cases(tube) if case.startswith("distributed")] for tube in tubes]
    assert reported == [[], ["distributed_before_entry"], []]
    today = outside.today()
    ask_holder(outside.work, HolderTold(item=asked, on=today, reference="LETTER-1"), by=outside.lead)
    answered = HolderTold(item=asked, on=today, answer=HolderAnswer.DESTROYED, reference="LETTER-2")
    holder_answered(outside.work, answered, by=outside.lead)
    assert outside.confirm(outside.order()).returned == {}
    text = text_of(certificate_of(outside.work, outside.order()))
    assert "0 were destroyed before a witness. 3 were not destroyed under this order" in text
    assert "Receiver UNI-1 got it for study STUDY-A before the decision. It cannot be got back." in text
    assert "after the decision and before it was entered; this was reported" in text
    assert "They had not been asked yet." in text
    assert (
        f"Asked, they answered ({today.isoformat()}): it was destroyed there, which nobody here can confirm."
        in text
    )
    assert findings(outside) == []


def test_what_a_study_answers_after_the_certificate_is_on_the_one_that_replaces_it(outside):
    outside.window(0)
    shares(outside)
    approved(outside)
    tube = outside.tube()
    hand_over(outside, tube)
    outside.decide()
    order = outside.order()
    outside.confirm(order)
    first = certificate_of(outside.work, order)
    told = {"on": outside.today(), "reference": "LETTER-3"}
    ask_holder(outside.work, HolderTold(item=tube, **told), by=outside.lead)
    assert order.state == "closed"
    used = HolderTold(item=tube, answer=HolderAnswer.USED_UP, **told)
    holder_answered(outside.work, used, by=outside.lead)
    assert (order.state, order.closed_at) == ("reopened", None)
    assert outside.confirm(order).returned == {}
    second = certificate_of(outside.work, order)
    assert second.replaces == first.identifier
    [line] = json.loads(second.record)["order_record"]["lines"]
    assert (line["outcome"], line["distribution"]["answer"]) == ("distributed_earlier", "used_up")
    assert findings(outside) == []
