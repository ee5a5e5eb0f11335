"""From a decision to a certificate on pages: no answer is made up, nothing is signed that differs from what was shown."""

import io
import re

import pytest

from biobank.access.models import SignInFailure
from biobank.core.database import reading
from biobank.destruction.certificates import judge
from biobank.items.models import LoggedScan
from tests.programme import PARTICIPANT, PASSWORD

DECISION = {
    "bundle": "destroy",
    "ceremony": "not_applicable",
    "capacity": "participant",
    "requested_by": PARTICIPANT,
    "channel": "phone",
    "decided_at": "2026-11-02T09:00",
}


@pytest.fixture
def settings(settings):
    return settings.with_changes(hold_window_days=0)


@pytest.fixture
def tube(programme):
    """A urine tube at the biobank."""
    _, tubes = programme.collected_kit(definition="urine-1")
    programme.taken("biobank_technician", tubes[0], "receive")
    return tubes[0]


@pytest.fixture
def order(seat, tube):
    clinic = seat("clinic.here")
    page = clinic.sent(f"/participants/{PARTICIPANT}/decision", **DECISION)
    assert page.answer[0] == "Recorded"
    return re.search(r"Destruction order (N [\d -]+) is open", page.answer[1])[1]


@pytest.mark.parametrize("missing", sorted(DECISION))
def test_no_answer_is_made_up(programme, seat, tube, missing):
    told = {name: value for name, value in DECISION.items() if name != missing}
    page = seat("clinic.here").post(f"/participants/{PARTICIPANT}/decision", **told)
    assert page.status == 422
    assert page.problems
    assert "Takes part" in seat("clinic.here").get(f"/participants/{PARTICIPANT}").text


@pytest.mark.parametrize("missing", ["leaves", "information", "samples"])
def test_separate_answers_are_all_asked_for(seat, tube, missing):
    answers = {"leaves": "false", "information": "undecided", "samples": "undecided"}
    told = DECISION | {"bundle": "separate"} | answers
    told.pop(missing)
    page = seat("clinic.here").post(f"/participants/{PARTICIPANT}/decision", **told)
    assert page.status == 422
    assert "Say w" in page.problems


def test_open_answers_wait_for_compliance_on_their_page(seat, tube):
    answers = {"bundle": "separate", "leaves": "true", "information": "remove", "samples": "undecided"}
    seat("clinic.here").sent(f"/participants/{PARTICIPANT}/decision", **(DECISION | answers))
    compliance = seat("comp.here")
    assert "Answers still open" in compliance.get("/").text
    assert PARTICIPANT in compliance.get("/decisions/open").text


def test_a_name_is_not_taken_for_who_asks(seat, tube):
    page = seat("clinic.here").post(
        f"/participants/{PARTICIPANT}/decision", **(DECISION | {"requested_by": "Testa Participant"})
    )
    assert page.status == 422
    assert "looks like a name" in page.problems


def bag_of(technician) -> str:
    page = technician.post("/waste-batches", site="biobank-1")
    return page.leads_to


def test_what_is_on_no_order_is_refused_loudly_on_the_bags_own_page(programme, seat, tube):
    technician = seat("tech.here")
    bag = bag_of(technician)
    page = technician.post(f"{bag}/scan", text=tube)
    assert page.status == 409
    assert page.answer[0] == "Not to be destroyed"
    assert "is on no destruction order" in page.answer[1]
    assert 'action="' + bag + '/scan"' in page.text
    with programme.app.app_context(), reading() as work:
        refused = work.session.query(LoggedScan).filter_by(outcome="refused")
        assert [scan.text_seen for scan in refused] == [tube]


def counted(technician, bag, pieces="1"):
    return technician.post(
        f"{bag}/count", pieces=pieces, method="autoclave", cycle="4471", place="Waste room"
    )


def shown_sha256(page) -> str:
    return re.search(r'name="sha256" value="(\w{64})"', page.text)[1]


def sign(technician, bag, who, meaning, password=PASSWORD):
    return technician.post(
        f"{bag}/signatures",
        signer=who,
        password=password,
        meaning=meaning,
        sha256=shown_sha256(technician.get(bag)),
    )


def test_three_people_and_a_certificate(programme, seat, tube, order):
    technician = seat("tech.here")
    programme.let_sign("tech.here", "lead.here", "comp.here")
    assert "Fetch 1 piece and" in technician.get(f"/destruction-orders/{order}").text
    bag = bag_of(technician)
    assert technician.sent(f"{bag}/scan", text=tube).answer[0] == "In the bag: 1"
    again = technician.sent(f"{bag}/scan", text=tube)
    assert again.answer[0] == "In this bag already"
    assert again.answer[1].endswith("nothing to do.")
    refused = counted(technician, bag, "2")
    assert refused.status == 409
    assert "one piece more than scanned" in refused.problems
    assert counted(technician, bag).status == 303
    assert sign(technician, bag, "tech.here", "performed").status == 303
    twice = sign(technician, bag, "tech.here", "witnessed")
    assert twice.status == 403
    assert "are different people" in twice.problems
    assert PASSWORD not in twice.text
    assert sign(technician, bag, "lead.here", "witnessed").status == 303
    assert "Both have signed" in technician.get(bag).text
    compliance = seat("comp.here")
    record = re.search(
        r'name="record" value="(\w+) (\w{64})"', compliance.get("/destruction-orders/confirm").text
    )
    stale = compliance.post(
        "/destruction-orders/confirm", record=f"{record[1]} {'0' * 64}", signer="comp.here", password=PASSWORD
    )
    assert stale.text.count("changed since it was shown to you") == 1
    page = compliance.sent(
        "/destruction-orders/confirm",
        record=f"{record[1]} {record[2]}",
        signer="comp.here",
        password=PASSWORD,
    )
    assert page.answer[0] == "Confirmed"
    pdf = compliance.client.get(f"/destruction-orders/{record[1]}/certificate.pdf")
    assert pdf.mimetype == "application/pdf"
    with programme.app.app_context(), reading() as work:
        assert judge(work, pdf.data).genuine
    assert "Destroyed, witnessed" in page.text
    assert 'href="/certificates/verify"' in compliance.get("/destruction-orders").text
    genuine = compliance.post("/certificates/verify", file=(io.BytesIO(pdf.data), "certificate.pdf"))
    assert 'id="verdict" data-tone="right"' in genuine.text
    assert "Its signature names Signer of certificates of destruction" in genuine.text
    added = compliance.post("/certificates/verify", file=(io.BytesIO(pdf.data + b"1"), "certificate.pdf"))
    assert 'id="verdict" data-tone="wrong"' in added.text
    assert "It was added to after it was signed: 1 bytes lie outside" in added.text
    assert "the ledger keeps another SHA-256" in added.problems
    assert 'data-tone="wrong"' in compliance.post("/certificates/verify").text


def test_an_order_says_of_every_piece_where_it_is_and_who_has_it_to_do(programme, seat, tube):
    custodian = {
        "code": "LAB-1",
        "kind": "contract_lab",
        "organisation": "Invented LAB-1",
        "agreement": "AG-1",
    }
    assert programme.post("biobank_lead", "/custodians", custodian).status == 201
    _, [travels] = programme.collected_kit(definition="urine-1")
    _, [at_the_clinic] = programme.collected_kit(definition="urine-1")
    _, [at_the_lab] = programme.collected_kit(definition="urine-1")
    programme.taken("biobank_technician", at_the_lab, "receive")
    sent = {"custodian": "LAB-1", "purpose": "contract_work"}
    programme.taken("biobank_technician", at_the_lab, "send_out", details=sent)
    new = {
        "origin": "clinic-1",
        "destination": "biobank-1",
        "carrier": "fedex",
        "tracking_number": "772312345678",
    }
    parcel = programme.post("clinic_staff", "/shipments", new).json["identifier"]
    programme.taken("clinic_staff", travels, "pack", place=parcel)
    programme.taken("clinic_staff", parcel, "dispatch", details={"carrier": "fedex"})
    seat("clinic.here").sent(f"/participants/{PARTICIPANT}/decision", **DECISION)
    technician, compliance = seat("tech.here"), seat("comp.here")
    url = re.search(r'href="(/destruction-orders/N\d+)"', technician.get("/destruction-orders").text)[1]
    page = technician.get(url).text
    for said in (
        "Fetch 1 piece and scan it into a waste bag.",
        "1 piece is at a clinic, which ships it to the biobank.",
        "1 piece is at a custodian: ask for it.",
    ):
        assert said in page
    assert re.search(rf'On its way: .*?href="/shipments/{parcel}"', page)
    assert "Place not known" not in page
    assert "Fetch 1 piece" not in seat("audit.here").get(url).text
    for item in (tube, at_the_clinic):
        programme.taken("biobank_technician", item, "receive")
    bag = bag_of(technician)
    for item in (tube, at_the_clinic):
        technician.sent(f"{bag}/scan", text=item)
    assert "Nothing to fetch" not in technician.get(url).text
    assert "nothing to fetch" not in compliance.get("/").text
    assert 'href="/custodians/outside"' in compliance.get("/").text


def test_a_wrong_password_under_a_signature_counts_and_signs_nothing(programme, seat, tube, order):
    programme.let_sign("tech.here")
    technician = seat("tech.here")
    bag = bag_of(technician)
    technician.sent(f"{bag}/scan", text=tube)
    counted(technician, bag)
    page = sign(technician, bag, "tech.here", "performed", password="some other words")
    assert page.status == 403
    assert "do not belong together" in page.problems
    assert "some other words" not in page.text
    with programme.app.app_context(), reading() as work:
        assert work.session.query(SignInFailure).count() > 0
    assert "The performer signs" in technician.get(bag).text


def test_a_count_can_be_undone_before_both_have_signed(seat, tube, order):
    technician = seat("tech.here")
    bag = bag_of(technician)
    technician.sent(f"{bag}/scan", text=tube)
    counted(technician, bag)
    page = technician.sent(f"{bag}/recount")
    assert page.answer[0] == "Open again"
    assert "Count, then say how" in page.text


def test_a_handling_instruction_is_settled_by_compliance_alone(programme, seat, tube):
    seat("clinic.here").sent(
        f"/participants/{PARTICIPANT}/decision", **(DECISION | {"ceremony": "unanswered"})
    )
    compliance, technician = seat("comp.here"), seat("tech.here")
    url = re.search(r'href="(/destruction-orders/N\d+)"', compliance.get("/destruction-orders").text)[1]
    page = compliance.get(url)
    assert "Handling instruction" in page.text
    assert "ceremony" not in technician.get(url).text
    assert technician.post(f"{url}/handling", settlement="held").status == 403
    assert compliance.post(f"{url}/handling", settlement="").status == 422
    assert compliance.sent(f"{url}/handling", settlement="not_wanted").answer[0] == "Settled"
