"""Orders over HTTP: sent once, amended in versions, cancelled, restored; what was told is never erased."""

import json
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path

import pytest
from sqlalchemy import select

from biobank.core.database import reading
from biobank.custody.queries import holds_on, item_now, newest_events
from biobank.custody.replay import state_findings
from biobank.custody.states import HoldKind, State
from biobank.exchange.models import OrderVersion
from biobank.exchange.replay import order_version_findings
from biobank.items.queries import tubes_of_kit
from biobank.ledger.models import LedgerEntry

REAL = json.loads((Path(__file__).parent / "orders" / "biobank_order_2.json").read_text())
STAFF = {"system": "https://staff.example", "value": "testa.phlebotomist@clinic.example"}
OTHER = {"system": "https://staff.example", "value": "testa.second@clinic.example"}
SITE = {"system": "https://sites.example", "value": "clinic-1"}
INFO = {"author": STAFF, "site": SITE}
NUMBER = {"system": "https://orders.example", "value": "WEB1TESTA123"}
PARCEL = {"system": "https://carrier.example/tracking-number", "value": "123456789012"}
CANCEL = {
    "status": "cancelled",
    "amendedReason": "Drawn for P900000021 at the wrong visit",
    "cancelledInfo": INFO,
}
RESTORE = {"status": "restored", "amendedReason": "It was the right one", "restoredInfo": INFO}


def order(**values):
    samples = [
        {"test": "1SS08", "collected": "2026-03-01T09:00:00-06:00", "processed": "2026-03-01T09:40:00-06:00"},
        {"test": "1ED04", "collected": "2026-03-01T09:01:00-06:00"},
        {"test": "1UR10"},
    ]
    return {
        "subject": "Patient/P900000021",
        "identifier": [NUMBER, PARCEL],
        "created": "2026-03-01T08:30:00-06:00",
        "createdInfo": INFO,
        "collectedInfo": INFO,
        "processedInfo": INFO,
        "samples": samples,
        "notes": {"collected": "Rolled the vein"},
        **values,
    }


@pytest.fixture
def orders(programme):
    return Orders(programme)


class Orders:
    """The clinic system of the programme, with the token of a lead."""

    def __init__(self, programme):
        self.programme = programme

    def send(self, document=None):
        return self.programme.post("biobank_lead", "/orders", document or order())

    def read(self, kit, query=""):
        return self.programme.get("biobank_lead", f"/orders/{kit}{query}")

    def change(self, method, kit, document, version):
        return self.programme.ask(
            "biobank_lead", method, f"/orders/{kit}", document, If_Match=f'W/"{version}"'
        )

    def amend(self, kit, document, version):
        return self.change("PUT", kit, document, version)

    def patch(self, kit, document, version):
        return self.change("PATCH", kit, document, version)

    def tubes(self, kit):
        """By code: state, holds, and the events with the newest first."""
        with self.programme.app.app_context(), reading() as work:
            return {
                tube.specification: (
                    State(tube.state),
                    holds_on(work, tube.id),
                    newest_events(work, tube.identifier, 50),
                )
                for tube in tubes_of_kit(work, item_now(work, kit).id)
            }

    def log_is_whole(self):
        with self.programme.app.app_context(), reading() as work:
            return [*state_findings(work), *order_version_findings(work)] == []

    def everything_written(self):
        with self.programme.app.app_context(), reading() as work:
            told = [bytes(body).decode() for body in work.session.scalars(select(LedgerEntry.body))]
            return "\n".join([*told, *work.session.scalars(select(OrderVersion.document))])


def test_an_order_is_sent_once_and_the_same_again_is_the_order_that_is_here(orders):
    first = orders.send()
    assert (first.status, first.headers["ETag"]) == (201, 'W/"1"'), first.json
    kit = first.json["id"]
    assert first.headers["Location"] == f"/api/v1/orders/{kit}"
    again = orders.send(dict(reversed(order().items())))
    assert (again.status, again.json) == (200, first.json)
    assert orders.read("WEB1TESTA123").json == first.json
    assert first.json["subject"].startswith("Participant/PV-")
    assert first.json["notes"] == {"collected": "Rolled the vein"}
    assert [sample["test"] for sample in first.json["samples"]] == ["1SS08", "1ED04", "1UR10"]
    assert first.json["samples"][1]["collected"] == "2026-03-01T09:01:00-06:00"
    assert [flag["code"] for flag in first.json["flags"]] == []
    for trace in ("900000021", "clinic.example", "Rolled"):
        assert trace not in orders.everything_written()


def test_another_content_under_the_same_names_is_a_conflict_and_a_name_of_another_order_a_mistake(orders):
    kit = orders.send().json["id"]
    other = orders.send(order(created="2026-03-01T08:31:00-06:00"))
    assert (other.status, other.json["order"]) == (409, kit)
    mixed = orders.send(order(identifier=[{"system": "https://kits.example", "value": "KIT-7"}, NUMBER]))
    # One set of names holds neither the other: a sender used a number twice.
    assert mixed.status == 409
    taken = order(identifier=[{"system": "https://kits.example", "value": "KIT-7"}, NUMBER, PARCEL])
    both = orders.send(order(identifier=[{"system": "https://kits.example", "value": "KIT-8"}, PARCEL]))
    assert both.status == 201  # carriers use their numbers again
    clash = orders.send(order(identifier=[{"system": "https://kits.example", "value": "KIT-8"}, NUMBER]))
    assert (clash.status, clash.json["error"]) == (400, "IdentifierTaken")
    renamed = orders.amend(both.json["id"], order(identifier=taken["identifier"]), 1)
    assert (renamed.status, renamed.json["field"]) == (400, "identifier[1]")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"identifier": []}, "identifier"),
        ({"createdInfo": None}, "createdInfo"),
        ({"created": "yesterday"}, "created"),
        ({"samples": [{"test": "1ED04"}, {"test": "1ED04"}]}, "samples[1].test"),
        ({"samples": [{"test": "9XX99"}]}, "samples[0].test"),
        ({"subject": "Participant/A999999999"}, "subject"),
        ({"createdInfo": {**INFO, "author": {"system": "urn:biobank:person", "value": "ext-0"}}},
         "createdInfo.author.value"),
    ],
)  # fmt: skip
def test_what_the_sender_has_to_correct_is_a_400_with_its_field(orders, values, field):
    answer = orders.send(order(**values))
    assert (answer.status, answer.json.get("field")) == (400, field), answer.json
    assert answer.json["detail"].startswith("The order, $.")


def test_a_version_has_to_be_named_and_has_to_be_the_newest(orders):
    kit = orders.send().json["id"]
    for method in ("PUT", "PATCH"):
        missing = orders.programme.ask("biobank_lead", method, f"/orders/{kit}", order())
        assert (missing.status, missing.headers["Content-Type"]) == (428, "application/problem+json")
        assert "If-Match" in missing.json["detail"]
        wrong = orders.programme.ask("biobank_lead", method, f"/orders/{kit}", order(), If_Match="newest")
        assert (wrong.status, wrong.json["field"]) == (400, "If-Match")
        stale = orders.change(method, kit, CANCEL if method == "PATCH" else order(), 7)
        assert (stale.status, stale.json["version"]) == (412, 1)
    assert orders.read(kit).json["version"] == 1


def test_an_amendment_is_a_new_version_whose_news_are_events_and_the_old_one_stays(orders):
    first = orders.send().json
    kit = first["id"]
    amended = deepcopy(first)  # as it was given back: people by hash, the participant by code
    serum, edta, urine = amended["samples"]
    serum["processed"] = "2026-03-01T09:45:00-06:00"
    edta["collected"] = "2026-03-01T09:05:00-06:00"
    urine["collected"] = "2026-03-01T09:20:00-06:00"
    amended["samples"].append({"test": "1HEP4", "collected": "2026-03-01T09:06:00-06:00"})
    amended |= {"amendedReason": "Times were of another tube", "amendedInfo": {"author": OTHER, "site": SITE}}
    second = orders.amend(kit, amended, 1)
    assert (second.status, second.headers["ETag"], second.json["status"]) == (200, 'W/"2"', "amended")
    tubes = orders.tubes(kit)
    assert {code: state for code, (state, _, _) in tubes.items()} == dict.fromkeys(tubes, State.COLLECTED)
    assert set(tubes) == {"1SS08", "1ED04", "1UR10", "1HEP4"}
    _, _, (correction, collected, *_) = tubes["1ED04"]
    assert (correction["action"], correction["corrects"]) == ("correct", collected["sequence"])
    assert correction["details"]["told"] == {"collected_at": "2026-03-01T15:05:00.000000Z"}
    assert (collected["occurred_at"], correction["performed_by"][:4]) == (
        "2026-03-01T15:01:00.000000Z",
        "ext-",
    )
    _, _, (spin, *_) = tubes["1SS08"]
    assert spin["details"]["told"] == {"processed_at": "2026-03-01T15:45:00.000000Z"}
    assert tubes["1UR10"][2][0]["source"]["reference"] == "order v2:samples[2]"
    assert orders.read(kit, "?version=1").json == first
    assert orders.amend(kit, amended, 2).json["version"] == 2  # the same again is nothing new
    listed = orders.programme.get("biobank_lead", f"/orders/{kit}/versions").json["versions"]
    assert [(each["version"], each["status"]) for each in listed] == [(2, "amended"), (1, "created")]
    assert orders.log_is_whole()


def test_what_an_amendment_takes_back_is_held_and_not_erased(orders):
    first = orders.send().json
    amended = order(samples=[{"test": "1ED04"}, {"test": "1UR10"}])
    second = orders.amend(first["id"], amended, 1)
    assert second.status == 200, second.json
    tubes = orders.tubes(first["id"])
    for code, flag in (("1ED04", "taken_back"), ("1SS08", "left_out")):
        state, holds, (correction, *_) = tubes[code]
        assert (state, HoldKind.DISCREPANCY in holds) == (State.COLLECTED, True)
        assert flag in correction["flags"]
    third = orders.amend(first["id"], order(), 2)
    assert third.json["version"] == 3
    assert orders.log_is_whole()


def test_an_order_is_cancelled_once_and_restored_when_it_is_cancelled(orders):
    kit = orders.send().json["id"]
    early = orders.patch(kit, RESTORE, 1)
    assert (early.status, early.json["field"]) == (400, "status")
    cancelled = orders.patch(kit, CANCEL, 1)
    assert (cancelled.status, cancelled.json["status"], cancelled.json["version"]) == (200, "cancelled", 2)
    assert cancelled.json["amendedReason"] == "Drawn for [removed] at the wrong visit"
    assert cancelled.json["cancelledInfo"]["author"]["value"].startswith("ext-")
    assert all(HoldKind.CANCELLED in holds for _, holds, _ in orders.tubes(kit).values())
    assert orders.patch(kit, CANCEL, 2).status == 400
    told = order(
        samples=[{"test": "1UR10", "collected": "2026-03-01T09:20:00-06:00"}, *order()["samples"][:2]]
    )
    amended = orders.amend(kit, told, 2)
    assert (amended.status, amended.json["status"]) == (200, "cancelled")
    assert HoldKind.CANCELLED in orders.tubes(kit)["1UR10"][1]
    restored = orders.patch(kit, RESTORE, 3)
    assert (restored.status, restored.json["status"], restored.headers["ETag"]) == (200, "restored", 'W/"4"')
    assert not any(HoldKind.CANCELLED in holds for _, holds, _ in orders.tubes(kit).values())
    assert "clinic.example" not in orders.everything_written()
    assert orders.log_is_whole()


def test_what_a_change_lacks_is_named(orders):
    kit = orders.send().json["id"]
    for left_out, field in (
        ("status", "status"),
        ("amendedReason", "amendedReason"),
        ("cancelledInfo", "cancelledInfo"),
    ):
        told = {name: value for name, value in CANCEL.items() if name != left_out}
        answer = orders.patch(kit, told, 1)
        assert (answer.status, answer.json["field"]) == (400, field)
    for info, field in (({"site": SITE}, "author"), ({"author": STAFF}, "site")):
        answer = orders.patch(kit, {**CANCEL, "cancelledInfo": info}, 1)
        assert (answer.status, answer.json["field"]) == (400, f"cancelledInfo.{field}")
    assert orders.read(kit).json["version"] == 1


def test_the_programmes_real_order_goes_through_all_of_it(orders):
    sent = orders.send(REAL)
    assert sent.status == 201, sent.json
    kit = sent.json["id"]
    amended = {**sent.json, "samples": sent.json["samples"][1:], "amendedReason": "One too many"}
    second = orders.amend(kit, amended, 1)
    assert (second.status, second.json["status"]) == (200, "amended"), second.json
    person = {"author": {"system": "https://www.pmi-ops.org/healthpro-username", "value": "fred@pmi-ops.org"}}
    info = {**person, "site": {"system": "https://www.pmi-ops.org/site-id", "value": "hpo-site-monroeville"}}
    assert orders.patch(kit, {**CANCEL, "cancelledInfo": info}, 2).json["status"] == "cancelled"
    assert orders.patch(kit, {**RESTORE, "restoredInfo": info}, 3).json["version"] == 4
    assert 'pmi-ops.org"' not in orders.everything_written()
    assert orders.log_is_whole()


def test_who_may_not_import_files_sends_nothing(orders):
    assert orders.programme.post("clinic_staff", "/orders", order()).status == 403
    kit = orders.send().json["id"]
    assert orders.programme.get("clinic_staff elsewhere", f"/orders/{kit}").status == 403


def test_of_many_who_change_one_version_at_once_one_does(orders):
    kit = orders.send().json["id"]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: orders.patch(kit, CANCEL, 1).status, range(4)))
    assert sorted(answers) == [200, 412, 412, 412]
    assert orders.read(kit).json["version"] == 2
    assert orders.log_is_whole()
