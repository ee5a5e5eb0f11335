"""No text that points at a person gets into the ledger, a message or the log of refused scans."""

import pytest

from biobank.core.personal_shapes import NamesSomebody, personal_shape
from biobank.custody.queries import item_now
from biobank.custody.states import Action
from biobank.custody.steps import Source, UnknownItem

PERSONAL = (
    ("write to testa@example.org", "an e-mail address"),
    ("call (312) 555-0142", "a phone number"),
    ("call 312-555-0142", "a phone number"),
    ("born 01/02/1980", "a date"),
    ("born 1980-02-01", "a date"),
    ("born 1980/02/01", "a date"),
    ("born 02-01-1980", "a date"),
    ("call +13125550142", "a phone number"),
    ("she is P123456789", "an id of the programme"),
    ("it broke U1234 5678 9012 3456 7890 1234", "a person's badge"),
)
PLAIN = ("it really was so", "lot 7, rack 12", "tracking 999999999991", "T483134562451", "2 mL short", "")


@pytest.mark.parametrize(("text", "found"), PERSONAL)
def test_what_points_at_a_person_is_seen(text, found):
    assert personal_shape(text) == found


def test_a_megabyte_is_looked_at_quickly():
    """Text of anybody's: a search that tries every pair of places would take hours."""
    for text in ("A" * 2**20, "1" * 2**20, "P1" * 2**19, "+" * 2**20, "1-" * 2**19, "U " * 2**19):
        assert personal_shape(text) is None


@pytest.mark.parametrize("text", PLAIN)
def test_what_a_bench_writes_is_left_alone(text):
    assert personal_shape(text) is None


@pytest.mark.parametrize(("text", "found"), PERSONAL)
def test_a_reason_that_points_at_a_person_is_refused_and_nothing_is_kept(bench, text, found):
    tube = bench.tube("stored")
    for told in ({"confirmation": text}, {"details": {"reason": text}}):
        with pytest.raises(NamesSomebody, match=found):
            bench.take(tube, Action.QUARANTINE, **told)
    assert text.encode() not in b"".join(str(event).encode() for event in bench.events(tube))


def test_texts_deep_in_the_details_are_looked_at_too(bench):
    tube = bench.tube("stored")
    for details in ({"seen": [{"by": "testa@example.org"}]}, {"seen": {"testa@example.org": 1}}):
        with pytest.raises(NamesSomebody, match="an e-mail address"):
            bench.take(tube, Action.QUARANTINE, details={"reason": "cracked", **details})


def test_who_did_it_is_a_user_name_and_a_paper_form_a_number(bench):
    tube = bench.tube("stored")
    told = (
        {"performed_by": "Testa Participant"},
        {"source": Source("paper", "form of testa@example.org")},
        {"source": Source("paper", "P123456789")},
    )
    for each in told:
        with pytest.raises(NamesSomebody):
            bench.take(tube, Action.QUARANTINE, details={"reason": "cracked"}, **each)


def test_a_reason_has_its_length(bench):
    with pytest.raises(NamesSomebody, match="at most 500"):
        bench.take(bench.tube("stored"), Action.QUARANTINE, details={"reason": "x" * 501})


def test_files_were_cleaned_before_and_are_taken(bench):
    done = bench.take(bench.tube("stored"), Action.QUARANTINE, source=Source("file", "a.json"),
                      details={"reason": "seen on 2016-01-04"})  # fmt: skip
    assert done.event["details"]["reason"] == "seen on 2016-01-04"


@pytest.mark.parametrize("text", ["TESTA PARTICIPANT", "P123456789", "testa@example.org"])
def test_an_unknown_code_is_said_again_only_if_it_can_be_a_code(bench, text):
    with pytest.raises(UnknownItem) as refused:
        item_now(bench.work, text)
    assert refused.value.detail.startswith("What was scanned is not a code of ours")
    with pytest.raises(UnknownItem, match="'KIT-404' is not a code of ours"):
        item_now(bench.work, "KIT-404")


def test_a_condition_seen_later_is_an_event_of_its_own(bench):
    tube = bench.tube("in_transit")
    first = bench.take(tube, Action.RECEIVE)
    assert bench.take(tube, Action.RECEIVE).repeated
    second = bench.take(tube, Action.RECEIVE, details={"conditions": ["haemolysed"]})
    assert not second.repeated
    assert second.event["sequence"] > first.event["sequence"]
