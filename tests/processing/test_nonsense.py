"""Whatever is typed into a field of the bench's forms: one sentence at that field, or it is taken; nothing half done."""

import re

import pytest

from tests.processing.test_bench_pages import database_url, form_of, tech, tubes

__all__ = ["database_url", "tech", "tubes"]

NUMBERS = ["-1", "0", "1e9", "1e999", "NaN", "Infinity", "½", "²", "500 µL", "5 mL", "1_000", "1,000.5", "0x10", "<b>", "10000000", "a\x00b", "x" * 5000]  # fmt: skip
CODES = ["½", "<b>", "-1", "x" * 5000]
WORDS = ["½", "<b>", "-1", "a\x00b", "x" * 5000]
ASKED = re.compile(r'data-ask-back="([^"]+)"')


def problems(page):
    """Which fields are named in the list of what is wrong."""
    return re.findall(r'href="#([\w-]+)">[^<]+</a></li>', page.text)


def refused_at(page, field):
    sentence = re.search(rf'id="{field}-error"[^>]*>(?:<[^>]*>)*([^<]+)', page.text)
    told = sentence[1].strip() if sentence else ""
    return (
        (page.status, problems(page)[-1:]) == (422, [field]) and told.endswith(".") and "details." not in told
    )


def made_of(programme, tube):
    return programme.get("biobank_technician", f"/items/{tube}").json["children"]


@pytest.mark.parametrize(
    ("field", "typed", "more"),
    [
        ("volume-0", NUMBERS, {}),
        ("more_count", NUMBERS, {"more_material": "plasma"}),
        ("more_volume", NUMBERS, {"more_material": "plasma", "more_count": "1"}),
        ("more_material", WORDS, {"more_count": "1"}),
        ("issuer", WORDS, {"codes": " ".join(f"FX{number}" for number in range(10))}),
        ("codes", WORDS, {"issuer": "FluidX"}),
        ("kept_at", WORDS, {}),
        ("occurred_at", WORDS, {}),
    ],
)
def test_nonsense_in_a_field_of_what_was_made_is_one_sentence_there(
    tech, tubes, programme, field, typed, more
):
    tube = tubes["1ED10"]
    url = f"/processing/aliquots/{tube}"
    form = form_of(tech.get(url))
    for text in typed:
        assert refused_at(tech.post(url, **form | more | {field: text}), field), (field, text[:20])
    assert made_of(programme, tube) == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("volume", NUMBERS),
        ("count", NUMBERS),
        ("concentration_picograms_per_microlitre", ["-1", "1e9", "½", "NaN", "1_000", "10 ng"]),
        ("a260_280_thousandths", ["-1", "5.1", "½", "NaN", "1_000"]),
        ("cells", ["-1", "1e11", "½", "NaN", "1_000"]),
        ("specification", ["", *WORDS]),
        ("issuer", WORDS),
        ("codes", CODES),
    ],
)
def test_nonsense_in_a_field_of_a_derivative_is_one_sentence_there(tech, tubes, programme, field, typed):
    url = f"/items/{tubes['1ED10']}/steps/derive"
    form = {"specification": "protein", "volume": "0.01", "count": "1", "issuer": "FluidX", "codes": "FX1"}
    for text in typed:
        assert refused_at(tech.post(url, **form | {field: text}), field), (field, text[:20])
    assert made_of(programme, tubes["1ED10"]) == []


@pytest.mark.parametrize(("field", "typed"), [("each", NUMBERS), ("volume", NUMBERS), ("specification", WORDS), ("issuer", WORDS), ("code", CODES)])  # fmt: skip
def test_nonsense_in_a_field_of_a_pool_is_one_sentence_there(tech, tubes, programme, field, typed):
    parts = "\n".join(tubes[code] for code in ("1ED10", "1ED04"))
    form = {"parts": parts, "specification": "mixture", "each": "0.1", "issuer": "FluidX", "code": "FX1"}
    for text in typed:
        assert refused_at(tech.post("/pools", **form | {field: text}), field), (field, text[:20])
    assert made_of(programme, tubes["1ED10"]) == []


def test_a_comma_is_a_point_and_microlitres_for_millilitres_are_asked_back_with_both_units(
    tech, tubes, programme
):
    tube = tubes["1UR10"]
    url = f"/processing/aliquots/{tube}"
    form = form_of(tech.get(url))
    asked = tech.post(url, **form | {"volume-0": "500"})
    assert (asked.status, ASKED.findall(asked.text)) == (409, ["overdrawn"])
    assert "507.5 mL are 507500 µL" in asked.text
    again = {"volume-0": "1,5", "volume-1": ""}
    assert tech.sent(url, **form | again).answer[0] == "Aliquoted"
    seen = [programme.get("biobank_technician", f"/items/{each}").json for each in made_of(programme, tube)]
    assert [each["volume_microlitres"] for each in seen] == [1500, None, 1500, 1500, 1500, 1500]


def test_somebody_who_confirms_an_overdraw_has_it_recorded_with_a_flag(tech, tubes, programme):
    url = f"/processing/aliquots/{tubes['1UR10']}"
    form = form_of(tech.get(url)) | {"volume-0": "3.5"}
    assert ASKED.findall(tech.post(url, **form).text) == ["overdrawn"]
    done = tech.sent(url, **form | {"confirmation": "the cup was overfull"})
    assert done.answer[0] == "Aliquoted"
    events = programme.get("biobank_technician", f"/items/{tubes['1UR10']}/events").json["events"]
    assert any("overdrawn" in each["event"].get("flags", ()) for each in events)
