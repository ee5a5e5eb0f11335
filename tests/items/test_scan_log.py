"""The log of scans: every one, with what it was read as and what came of it; nothing that points at a person."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.database import reading
from biobank.core.errors import DomainError
from biobank.custody.queries import item_if_known, item_now
from biobank.custody.steps import UnknownItem
from biobank.items.choices import ScanOutcome
from biobank.items.identifiers import KeyboardDiffers, TwoCodes
from biobank.items.inputs import SeenScan
from biobank.items.keyboards import KEYS, LAYOUTS, SHIFTED
from biobank.items.models import LoggedScan
from biobank.items.operations import forget_old_scans, log_scan, log_scans
from biobank.items.queries import scans_asked_for, scans_seen_by
from tests.custody.conftest import Bench
from tests.programme import PARTICIPANT

CLINIC = Actor("clinic.ana", "Testa Ana", frozenset({(Role.CLINIC, "clinic-1")}), station="clinic-1/DESK")
AUDITOR = Actor("audit.otto", "Testa Otto", frozenset({(Role.AUDITOR, None)}))
BETWEEN = Actor("tech.two", "Testa Two", frozenset({(Role.TECHNICIAN, "a"), (Role.TECHNICIAN, "b")}))
PRODUCT = "09506000134352"


def french(code):
    return code.translate(str.maketrans(KEYS + SHIFTED, "".join(LAYOUTS["French"])))


@pytest.fixture
def bench(work):
    return Bench(work)


def kept(work):
    work.expire()
    return list(work.session.scalars(select(LoggedScan).order_by(LoggedScan.id)))


def logged(work, seen, by=CLINIC):
    log_scan(work, seen, by=by)
    return kept(work)[-1]


def test_a_scan_is_kept_with_who_where_and_what_it_was_read_as(bench):
    tube = bench.tube()
    number = bench.now(tube).id
    row = logged(bench.work, SeenScan(f"]C0{tube}\r", ScanOutcome.TAKEN, "collect", number))
    assert (row.text_seen, row.read_as, row.damage) == (f"]C0{tube}␍", tube, None)
    assert (row.item_id, row.action, row.outcome, row.refusal) == (number, "collect", "taken", None)
    assert (row.person, row.station, row.site) == ("clinic.ana", "clinic-1/DESK", "clinic-1")
    assert moments.now() - row.at < timedelta(minutes=1)


def test_damage_that_was_undone_is_named_and_the_text_stays_as_it_was_seen(bench):
    row = logged(bench.work, SeenScan(french("T483134562451"), ScanOutcome.REFUSED, refusal="Unknown."))
    assert (row.text_seen, row.read_as, row.damage) == (
        french("T483134562451"),
        "T483134562451",
        "french_computer",
    )


def test_texts_are_cut_and_made_visible(bench):
    row = logged(
        bench.work, SeenScan("A\x00B\udcff" + "x" * 300, ScanOutcome.REFUSED, "\x00" * 90, None, "why " * 300)
    )
    assert row.text_seen.startswith("A␀B⟨U+DCFF⟩xxx")
    assert (len(row.text_seen), len(row.read_as), len(row.action), len(row.refusal)) == (200, 80, 40, 500)
    assert logged(bench.work, SeenScan("", ScanOutcome.REFUSED)).read_as is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("testa@example.org", "an e-mail address"),
        ("P123456789", "an id of the programme"),
        ("1961-03-04", "a date"),
        ("555-123-4567", "a phone number"),
        ("Testa Participant", "words, perhaps a name"),
        ("PARTICIPANT, TESTA", "words, perhaps a name"),
        ("@\n\x1e\rANSI 636000100002DL00410278ZV", "a card with personal data"),
        ("P<USAPARTICIPANT<<TESTA<<<<", "a card with personal data"),
        ("900-12-3456", "a card with personal data"),
        ("]C0P123456789", "an id of the programme"),
        ("P123456\x1d789", "an id of the programme"),
        ("P123\u200b456789", "an id of the programme"),
        ("]C0PARTICIPANT,TESTA", "words, perhaps a name"),
        ("P&é\"'(-è_ç", "an id of the programme"),
    ],
)
def test_of_a_text_that_points_at_a_person_its_kind_and_length_are_kept(bench, text, kind):
    row = logged(bench.work, SeenScan(text, ScanOutcome.REFUSED, "collect"))
    assert row.text_seen == f"(a text that looks like {kind}, {len(text)} characters)"
    assert row.read_as is None


@pytest.mark.parametrize("text", ["PARTICIPANT,TESTA", "]Q1MECARD:N:TESTA;", "P<USAPARTICIPANT<<TESTA<"])
def test_nor_does_the_refusal_repeat_it(bench, text):
    with pytest.raises(DomainError) as caught:
        bench.now(text)
    assert "TESTA" not in caught.value.detail


def test_a_code_of_an_item_is_kept_whatever_it_looks_like(bench):
    tube = bench.tube(aliases=(("maker", "2026-03-04"),))
    row = logged(bench.work, SeenScan("2026-03-04", ScanOutcome.TAKEN, "collect", bench.now(tube).id))
    assert row.text_seen == "2026-03-04"


def test_a_batch_is_kept_at_once_and_nothing_of_an_empty_one(bench):
    log_scans(bench.work, [], by=CLINIC)
    log_scans(
        bench.work, [SeenScan(f"KIT-{number}", ScanOutcome.REFUSED) for number in range(50)], by=AUDITOR
    )
    assert [row.text_seen for row in kept(bench.work)] == [f"KIT-{number}" for number in range(50)]
    assert {row.site for row in kept(bench.work)} == {None}


def test_the_site_is_the_stations_else_the_only_one():
    assert CLINIC.bench_site == "clinic-1"
    assert AUDITOR.bench_site is None
    assert BETWEEN.bench_site is None
    assert Actor("x", "X", frozenset({(Role.TECHNICIAN, "b")})).bench_site == "b"


def test_who_sees_which_scans(bench):
    work = bench.work
    log_scan(work, SeenScan("ONE-1", ScanOutcome.REFUSED), by=CLINIC)
    log_scan(work, SeenScan("TWO-2", ScanOutcome.SHOWN), by=BETWEEN)
    elsewhere = Actor("clinic.bob", "Testa Bob", frozenset({(Role.CLINIC, "clinic-2")}))

    def seen(by, **asked):
        return [
            row.text_seen
            for row in work.session.scalars(scans_asked_for(by, **asked).order_by(LoggedScan.id))
        ]

    assert seen(CLINIC) == ["ONE-1"]
    assert seen(elsewhere) == []
    assert seen(BETWEEN) == ["TWO-2"]
    assert seen(AUDITOR) == ["ONE-1", "TWO-2"]
    assert seen(AUDITOR, refused=True) == ["ONE-1"]
    assert seen(AUDITOR, person="tech.two") == ["TWO-2"]
    assert seen(AUDITOR, station="clinic-1/DESK") == ["ONE-1"]
    assert seen(AUDITOR, read_as="TWO-2") == ["TWO-2"]


def test_the_newest_scans_of_a_site_are_found_by_an_index(bench):
    if bench.work.dialect != "sqlite":
        pytest.skip("PostgreSQL plans by what is in the table")
    question = scans_seen_by(CLINIC).order_by(LoggedScan.id.desc()).limit(51)
    compiled = str(
        question.compile(compile_kwargs={"literal_binds": True}, dialect=bench.work.connection.dialect)
    )
    plan = " ".join(row[3] for row in bench.work.connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}")))
    assert "ix_scans_site_id" in plan
    assert "TEMP B-TREE" not in plan


def test_old_scans_are_forgotten_after_the_days_that_are_set(app, settings):
    from biobank.core.database import writing

    with app.app_context():
        with writing() as work:
            log_scans(
                work, [SeenScan(f"OLD-{number}", ScanOutcome.REFUSED) for number in range(7)], by=CLINIC
            )
            work.connection.execute(text("UPDATE scans SET at = at - 864000000000"))
            log_scan(work, SeenScan("NEW-1", ScanOutcome.REFUSED), by=CLINIC)
        assert forget_old_scans(settings.with_changes(scan_log_days=0)) == 0
        assert forget_old_scans(settings.with_changes(scan_log_days=11)) == 0
        assert forget_old_scans(settings.with_changes(scan_log_days=9)) == 7
        with reading() as work:
            assert [row.text_seen for row in kept(work)] == ["NEW-1"]


# What is found, and what never is.


def test_a_keyboard_that_differs_finds_our_code_and_never_an_alias(bench):
    tube = bench.tube(aliases=(("maker", "KIT-12345678"),))
    assert item_now(bench.work, french(tube)).identifier == tube
    assert item_now(bench.work, "kit-12345678").identifier == tube
    with pytest.raises(KeyboardDiffers):
        item_now(bench.work, french("KIT-12345678"))


def test_an_alias_that_is_exactly_there_comes_before_a_repair(bench):
    other, odd = bench.tube(), french("T483134562451")
    tube = bench.tube(aliases=(("maker", odd),))
    assert item_now(bench.work, odd).identifier == tube != other


def test_two_codes_at_once_are_neither(bench):
    one, two = bench.tube(), bench.tube()
    with pytest.raises(TwoCodes):
        item_now(bench.work, one + two)
    assert item_if_known(bench.work, one + two) is None


@pytest.mark.parametrize(
    "seen",
    [
        f"(01){PRODUCT}(21)A12",
        f"]d201{PRODUCT}21A12",
        f"]d201{PRODUCT}10LOT7\x1d21a12",
        f"01{PRODUCT}21A12\r",
    ],
)
@pytest.mark.parametrize("issuer", [PRODUCT, PRODUCT[1:]])
def test_a_serial_is_found_by_its_product_alone(bench, seen, issuer):
    tube = bench.tube(aliases=((issuer, "A12"),))
    bench.tube(aliases=(("another maker", "A12"),))
    assert item_now(bench.work, seen).identifier == tube


def test_a_serial_of_another_product_is_not_found(bench):
    bench.tube(aliases=(("another maker", "A12"),))
    for seen in (f"(01){PRODUCT}(21)A12", f"]d201{PRODUCT}21A12", "(21)A12", f"01{PRODUCT}21A1210LOT7"):
        with pytest.raises(UnknownItem):
            item_now(bench.work, seen)


def test_a_whole_gs1_code_that_was_kept_is_found_however_it_is_sent(bench):
    tube = bench.tube(aliases=(("maker", f"(01){PRODUCT}(21)A12"),))
    asset = bench.tube(aliases=(("maker", "ASSET7"),))
    assert item_now(bench.work, f"]d201{PRODUCT}21A12").identifier == tube
    assert item_now(bench.work, "]C18004ASSET7").identifier == asset


# Over the edges.


def rows(programme):
    with programme.app.app_context(), reading() as work:
        return [
            (row.text_seen, row.outcome, row.action, row.damage, row.item_id is not None)
            for row in kept(work)
        ]


def test_over_http_every_scan_is_kept_taken_or_not(programme):
    _, tubes = programme.assigned_kit()
    before = len(rows(programme))
    answer = programme.scan("clinic_staff", french(tubes[0]), "collect", details={"fill": "full"})
    assert answer.status == 201
    assert [alert["kind"] for alert in answer.json["alerts"]] == ["scanner"]
    assert "Scanner test" in answer.json["alerts"][0]["text"]
    programme.scan("clinic_staff", tubes[1], "store")
    programme.scan("clinic_staff", tubes[1] + tubes[2], "collect")
    programme.scan("clinic_staff", tubes[1], "collect", occurred_at="2026-01-01T10:00:00Z")
    assert rows(programme)[before:] == [
        (french(tubes[0]), "taken", "collect", "french_computer", True),
        (tubes[1], "refused", "store", None, True),
        (tubes[1] + tubes[2], "refused", "collect", None, False),
        (tubes[1], "asked_back", "collect", None, True),
    ]


def test_a_batch_is_kept_in_the_order_it_was_sent(programme):
    _, tubes = programme.assigned_kit()
    before = len(rows(programme))
    sent = [{"item": item, "action": "collect", "occurred_at": "2026-01-01T10:00:00Z", "confirmation": "from the book"}
            for item in (tubes[0], "KIT-404", french(tubes[1]))]  # fmt: skip
    answer = programme.post("clinic_staff", "/custody/batches", {"scans": [*sent, None]})
    assert [result["status"] for result in answer.json["results"]] == [201, 404, 201, 422]
    assert [alert["kind"] for alert in answer.json["results"][2]["alerts"]][-1] == "scanner"
    assert [row[:2] for row in rows(programme)[before:]] == [
        (tubes[0], "taken"), ("KIT-404", "refused"), (french(tubes[1]), "taken"),
    ]  # fmt: skip


def test_the_log_over_http(programme):
    _, tubes = programme.assigned_kit()
    for item in (tubes[0], "KIT-404", tubes[0]):
        programme.scan("clinic_staff", item, "collect", details={"fill": "full"})
    listed = programme.get("clinic_staff", "/scans?limit=2").json
    assert [scan["text_seen"] for scan in listed["scans"]] == [tubes[0], "KIT-404"]
    more = programme.get("clinic_staff", f"/scans?limit=2&cursor={listed['next_cursor']}").json
    assert more["scans"][0]["text_seen"] == tubes[0]
    assert (more["scans"][0]["item"], more["scans"][0]["outcome"]) == (tubes[0], "taken")
    refused = programme.get("clinic_staff", "/scans?refused=true").json["scans"]
    assert [scan["text_seen"] for scan in refused] == ["KIT-404"]
    assert "is not a code of ours" in refused[0]["refusal"]
    of_one = programme.get("clinic_staff", f"/scans?text={tubes[0].lower()}").json["scans"]
    assert {scan["item"] for scan in of_one} == {tubes[0]}
    assert programme.get("clinic_staff elsewhere", "/scans").json["scans"] == []
    assert programme.get("clinic_staff", "/scans?text=").status == 422


def test_an_explanation_over_http_says_no_more_than_a_scan(programme):
    kit, tubes = programme.assigned_kit()
    mine = programme.post("clinic_staff", "/scans/explanation", {"text": f"]C0{tubes[0]}\r"}).json
    at_the_chair = f"/kits/{kit}/collect?tube={tubes[0]}"
    assert (mine["item"], mine["read_as"], mine["url"]) == (tubes[0], tubes[0], at_the_chair)
    assert "Collect" in mine["possible"]
    theirs = programme.post("clinic_staff elsewhere", "/scans/explanation", {"text": tubes[0]})
    assert (theirs.json["item"], theirs.json["url"], theirs.json["possible"]) == (None, None, [])
    assert "is of clinic-1" in theirs.json["findings"][-1]["sentence"]
    assert PARTICIPANT.encode() not in theirs.data
    assert programme.post("clinic_staff", "/scans/explanation", {"text": "x" * 10_001}).status == 422
    assert rows(programme)[-1][0] != tubes[0] or rows(programme)[-1][1] == "taken"


def test_the_log_and_an_explanation_on_a_terminal(programme):
    from biobank.commands import main

    _, tubes = programme.assigned_kit()
    programme.scan("clinic_staff", "KIT-404", "collect")

    def run(*words):
        token = {"BIOBANK_TOKEN": programme.tokens["clinic_staff"]}
        given = [*words, "--as", "clinic.here"]
        return programme.app.test_cli_runner().invoke(main, given, env=token, obj=lambda: programme.app)

    listed = run("scans", "list", "--refused")
    assert listed.exit_code == 0
    assert "KIT-404" in listed.output
    assert tubes[0] in run("scans", "explain", tubes[0].lower(), "--json").output
    told = run("scans", "explain", french(tubes[0])).output
    assert "? Scanner not set up: This looks like a scanner set to a US keyboard" in told
    assert "+ Known:" in told
