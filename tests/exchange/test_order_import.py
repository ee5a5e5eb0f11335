"""The programme's orders become kits, tubes and events; twice is once; what is refused leaves nothing."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.models import Person
from biobank.access.permissions import Role
from biobank.core.errors import Forbidden
from biobank.custody.queries import holds_on, item_by_id, item_now, newest_events
from biobank.custody.states import HoldKind, State
from biobank.exchange.checks import LARGEST_ORDER
from biobank.exchange.inputs import Author
from biobank.exchange.models import ImportedOrder, ImportedOrderNote
from biobank.exchange.operations import import_order
from biobank.exchange.order_files import import_orders
from biobank.exchange.pseudonyms import Pseudonyms, read_pseudonyms
from biobank.exchange.queries import notes_until, order_of_kit
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import link_participant
from biobank.ledger.models import LedgerEntry
from biobank.participants.models import Participant
from biobank.participants.operations import record_consent, register_participant
from biobank.sites.models import Site
from biobank.sites.operations import add_site
from biobank.wiring import install_rules
from tests.cases import open_cases

ORDERS = Path(__file__).parent / "orders"
REAL = [ORDERS / "biobank_order_1.json", ORDERS / "biobank_order_2.json"]
KEYED = Pseudonyms(b"a key for tests and nothing else")
LEAD = Actor("bio.lee", "Lee", frozenset({(Role.LEAD, "biobank-1")}))
COMPLIANCE = Actor("comp.cleo", "Cleo", frozenset({(Role.COMPLIANCE, None)}))
FRED, JOE, SUE, BOB = (
    "ext-" + KEYED.person(Author("https://www.pmi-ops.org/healthpro-username", f"{name}@pmi-ops.org"))[:12]
    for name in ("fred", "joe", "sue", "bob")
)
STAFF = {"system": "https://staff.example", "value": "testa.phlebotomist@clinic.example"}
SITE = {"system": "https://sites.example", "value": "site-a"}


@pytest.fixture(autouse=True)
def programme(work):
    install_rules()
    add_site(work, by="setup", code="biobank-1", name="Biobank", kind="biobank", zone="America/Chicago")


def order(*samples, **values):
    document = {
        "subject": "Patient/P900000021",
        "identifier": [{"system": "https://orders.example", "value": "ORDER-1"}],
        "created": "2026-03-01T08:30:00-06:00",
        "createdInfo": {"author": STAFF, "site": SITE},
        "collectedInfo": {"author": STAFF, "site": SITE},
        "samples": list(samples) or [sample("1ED04")],
        **values,
    }
    return {key: value for key, value in document.items() if value is not ...}


def sample(test, **values):
    return {"test": test, "collected": "2026-03-01T09:00:00-06:00", **values}


def import_one(work, document, file="order.json", by=LEAD):
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return import_order(work, file, content, by=by, pseudonyms=KEYED)


def imported(work, document, **values):
    """The kit, and its tubes by code."""
    found = import_one(work, document, **values)
    kit = item_by_id(work, found.kit_id)
    return kit, {tube.specification: item_by_id(work, tube.id) for tube in tubes_of_kit(work, kit.id)}


def real(work, number):
    return imported(work, REAL[number - 1].read_bytes(), file=REAL[number - 1].name)


def events(work, item):
    """Oldest first, without what every tube has from its kit."""
    return list(reversed(newest_events(work, item.identifier, 50)))


def event_of(work, item, action):
    return next(event for event in events(work, item) if event["action"] == action)


def code_of(work):
    return work.session.scalars(select(Participant.code)).one()


# The real orders.


def test_the_first_order_becomes_a_kit_as_ordered_with_a_tube_for_what_is_one_tube(work):
    kit, tubes = real(work, 1)
    assert (kit.specification, kit.state, kit.site) == ("as-ordered", State.ASSIGNED, "hpo-site-monroeville")
    # 1PST8, 1PS08 and 2PST8 are one tube, and so are 1SST8, 2SST8 and 1SS08.
    assert set(tubes) == {
        "1ED10", "1PS08", "2ED10", "1SS08", "1HEP4", "1UR10", "1UR90", "1SAL", "1SAL2", "1ED02", "1CFD9", "1PXR2",
    }  # fmt: skip
    assert {tube.state for tube in tubes.values()} == {State.COLLECTED}
    assert event_of(work, tubes["1PS08"], "collect")["details"]["tests"] == ["1PST8", "1PS08", "2PST8"]
    assert "same_tube" in event_of(work, tubes["1PS08"], "collect")["flags"]
    assert "as_ordered" in event_of(work, kit, "assign")["flags"]


def test_times_people_and_sites_are_those_of_the_order(work):
    kit, tubes = real(work, 1)
    assigned = event_of(work, kit, "assign")
    assert (assigned["occurred_at"], assigned["performed_by"]) == ("2016-01-04T09:40:21.000000Z", FRED)
    collected = event_of(work, tubes["1PS08"], "collect")
    assert (collected["occurred_at"], collected["performed_by"]) == ("2016-01-04T09:45:49.000000Z", JOE)
    assert (collected["recorded_by"], collected["zone"]) == ("bio.lee", "UTC")
    assert collected["source"] == {"kind": "file", "reference": "biobank_order_1.json:samples[1]"}
    assert (collected["site"], collected["custodian"]) == (
        "hpo-site-monroeville",
        "site:hpo-site-bannerphoenix",
    )
    assert collected["details"]["told"] == {
        "finalized_at": "2016-01-04T10:55:41.000000Z",
        "finalized_by": BOB,
        "finalized_site": "hpo-site-bannerphoenix",
    }
    spun = event_of(work, tubes["1PS08"], "centrifuge")
    assert (spun["occurred_at"], spun["performed_by"]) == ("2016-01-04T10:28:50.000000Z", SUE)
    issued = event_of(work, kit, "issue")
    assert (issued["occurred_at"], issued["performed_by"]) == (None, "unknown")
    people = work.session.scalars(select(Person).order_by(Person.id)).all()
    assert {person.username for person in people} == {FRED, JOE, SUE, BOB}
    assert all(person.outsider and not person.active for person in people)
    assert {site.kind for site in work.session.scalars(select(Site).where(Site.code.like("hpo-%")))} == {
        "clinic"
    }


def test_in_the_second_order_what_has_no_time_of_collection_was_not_collected_and_nobody_said_why(work):
    _, tubes = real(work, 2)
    not_collected = {code for code, tube in tubes.items() if tube.state is State.NOT_COLLECTED}
    assert not_collected == {"2ED10", "1HEP4", "1UR10", "1UR90", "1SAL", "1SAL2"}
    event = event_of(work, tubes["1HEP4"], "mark_not_collected")
    assert (event["details"]["reason"], event["occurred_at"], event["performed_by"]) == ("unknown", None, BOB)
    # Only the line 2SST8 has times: the tube was collected, and spun at a fixed angle or not, nobody says.
    assert tubes["1SS08"].state is State.COLLECTED
    assert event_of(work, tubes["1SS08"], "centrifuge")["performed_by"] == SUE


def test_nothing_that_names_a_person_is_kept(work):
    for path in REAL:
        import_one(work, path.read_bytes(), file=path.name)
    found = b"\n".join(bytes(body) for body in work.session.scalars(select(LedgerEntry.body))).decode()
    dump = [
        str(row)
        for table in ("items", "item_aliases", "people", "participants", "sites", "imported_orders",
                      "imported_order_identifiers", "imported_order_notes", "discrepancies", "holds")
        for row in rows(work, table)
    ]  # fmt: skip
    for trace in ("pmi-ops.org", "fred", "900000011", "900000012"):
        assert trace not in found
        assert not any(trace in text for text in dump)


def rows(work, table):
    work.cursor.execute(f"SELECT * FROM {table}")
    return work.cursor.fetchall()


def test_a_file_name_with_the_participants_number_is_not_kept_either(work):
    kit, _ = imported(work, order(), file="order_P900000021.json")
    assert order_of_kit(work, kit.id).file == "order_[removed].json"
    assert "P900000021" not in event_of(work, kit, "assign")["source"]["reference"]


def test_a_note_can_be_erased_since_the_log_holds_its_salted_hash_alone(work):
    kit, _ = real(work, 1)
    notes = work.session.query(ImportedOrderNote).order_by(ImportedOrderNote.id).all()
    assert (notes[0].about, notes[0].text) == ("collected", "Only got 7mL in the ED10 tubes")
    assert len({note.salt for note in notes}) == 3
    logged = event_of(work, kit, "assign")["details"]["notes"]
    assert [note["about"] for note in logged] == ["collected", "processed", "finalized"]
    assert "7mL" not in str(logged)
    work.session.delete(notes[0])
    work.flush()
    assert work.session.query(ImportedOrderNote).count() == 2


# The participant.


def test_an_unknown_participant_gets_a_provisional_code_and_its_tubes_are_held(work):
    _, tubes = imported(work, order(sample("1ED04"), sample("1UR10")))
    code = code_of(work)
    found = work.session.get(Participant, code)
    assert found.provisional
    assert code.startswith("PV-")
    assert found.programme_hash == KEYED.participant("P900000021")
    assert {tube.participant for tube in tubes.values()} == {code}
    assert holds_on(work, tubes["1ED04"].id) == {HoldKind.CONSENT}
    assert open_cases(work) == []


def test_a_second_order_of_the_same_participant_is_the_same_participant(work):
    imported(work, order())
    imported(work, order(identifier=[{"system": "https://orders.example", "value": "ORDER-2"}]))
    assert code_of(work)


def test_a_participant_known_by_the_keyed_hash_is_found(work):
    consenting(work, "A100000001", ["blood"])
    kit, tubes = imported(work, order(sample("1ED04"), sample("1UR10")))
    assert kit.participant == "A100000001"
    assert holds_on(work, tubes["1ED04"].id) == frozenset()
    assert holds_on(work, tubes["1UR10"].id) == {HoldKind.CONSENT}


def consenting(work, code, scopes, programme="P900000021"):
    add_site(work, by="setup", code="clinic-1", name="Clinic", kind="clinic", zone="America/Chicago")
    register_participant(
        work, COMPLIANCE, code=code, pattern="[A-Z][0-9]{9}", site="clinic-1",
        programme_hash=KEYED.participant(programme) if programme else None,
    )  # fmt: skip
    record_consent(
        work, COMPLIANCE, participant=code, form_version="1", language="en", scopes=scopes,
        effective_at=datetime(2015, 1, 1, tzinfo=UTC), source="feed",
    )  # fmt: skip


def test_what_no_definition_knows_is_covered_by_no_consent(work):
    consenting(work, "A100000001", ["blood", "urine"], programme="P900000011")
    kit, tubes = real(work, 1)
    assert "flags" in event_of(work, kit, "assign")
    assert "outside_consent" not in event_of(work, kit, "assign")["flags"]
    held = {code for code, tube in tubes.items() if HoldKind.CONSENT in holds_on(work, tube.id)}
    assert held == {"2ED10", "1SAL", "1SAL2"}


def test_when_the_biobank_id_arrives_everything_is_linked_and_the_next_order_finds_it(work):
    from biobank.custody.steps import Source

    _, tubes = imported(work, order())
    consenting(work, "A100000001", ["blood"], programme=None)
    link_participant(work, code_of_provisional(work), "A100000001", by=COMPLIANCE, source=Source("command"))
    assert item_by_id(work, tubes["1ED04"].id).participant == "A100000001"
    assert holds_on(work, tubes["1ED04"].id) == frozenset()
    kit, _ = imported(work, order(identifier=[{"system": "https://orders.example", "value": "ORDER-2"}]))
    assert kit.participant == "A100000001"


def code_of_provisional(work):
    return work.session.scalars(select(Participant.code).where(Participant.provisional)).one()


def test_what_was_collected_from_somebody_who_left_is_recorded_and_held(work):
    consenting(work, "A100000001", ["blood"])
    work.session.get(Participant, "A100000001").left = True
    kit, tubes = imported(work, order())
    assert "collection_stopped" in event_of(work, kit, "assign")["flags"]
    assert tubes["1ED04"].state is State.COLLECTED
    assert HoldKind.CONSENT in holds_on(work, tubes["1ED04"].id)


# Kits and tubes.


def test_the_definition_is_the_newest_that_holds_every_test(work):
    kit, tubes = imported(work, order(sample("PS04A"), sample("1UR10")))
    assert kit.specification == "adult-3.2"
    assert {tube.draw_order for tube in tubes_of_kit(work, kit.id)} == {2, 9}
    assert set(tubes) == {"PS04A", "1UR10"}


def test_the_order_can_be_looked_up_by_its_number(work):
    kit, _ = imported(work, order())
    assert item_now(work, "order-1").identifier == kit.identifier


def test_an_order_that_is_not_finalized_leaves_the_rest_expected(work):
    _, tubes = imported(work, order(sample("1ED04"), {"test": "1UR10"}))
    assert tubes["1UR10"].state is State.EXPECTED


def test_the_rotor_is_what_the_code_after_the_spin_says(work):
    spun = {"processed": "2026-03-01T09:45:00-06:00"}
    _, tubes = imported(work, order(sample("1SS08", **spun), sample("2SST8", **spun)))
    details = event_of(work, tubes["1SS08"], "centrifuge")["details"]
    assert details == {"rotor": "fixed_angle", "spun_as": "2SST8"}


# What contradicts itself is a fact with a flag.


def test_a_tube_spun_before_it_was_collected_is_taken_with_a_flag(work):
    _, tubes = imported(work, order(sample("1SS08", processed="2026-03-01T08:40:00-06:00")))
    spun = event_of(work, tubes["1SS08"], "centrifuge")
    assert spun["occurred_at"] == "2026-03-01T14:40:00.000000Z"
    assert "before_the_step_before" in spun["flags"]
    assert "processed_before_collected" in event_of(work, tubes["1SS08"], "collect")["flags"]
    assert open_cases(work)


def test_a_time_to_come_is_told_and_not_taken_for_when_it_was(work):
    _, tubes = imported(work, order(sample("1ED04", collected="2990-01-01T00:00:00Z")))
    event = event_of(work, tubes["1ED04"], "collect")
    assert event["occurred_at"] is None
    assert event["details"]["told"]["collected_at"] == "2990-01-01T00:00:00.000000Z"
    assert "in_the_future" in event["flags"]
    assert tubes["1ED04"].collected_at is None


def test_a_step_that_nobody_signed_is_performed_by_somebody_unknown(work):
    _, tubes = imported(work, order(collectedInfo=...))
    assert event_of(work, tubes["1ED04"], "collect")["performed_by"] == "unknown"


def test_what_was_collected_for_a_cancelled_order_is_held(work):
    info = {"author": STAFF, "site": SITE}
    kit, tubes = imported(work, order(cancelledInfo=info))
    assert "order_cancelled" in event_of(work, kit, "assign")["flags"]
    assert HoldKind.CANCELLED in holds_on(work, tubes["1ED04"].id)


def test_why_an_order_was_amended_is_a_note(work):
    kit, _ = imported(work, order(amendedReason="wrong tube", amendedInfo={"author": STAFF, "site": SITE}))
    assert notes_until(work, order_of_kit(work, kit.id).id, 1) == {"amended": "wrong tube"}


def test_a_restored_order_is_as_good_as_any(work):
    info = {"author": STAFF, "site": SITE}
    kit, _ = imported(work, order(cancelledInfo=info, restoredInfo=info))
    assert "order_cancelled" not in event_of(work, kit, "assign")["flags"]


def test_a_spin_of_a_tube_that_needs_none_is_told_in_the_collection(work):
    _, tubes = imported(work, order(sample("1ED04", processed="2026-03-01T09:45:00-06:00")))
    told = event_of(work, tubes["1ED04"], "collect")["details"]["told"]
    assert told["processed_at"] == "2026-03-01T15:45:00.000000Z"


# Twice is once.


def test_a_second_import_changes_nothing(work):
    real(work, 1)
    before = [tuple(row) for row in work.session.execute(select(Item.id, Item.sequence).order_by(Item.id))]
    entries = work.session.query(LedgerEntry).count()
    again = import_one(work, REAL[0].read_bytes(), file="another name.json")
    assert again.unchanged
    assert [
        tuple(row) for row in work.session.execute(select(Item.id, Item.sequence).order_by(Item.id))
    ] == before
    assert work.session.query(LedgerEntry).count() == entries


def test_the_same_order_written_otherwise_is_the_same(work):
    document = order()
    import_one(work, document)
    shuffled = json.dumps(dict(reversed(document.items())), indent=3).encode()
    assert import_one(work, shuffled).unchanged


def refused(work, *documents):
    """What the last of these files says, after the others were taken."""
    for document in documents[:-1]:
        import_one(work, document)
    count = work.session.query(LedgerEntry).count()
    with pytest.raises(Exception) as caught:
        import_one(work, documents[-1])
    assert work.session.query(LedgerEntry).count() == count
    return caught.value.detail


def test_the_same_order_with_other_content_is_refused(work):
    assert "imported before with other content" in refused(work, order(), order(sample("1UR10")))


def test_identifiers_of_two_orders_are_refused(work):
    one, two = ({"system": "https://orders.example", "value": f"ORDER-{number}"} for number in (1, 2))
    mixed = order(identifier=[one, two])
    assert "several orders" in refused(work, order(identifier=[one]), order(identifier=[two]), mixed)


def test_a_tracking_number_may_come_again(work):
    parcel = {"system": "https://carrier.example/tracking-number", "value": "123456789012"}
    one, two = ({"system": "https://orders.example", "value": f"ORDER-{number}"} for number in (1, 2))
    import_one(work, order(identifier=[one, parcel]))
    assert not import_one(work, order(identifier=[two, parcel])).unchanged


def test_an_identifier_that_is_a_code_of_ours_is_refused(work):
    kit, _ = imported(work, order())
    taken = {"system": "https://orders.example", "value": kit.identifier}
    assert "which is here already" in refused(work, order(identifier=[taken]))


def test_a_site_whose_code_cannot_be_ours_is_refused_with_its_place(work):
    odd = {"author": STAFF, "site": {"system": "https://sites.example", "value": "Site A, Ward 4"}}
    assert "$.finalizedInfo.site.value" in refused(work, order(finalizedInfo=odd))


def test_who_may_not_record_it_imports_nothing(work):
    auditor = Actor("aud.abe", "Abe", frozenset({(Role.AUDITOR, None)}))
    with pytest.raises(Forbidden):
        import_one(work, order(), by=auditor)


# Files.


@contextmanager
def nested(work):
    with work.savepoint():
        yield work


def test_each_file_is_taken_or_refused_by_itself(work, tmp_path):
    (tmp_path / "half.json").write_bytes(REAL[0].read_bytes()[:700])
    (tmp_path / "large.json").write_bytes(b" " * (LARGEST_ORDER + 1))
    files = [
        REAL[0],
        tmp_path / "half.json",
        REAL[1],
        REAL[0],
        tmp_path / "none.json",
        tmp_path / "large.json",
    ]
    found = import_orders(lambda: nested(work), files, by=LEAD, pseudonyms=KEYED).as_document()
    errors = found.pop("errors")
    assert found == {"orders": 2, "samples": 32, "changed": 0, "unchanged": 1}
    assert [error["file"] for error in errors] == ["half.json", "none.json", "large.json"]
    assert errors[0]["where"].startswith("line ")
    assert all(
        set(error) == {"file", "where", "problem"} and "\n" not in error["problem"] for error in errors
    )
    assert work.session.query(ImportedOrder).count() == 2


def test_a_file_of_which_the_last_line_is_bad_leaves_nothing(work, tmp_path):
    path = tmp_path / "order.json"
    path.write_text(json.dumps(order(sample("1ED04"), sample("1XX99"))))
    found = import_orders(lambda: nested(work), [path], by=LEAD, pseudonyms=KEYED)
    assert (found.orders, found.errors[0].where) == (0, "$.samples[1].test")
    assert work.session.query(Item).count() == 0
    assert work.session.query(Participant).count() == 0


def test_the_key_is_read_from_its_file(settings, app):
    one = read_pseudonyms(settings)
    assert one.participant("P900000021") == one.participant(" p900000021 ")
    assert one.participant("P900000021") != KEYED.participant("P900000021")
