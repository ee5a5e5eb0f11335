"""Whoever works elsewhere names our things in what they send about their own: nothing of ours changes or is told."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from biobank.core.database import reading
from biobank.items.identifiers import printed
from biobank.ledger.models import LedgerEntry
from tests.architecture.ours import done
from tests.programme import just_now

LEAD, TECHNICIAN, CLINIC = "biobank_lead", "biobank_technician", "clinic_staff"
THERE = " elsewhere"
NAMES = {
    *("item", "items", "place", "other", "owner", "cases", "unit", "inside", "piece", "tubes", "parts"),
    *("instead", "text", "reference", "groups", "lines", "destination", "request"),
}
"""Fields that name a thing or a person."""
OF_THE_FLOOR = (
    *("discrepancies", "inventories", "outages", "pick-lists", "check-outs", "centrifuge", "storage"),
    *("logger-files", "shipments/unannounced", "second-tubes", "found-tubes", "processing"),
)
ELSEWHERE = {
    "reference": "of a reservation it is a number that is only kept; of an order the programme's own",
    "destination": "a site is no secret",
    "request": "a study is of no site",
    "groups": "is a group of the outage itself, or refused",
}
"""Fields that are tried by no row, and why."""


@dataclass
class Site:
    """What one biobank has: codes of its things, numbers of what is about them."""

    programme: object
    at: str = ""

    def post(self, who, path, **told):
        return self.programme.post(who + self.at, path, told)

    def tube(self):
        """The first tube of a kit, received; of the site's clinic and somebody who goes there."""
        clinic, code = ("clinic-2", "A400000004") if self.at else ("clinic-1", "A100000001")
        kit, tubes = self.programme.kit("adult-3.2", "biobank-2" if self.at else "biobank-1")
        for who, item, action, details in (
            (LEAD, kit, "issue", {"site": clinic}),
            (CLINIC, kit, "assign", {"participant": code}),
            (CLINIC, tubes[0], "collect", {"fill": "full"}),
            (TECHNICIAN, tubes[0], "receive", {}),
        ):
            self.programme.taken(who + self.at, item, action, details=details)
        return tubes[0]

    def unit(self, kind, **more):
        told = {"name": f"{kind} {self.at}", "site": "biobank-2" if self.at else "biobank-1", "rows": 2}
        return done(self.post(LEAD, "/storage/units", kind=kind, columns=2, **told, **more))["identifier"]

    def furnished(self):
        self.box, self.freezer = self.unit("box"), self.unit("freezer")
        self.rack = self.unit("rack", inside=self.freezer, position="A1")
        self.stored, self.out, self.loose = self.tube(), self.tube(), self.tube()
        for tube, position in ((self.stored, "A1"), (self.out, "A2")):
            self.programme.taken(TECHNICIAN + self.at, tube, "store", place=self.box, position=position)
        self.programme.taken(TECHNICIAN + self.at, self.out, "check_out")
        self.case = done(self.post(TECHNICIAN, "/discrepancies/two-with-one-code", item=self.loose, **at()))
        self.case = self.case["case"]["number"]
        self.outage = done(self.post(TECHNICIAN, "/outages", unit=self.freezer, **at()))["number"]
        self.check = done(self.post(LEAD, "/inventories", unit=self.box))["check"]["number"]
        done(self.post(TECHNICIAN, f"/inventories/{self.check}/begin"))
        listed = {"purpose": "bench", "site": "biobank-2" if self.at else "biobank-1", "goes_to": "BENCH-4"}
        self.list = done(self.post(TECHNICIAN, "/pick-lists", **listed, items=[self.stored]))["number"]
        return self


def at():
    return {"occurred_at": just_now()}


@pytest.fixture
def sites(programme):
    programme.add_participant("A400000004", "clinic-2")
    return Site(programme).furnished(), Site(programme, THERE).furnished()


def refused(ours, theirs):
    """Who, path, body and status of what names a thing of ours: refused, and nothing comes of it."""
    case, listed = f"/discrepancies/{theirs.case}", f"/pick-lists/{theirs.list}"
    separated = {"outcome": "codes_separated", "sentence": "Both were looked at."}
    new = {"purpose": "bench", "site": "biobank-2", "goes_to": "BENCH-4"}
    box = {"kind": "box", "name": "Box 8", "site": "biobank-2"}
    kept = {"purpose": "other", "until": just_now()}
    ended = {"resolution": "accepted", "sentence": "It may stay."}
    parts = [{"item": ours.loose}, {"item": theirs.loose}]
    balance = {"balance": "with_balance_tubes"}
    counted = f"/inventories/{theirs.check}/readings"
    return [
        (TECHNICIAN, f"{case}/separation", {**separated, "other": ours.stored}, 403),
        (TECHNICIAN, f"{case}/owner", {"owner": "tech.here"}, 422),
        (TECHNICIAN, "/discrepancies/owner", {"owner": "tech.here", "cases": [theirs.case]}, 422),
        (TECHNICIAN, "/discrepancies/owner", {"owner": "tech.elsewhere", "cases": [theirs.case, ours.case]}, 403),
        (TECHNICIAN, "/discrepancies/resolution", {"cases": [ours.case], **ended, **at()}, 403),
        (TECHNICIAN, "/discrepancies/two-with-one-code", {"item": ours.box, **at()}, 422),
        (LEAD, "/inventories", {"unit": ours.freezer}, 403),
        (TECHNICIAN, counted, {"text": ours.box, "position": "A2"}, 422),
        (TECHNICIAN, "/outages", {"unit": ours.freezer, **at()}, 403),
        (TECHNICIAN, "/outages", {"unit": ours.stored, **at()}, 403),
        (TECHNICIAN, "/pick-lists", {**new, "items": [ours.stored]}, 422),
        (TECHNICIAN, f"{listed}/picks", {"item": ours.stored, **at()}, 403),
        (TECHNICIAN, f"{listed}/not-there", {"item": ours.stored}, 403),
        (TECHNICIAN, f"{listed}/instead", {"item": ours.stored}, 409),
        (TECHNICIAN, f"{listed}/instead", {"item": theirs.stored, "instead": ours.stored}, 409),
        (TECHNICIAN, "/check-outs/returns", {"item": ours.out, **at()}, 403),
        (TECHNICIAN, "/check-outs/returns", {"item": theirs.out, "place": ours.box, "position": "A1", **at()}, 409),
        (TECHNICIAN, "/check-outs/used-up", {"item": ours.out, **at()}, 403),
        (TECHNICIAN, "/centrifuge/runs", {"tubes": [ours.stored], **balance, **at()}, 409),
        (TECHNICIAN, "/pools", {"parts": parts, "specification": "pool", **at()}, 403),
        (LEAD, "/storage/units", {**box, "inside": ours.freezer, "position": "A1"}, 403),
        (LEAD, "/storage/units", {**box, "inside": ours.freezer}, 403),
        (TECHNICIAN, "/storage/reservations", {"unit": ours.box, **kept}, 403),
        (LEAD, "/custody/events", {"item": ours.box, "action": "refit", "details": {"name": "Box 9"}, **at()}, 403),
        (TECHNICIAN, "/custody/events", {"item": theirs.loose, "action": "store", "place": ours.box, **at()}, 409),
    ]  # fmt: skip


def everything(programme):
    with programme.app.app_context(), reading() as work:
        return list(work.session.scalars(select(LedgerEntry.id)))


def test_what_names_a_thing_of_another_site_changes_and_tells_nothing_of_it(programme, sites):
    ours, theirs = sites
    secrets = {ours.box, ours.freezer, ours.rack, ours.stored, ours.out, "box ", "freezer ", "lead.here"}
    surprises = []
    for who, path, body, expected in refused(ours, theirs):
        before, answer = everything(programme), theirs.post(who, path, **body)
        named = {word for word in secrets if word in str(body)}
        told = {word for word in secrets - named if word in answer.json["detail"] or printed_in(word, answer)}
        if answer.status != expected or told or everything(programme) != before:
            surprises.append((path, body, answer.status, answer.json.get("detail"), told))
    assert not surprises, "\n".join(map(str, surprises))


def printed_in(word, answer):
    return word[1:].isdecimal() and printed(word) in answer.json["detail"]


def test_what_is_so_of_a_thing_of_another_site_is_taken_and_held_for_its_site(programme, sites):
    """A fact is never refused: it goes into quarantine with a case."""
    ours, theirs = sites
    for path, body in (
        ("/discrepancies/two-with-one-code", {"item": ours.stored, **at()}),
        (f"/outages/{theirs.outage}/carried-out", {"piece": ours.rack, "place": theirs.box, **at()}),
    ):
        done(theirs.post(TECHNICIAN, path, **body))
    for item in (ours.stored, ours.rack):
        kinds = {case["kind"] for case in found_there(programme) if case["item"] == item}
        assert "other_site" in kinds
        assert "discrepancy" in programme.get(LEAD, f"/items/{item}").json["holds"]


def found_there(programme):
    return programme.get(TECHNICIAN + THERE, "/discrepancies?limit=100").json["cases"]


def test_an_occupant_of_another_site_is_not_named_when_its_position_is_taken(programme, sites):
    ours, theirs = sites
    told = {"item": theirs.out, "place": ours.box, "position": "A1", "confirmation": "It lies there."}
    answer = done(theirs.post(TECHNICIAN, "/check-outs/returns", **told, **at()))
    sentences = [alert["text"] for alert in answer["alerts"]]
    assert any("taken by something of that site" in each for each in sentences), sentences
    assert not any(printed(ours.stored) in each for each in sentences)


def rack_file(programme, who, path, text):
    headers = {"Authorization": f"Bearer {programme.tokens[who]}", "Content-Type": "text/csv"}
    return programme.app.test_client().post(f"/api/v1{path}", data=text.encode(), headers=headers)


def test_what_is_found_by_a_makers_code_or_a_number_is_not_named_to_another_site(programme, sites):
    """Nobody typed our codes: a sentence that looks something up may not tell them."""
    ours, theirs = sites
    bears = {"issuer": "FluidX", "code": "FX900"}
    programme.taken(TECHNICIAN, ours.stored, "label", details=bears)
    programme.taken(LEAD, ours.box, "label", details={"issuer": "FluidX", "code": "FR901"})
    label = {"item": theirs.loose, "action": "label", "details": bears, **at()}
    parts = {
        "parts": [{"item": theirs.loose}, {"item": theirs.out}],
        "specification": "pool",
        **bears,
        **at(),
    }
    answers = [
        theirs.post(TECHNICIAN, "/custody/events", **label),
        theirs.post(TECHNICIAN, "/pools", **parts),
    ]
    scans = f"/storage/units/{theirs.box}/rack-scans"
    for text in ("A1,FX900\n", "Rack,Well,Code\nFR901,A1,No Read\n"):
        answers.append(rack_file(programme, TECHNICIAN + THERE, scans, text))
    told = [str(answer.get_json() if hasattr(answer, "get_json") else answer.json) for answer in answers]
    for each in told:
        for item in (ours.stored, ours.box):
            assert item not in each, each
            assert printed(item) not in each, each
    assert "is on something of another site already" in told[0]


def test_a_rack_that_is_carried_to_a_place_of_another_site_learns_of_none_of_its_things(programme, sites):
    ours, theirs = sites
    carried = {"piece": theirs.rack, "place": ours.freezer, "position": "A1", **at()}
    answer = done(theirs.post(TECHNICIAN, f"/outages/{theirs.outage}/carried-out", **carried))
    assert "A1 is taken by something of that site in the log." in str(answer)
    assert printed(ours.rack) not in str(answer)


def test_a_tracking_number_of_another_site_is_warned_of_without_its_parcel(programme, sites):
    ours, theirs = sites
    parcels = []
    for site, number in ((ours, "1"), (theirs, "2")):
        way = {"origin": f"clinic-{number}", "destination": f"biobank-{number}"}
        parcel = done(site.post(CLINIC, "/shipments", **way))["identifier"]
        sent = {
            "carrier": "fedex",
            "tracking_number": "1234 5678 9012",
            "confirmation": "It is empty.",
            **at(),
        }
        parcels.append((parcel, done(site.post(CLINIC, f"/shipments/{parcel}/dispatch", **sent))))
    (first, _), (_, answer) = parcels
    assert "is also that of something of another site" in str(answer)
    assert printed(first) not in str(answer)


def test_every_field_of_the_floor_that_names_something_has_a_row(programme, sites):
    document = programme.get(None, "/openapi.json").json
    tried = (
        {field for _, _, body, _ in refused(*sites) for field in body} | ELSEWHERE.keys() | {"piece", "lines"}
    )
    lacking = set()
    for path, operations in document["paths"].items():
        if not any(part in path for part in OF_THE_FLOOR):
            continue
        for method in operations.keys() & {"post", "put", "patch"}:
            lacking |= {(path, field) for field in fields_of(document, operations[method]) & NAMES - tried}
    assert lacking == set()


def fields_of(document, operation):
    shape = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    named = shape.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"].get(named, {}).get("properties", {}).keys()
