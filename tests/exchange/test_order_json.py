"""The programme's order JSON: the two real orders, each kind of refusal with its place, each kind of flag."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biobank.exchange.choices import Fate, FlagKind
from biobank.exchange.formats import read_order
from biobank.exchange.inputs import Author, Handling, SiteReference
from biobank.exchange.json_document import FileRefused
from biobank.kits.definitions import load_definitions

ROOT = Path(__file__).parents[2]
DEFINITIONS = load_definitions(ROOT / "config" / "kits")
ORDERS = Path(__file__).parent / "orders"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STAFF = {"system": "https://staff.example", "value": "testa.phlebotomist@clinic.example"}
SITE = {"system": "https://sites.example", "value": "site-a"}


def sample(test, **values):
    return {"test": test, "collected": "2026-03-01T09:00:00Z", **values}


def order(*samples, **values):
    document = {
        "subject": "Patient/P900000021",
        "identifier": [{"system": "https://orders.example", "value": "ORDER-1"}],
        "created": "2026-03-01T08:30:00Z",
        "createdInfo": {"author": STAFF, "site": SITE},
        "samples": list(samples) or [sample("1ED04")],
        **values,
    }
    return {key: value for key, value in document.items() if value is not ...}


def read(document, **options):
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_order(content, "order.json", DEFINITIONS, NOW, **options)


def real(name):
    return read_order((ORDERS / name).read_bytes(), name, DEFINITIONS, NOW)


def kinds(read_back):
    return Counter(flag.kind for flag in read_back.flags)


def fates(read_back):
    return {tube.code: tube.fate for tube in read_back.tubes}


def refusal(document):
    with pytest.raises(FileRefused) as caught:
        read(document)
    assert caught.value.extra["file"] == "order.json"
    assert (
        caught.value.detail == f"order.json, {caught.value.extra['where']}: {caught.value.extra['problem']}."
    )
    assert "\n" not in caught.value.detail
    return caught.value.extra["where"], caught.value.extra["problem"]


# The real orders.


def test_the_first_order_is_read_as_it_is_written():
    found = real("biobank_order_1.json")
    assert found.programme_participant == "P900000011"
    assert [identifier.value for identifier in found.identifiers] == [
        "healthpro-order-id-123900000011",
        "WEB1YLHV900000011",
    ]
    assert all(identifier.names_participant for identifier in found.identifiers)
    assert found.created.at == datetime(2016, 1, 4, 9, 40, 21, tzinfo=UTC)
    assert found.created_info == Handling(
        Author("https://www.pmi-ops.org/healthpro-username", "fred@pmi-ops.org"),
        SiteReference("https://www.pmi-ops.org/site-id", "hpo-site-monroeville"),
    )
    assert found.collected_info.author.value == "joe@pmi-ops.org"
    assert found.processed_info.author.value == "sue@pmi-ops.org"
    assert found.finalized_info.site.value == "hpo-site-bannerphoenix"
    assert (found.cancelled_info, found.restored_info, found.amended_info) == (None, None, None)
    assert [note.about for note in found.notes] == ["collected", "processed", "finalized"]
    assert found.notes[0].text == "Only got 7mL in the ED10 tubes"
    assert len(found.samples) == 16
    plasma = found.samples[1]
    assert (plasma.test, plasma.description, plasma.processing_required) == (
        "1PST8",
        "Plasma Separator 8 mL",
        True,
    )
    assert plasma.processed.at == datetime(2016, 1, 4, 10, 28, 50, tzinfo=UTC)


def test_the_first_order_mixes_versions_and_names_tubes_by_several_codes():
    found = real("biobank_order_1.json")
    assert found.definition is None
    assert kinds(found) == {FlagKind.AS_ORDERED: 1, FlagKind.SAME_TUBE: 2, FlagKind.SPIN_MISSING: 1}
    tubes = {tube.code: tube.tests for tube in found.tubes if len(tube.tests) > 1}
    assert tubes == {"1PS08": ("1PST8", "1PS08", "2PST8"), "1SS08": ("1SST8", "2SST8", "1SS08")}
    assert len(found.tubes) == 12
    assert set(fates(found).values()) == {Fate.COLLECTED}


def test_the_second_order_was_finalized_without_collecting_everything():
    found = real("biobank_order_2.json")
    assert found.definition is None
    assert kinds(found) == {FlagKind.AS_ORDERED: 1, FlagKind.SAME_TUBE: 2}
    not_collected = {code for code, fate in fates(found).items() if fate is Fate.NOT_COLLECTED}
    assert not_collected == {"2ED10", "1HEP4", "1UR10", "1UR90", "1SAL", "1SAL2"}
    serum = next(tube for tube in found.tubes if tube.code == "1SS08")
    assert serum.fate is Fate.COLLECTED
    assert serum.processed.at == datetime(2016, 1, 4, 10, 28, 50, tzinfo=UTC)


def test_the_order_of_the_demonstration_can_be_read():
    path = ROOT / "config" / "demo" / "biobank_order.json"
    assert read_order(path.read_bytes(), path.name, DEFINITIONS, NOW).programme_participant == "P900000001"


@pytest.mark.parametrize("name", ["biobank_order_1.json", "biobank_order_2.json"])
def test_a_template_that_nobody_filled_is_refused(name):
    text = (ORDERS / name).read_text().replace("Patient/P9", "Patient/%(client_participant_id)s P9")
    assert refusal(text.encode()) == (
        "$.subject",
        "the placeholder %(client_participant_id)s was never filled; the sender must fill it",
    )


@pytest.mark.parametrize("cut", [0, 1, 100, 2000, -3])
def test_half_an_order_is_refused(cut):
    where, problem = refusal((ORDERS / "biobank_order_1.json").read_bytes()[:cut])
    assert where.startswith("line ")
    assert "send the whole file" in problem


# Privacy.


def test_nothing_that_points_at_a_person_is_shown():
    found = real("biobank_order_1.json")
    for shown in (repr(found), str(found), repr(found.flags), repr(found.created_info)):
        assert "900000011" not in shown
        assert "@" not in shown


def test_persons_are_taken_out_of_free_text():
    found = read(
        order(
            sample("1ED04", description="Drawn for P900000021"),
            notes={
                "collected": "Call testa@clinic.example about 900000021, order healthpro-order-id-123900000021",
                "finalized": "Fridge 520A",
                "processed": "clerk-77 was there",
            },
            amendedReason="p900000021 moved",
            collectedInfo={"author": {"system": "https://staff.example", "value": "clerk-77"}},
        ),
    )
    assert {note.about: note.text for note in found.notes} == {
        "collected": "Call [removed] about [removed], order healthpro-order-id-123[removed]",
        "processed": "[removed] was there",
        "finalized": "Fridge 520A",
    }
    assert found.samples[0].description == "Drawn for [removed]"
    assert found.amended_reason == "[removed] moved"
    removed = {flag.where for flag in found.flags if flag.kind is FlagKind.PERSONAL_TEXT_REMOVED}
    assert removed == {
        "$.samples[0].description",
        "$.notes.collected",
        "$.notes.processed",
        "$.amendedReason",
    }
    assert not any("900000021" in flag.sentence for flag in found.flags)


def test_a_short_participant_number_does_not_eat_volumes():
    found = read(order(subject="Patient/P7", notes={"collected": "Only 7mL for P7"}))
    assert found.notes[0].text == "Only 7mL for [removed]"


def test_an_identifier_says_whether_it_names_the_participant():
    identifiers = [
        {"system": "a", "value": "ORDER-1"},
        {"system": "b", "value": "X-900000021-1"},
        {"system": "a", "value": "ORDER-1"},
    ]
    found = read(order(identifier=identifiers))
    assert [(entry.value, entry.names_participant) for entry in found.identifiers] == [
        ("ORDER-1", False),
        ("X-900000021-1", True),
    ]


# What is read.


def test_an_order_of_one_version_names_its_definition():
    found = read(order(sample("PS04A", processed="2026-03-01T09:40:00Z"), sample("1UR10")))
    assert found.definition == "adult-3.2"
    assert found.flags == ()


def test_a_tube_named_only_by_its_spin_is_the_tube_of_the_draw():
    found = read(order(sample("2SST8", processed="2026-03-01T09:40:00Z")))
    (tube,) = found.tubes
    assert (tube.code, tube.tests, tube.spun_as) == ("1SS08", ("2SST8",), "2SST8")


def test_the_offset_of_a_time_is_kept():
    found = read(order(sample("1ED04", collected="2026-03-01T03:15:00-06:00")))
    told = found.samples[0].collected
    assert (told.at, told.offset_minutes) == (datetime(2026, 3, 1, 9, 15, tzinfo=UTC), -360)


def test_what_is_optional_may_be_absent_null_or_blank():
    found = read(
        order(
            sample("1ED04", description=None, processed="", finalized=None),
            notes={"collected": " "},
            status=None,
            collectedInfo={"author": None},
        ),
    )
    assert found.samples[0].description is None
    assert (found.samples[0].processed, found.samples[0].finalized, found.status) == (None, None, None)
    assert (found.notes, found.collected_info) == ((), Handling())


@pytest.mark.parametrize(("version", "kept"), [(3, "3"), ("3", "3"), (None, None)])
def test_status_origin_and_version_are_kept(version, kept):
    found = read(order(status="AMENDED", origin="hpro", version=version, meta={"versionId": 'W/"1"'}))
    assert (found.status, found.origin, found.version) == ("AMENDED", "hpro", kept)


def test_spacing_and_order_of_keys_do_not_make_another_content():
    document = order(notes={"collected": "Grüße {not a placeholder of ours}"})
    turned = dict(reversed(document.items()))
    spaced = json.dumps(turned, indent=4, ensure_ascii=False).encode("utf-8-sig")
    assert read(spaced).content == read(document).content
    assert read(order(status="AMENDED")).content != read(order()).content


# A finalized order, and one that is not.


@pytest.mark.parametrize(
    ("values", "finalized", "fate"),
    [
        ({"collected": None}, False, Fate.EXPECTED),
        ({"collected": None}, True, Fate.NOT_COLLECTED),
        ({"collected": None, "finalized": "2026-03-01T10:00:00Z"}, False, Fate.NOT_COLLECTED),
        ({}, False, Fate.COLLECTED),
        ({}, True, Fate.COLLECTED),
    ],
)
def test_the_fate_of_a_tube(values, finalized, fate):
    info = {"finalizedInfo": {"author": STAFF, "site": SITE}} if finalized else {}
    assert fates(read(order(sample("1ED04", **values), **info))) == {"1ED04": fate}


# Facts that are odd are kept, with a flag.


@pytest.mark.parametrize(
    ("values", "kind", "step"),
    [
        ({"collected": "2026-03-01T08:00:00Z"}, FlagKind.COLLECTED_BEFORE_CREATED, "collected"),
        ({"processed": "2026-03-01T08:59:59Z"}, FlagKind.PROCESSED_BEFORE_COLLECTED, "processed"),
        ({"finalized": "2026-03-01T08:59:59Z"}, FlagKind.FINALIZED_BEFORE_COLLECTED, "finalized"),
        (
            {"processed": "2026-03-01T10:00:00Z", "finalized": "2026-03-01T09:30:00Z"},
            FlagKind.FINALIZED_BEFORE_PROCESSED,
            "finalized",
        ),
        (
            {"collected": None, "processed": "2026-03-01T09:00:00Z"},
            FlagKind.PROCESSED_WITHOUT_COLLECTED,
            "processed",
        ),
        ({"finalized": "2026-03-01T12:05:01Z"}, FlagKind.IN_THE_FUTURE, "finalized"),
    ],
)
def test_a_line_that_contradicts_itself_is_kept_with_a_flag(values, kind, step):
    found = read(order(sample("1UR10"), sample("1ED04", **values)))
    (flag,) = found.flags
    assert (flag.kind, flag.where, flag.tests) == (kind, f"$.samples[1].{step}", ("1ED04",))
    assert flag.sentence.startswith("Sample 1ED04 was ")
    told = getattr(found.samples[1], step).at
    assert told == datetime.fromisoformat(values[step])


@pytest.mark.parametrize(
    "values",
    [
        {"collected": "2026-03-01T08:30:00Z"},
        {"processed": "2026-03-01T09:00:00Z", "finalized": "2026-03-01T09:00:00Z"},
        {"collected": "2026-03-01T12:05:00Z"},
    ],
)
def test_times_that_are_just_so_have_no_flag(values):
    assert read(order(sample("1ED04", **values))).flags == ()


def test_an_order_from_the_future_is_kept_with_a_flag():
    found = read(order(sample("1ED04", collected="2026-03-02T09:00:00Z"), created="2026-03-02T08:00:00Z"))
    assert [flag.where for flag in found.flags] == ["$.created", "$.samples[0].collected"]
    assert kinds(found) == {FlagKind.IN_THE_FUTURE: 2}
    wide = read(order(created="2026-03-02T08:00:00Z"), clock_skew=timedelta(days=2))
    assert FlagKind.IN_THE_FUTURE not in kinds(wide)


@pytest.mark.parametrize(
    ("tube", "info", "flagged"),
    [
        (sample("1SS08"), {}, False),
        (sample("1SS08"), {"finalizedInfo": {"site": SITE}}, True),
        (sample("1PS08", finalized="2026-03-01T10:00:00Z"), {}, True),
        (sample("1PS08", processed="2026-03-01T09:40:00Z", finalized="2026-03-01T10:00:00Z"), {}, False),
        (sample("1SS08", collected=None), {"finalizedInfo": {"site": SITE}}, False),
        (sample("1ED04", finalized="2026-03-01T10:00:00Z"), {}, False),
        (sample("1SAL", finalized="2026-03-01T10:00:00Z"), {}, False),
    ],
)
def test_a_spin_is_missing_where_the_tube_needs_one_and_was_finalized(tube, info, flagged):
    assert (FlagKind.SPIN_MISSING in kinds(read(order(tube, **info)))) is flagged


def test_lines_of_one_tube_that_differ_keep_the_earliest_time():
    found = read(
        order(
            sample("1SS08", collected="2026-03-01T09:10:00Z"),
            sample("1SST8", collected="2026-03-01T03:05:00-06:00", processed="2026-03-01T09:50:00Z"),
        ),
    )
    (tube,) = found.tubes
    assert kinds(found) == {FlagKind.SAME_TUBE: 1, FlagKind.TIMES_DIFFER: 1}
    assert tube.collected.at == datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
    assert tube.spun_as == "1SST8"


def test_the_two_plasma_tubes_of_one_kit_stay_two():
    found = read(order(sample("PS04A"), sample("PS04B"), sample("1PS4A")))
    assert [tube.tests for tube in found.tubes] == [("PS04A", "1PS4A"), ("PS04B",)]


def test_a_key_that_nobody_knows_is_told_and_not_lost_in_silence():
    found = read(order(sample("1ED04", colected="x"), notes={"testa participant": "x"}, sourceSite={}))
    assert {(flag.kind, flag.where, flag.sentence) for flag in found.flags} == {
        (FlagKind.UNKNOWN_KEY, "$", "The key sourceSite is not known and was not read."),
        (FlagKind.UNKNOWN_KEY, "$.samples[0]", "The key colected is not known and was not read."),
        (FlagKind.UNKNOWN_KEY, "$.notes", "A key is not known and was not read."),
    }


# What cannot be read is refused, with its place.

MISSING = "this is missing; the sender must add it"


@pytest.mark.parametrize(
    ("document", "where", "says"),
    [
        ([], "$", "an object in braces"),
        ("order", "$", "an object in braces"),
        (order(subject=...), "$.subject", MISSING),
        (order(subject=7), "$.subject", "a text in quotes"),
        (order(subject="Patient/Testa"), "$.subject", "Patient/P900000001"),
        (order(subject="Patient/P900000021/_history/1"), "$.subject", "Patient/P900000001"),
        (order(identifier=...), "$.identifier", MISSING),
        (order(identifier=[]), "$.identifier", "this list is empty"),
        (order(identifier={"system": "a", "value": "b"}), "$.identifier", "a list in brackets"),
        (order(identifier=[{"system": "a"}]), "$.identifier[0].value", MISSING),
        (order(identifier=["ORDER-1"]), "$.identifier[0]", "an object in braces"),
        (order(identifier=[{"system": "a", "value": 4}]), "$.identifier[0].value", "a text in quotes"),
        (order(created=...), "$.created", MISSING),
        (order(createdInfo=...), "$.createdInfo", MISSING),
        (order(createdInfo={"site": SITE}), "$.createdInfo.author", MISSING),
        (order(createdInfo={"author": STAFF}), "$.createdInfo.site", MISSING),
        (order(createdInfo="fred"), "$.createdInfo", "an object in braces"),
        (order(collectedInfo={"author": {"system": "a"}}), "$.collectedInfo.author.value", MISSING),
        (order(samples=...), "$.samples", MISSING),
        (order(samples=[]), "$.samples", "this list is empty"),
        (order({"collected": "2026-03-01T09:00:00Z"}), "$.samples[0].test", MISSING),
        (
            order(sample("1ED04"), sample("1UR10"), sample("1ED04")),
            "$.samples[2].test",
            "already at $.samples[0]",
        ),
        (order(sample("1XX99")), "$.samples[0].test", "the test 1XX99 is in no kit definition"),
        (order(sample("Testa Participant")), "$.samples[0].test", "this test is in no kit definition"),
        (
            order(sample("1ED04", processingRequired="yes")),
            "$.samples[0].processingRequired",
            "true or false",
        ),
        (order(sample("{test}")), "$.samples[0].test", "the placeholder {test} was never filled"),
        (order(status="{status}"), "$.status", "the placeholder {status}"),
        (order(unknown=[{"deep": "%(count)d"}]), "$.unknown[0].deep", "the placeholder %(count)d"),
        (order(notes="free"), "$.notes", "an object in braces"),
        (order(notes={"collected": 7}), "$.notes.collected", "a text in quotes"),
        (order(notes={"collected": "x" * 4001}), "$.notes.collected", "longer than 4000"),
        (order(notes={"collected": "a\u0000b"}), "$.notes.collected", "cannot be printed"),
        (order(notes={"collected": "a\ud800b"}), "$.notes.collected", "cannot be printed"),
        (order(version=1.5), "$.version", "a text in quotes"),
        (order(version=True), "$.version", "a text in quotes"),
        (b"\xff\xfe{", "byte 0", "not UTF-8"),
        (b'{"subject": "Patient/P1", "subject": "Patient/P2"}', "key subject", "twice"),
        (b'{"a b": 1, "a b": 2}', "$", "twice"),
        (b"[" * 100_000, "$", "nesting too deep"),
        (b"9" * 5000, "$", "a number is too long"),
        (b"{}{}", "line 1, column 3", "the JSON ends or breaks here"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(document, where, says):
    found, problem = refusal(document)
    assert found == where
    assert says in problem
    assert "Testa" not in problem


@pytest.mark.parametrize(
    "time",
    [
        "2026-03-01T09:00:00",
        "2026-03-01",
        "2026-13-01T09:00:00Z",
        "2026-02-29T09:00:00Z",
        "2026-03-01T24:30:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "yesterday",
        1772355600,
        ["2026-03-01T09:00:00Z"],
    ],
)
def test_a_bad_time_is_refused_and_never_guessed(time):
    assert refusal(order(created=time))[0] == "$.created"
    assert refusal(order(sample("1ED04", collected=time)))[0] == "$.samples[0].collected"


# Nothing from outside brings another error than ours.

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(order())), anything)
def test_any_value_in_any_place_is_read_or_refused(key, value):
    try:
        found = read(order(**{key: value}))
    except FileRefused:
        return
    assert found.samples


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["test", "description", "processingRequired", "collected", "processed", "finalized"]),
    anything,
)
def test_any_value_in_a_sample_is_read_or_refused(key, value):
    try:
        found = read(order(sample("1ED04") | {key: value}))
    except FileRefused:
        return
    assert found.tubes


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(content):
    with pytest.raises(FileRefused):
        read(content)
