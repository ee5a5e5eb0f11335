"""Spans: where any sequence of decisions leaves what was given when."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.withdrawals.standing import CameBack, Decided, Linked, newest_answers, span_at, stand_of

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = some.integers(0, 300).map(lambda days: START + timedelta(days=days))
DECISIONS = some.builds(
    Decided,
    code=some.just("A"),
    leaves=some.booleans(),
    information=some.sampled_from(InformationAnswer),
    samples=some.sampled_from(SamplesAnswer),
    decided_at=DAYS,
)
FACTS = some.lists(DECISIONS | some.builds(CameBack, some.just("A"), DAYS), max_size=8)


def of(facts, code):
    return [fact.__class__(**{**fact.__dict__, "code": code}) for fact in facts]


@given(FACTS, DAYS)
def test_spans_are_in_order_and_cover_every_moment(facts, moment):
    spans = stand_of("A", facts)
    begins = [span.begins_at for span in spans[1:]]
    assert spans[0].begins_at is None
    assert begins == sorted(set(begins))
    assert span_at(spans, moment) in spans


@given(FACTS, DECISIONS, DAYS)
def test_no_further_decision_frees_what_was_to_be_destroyed(facts, further, moment):
    before = span_at(stand_of("A", facts), moment)
    after = span_at(stand_of("A", [*facts, further]), moment)
    if before.samples is SamplesAnswer.DESTROY:
        assert after.samples is SamplesAnswer.DESTROY
    if before.information is InformationAnswer.REMOVE:
        assert after.information is InformationAnswer.REMOVE


@given(FACTS, DAYS)
def test_leaving_reaches_everything_until_a_new_consent(facts, moment):
    last = Decided("A", True, InformationAnswer.REMOVE, SamplesAnswer.DESTROY, START + timedelta(days=400))
    spans = stand_of("A", [*facts, last])
    assert all(span.left_at is not None and span.use_blocked for span in spans)
    back = CameBack("A", START + timedelta(days=500))
    again = stand_of("A", [*facts, last, back])
    assert again[-1].left_at is None
    assert not again[-1].use_blocked
    assert again[:-1] == spans
    assert newest_answers(again) == (InformationAnswer.REMOVE, SamplesAnswer.DESTROY)


@given(FACTS, DECISIONS, DAYS)
def test_who_stays_decides_about_what_was_given_by_then(facts, further, moment):
    told = Decided("A", False, further.information, further.samples, further.decided_at)
    before = stand_of("A", facts)
    if span_at(before, told.decided_at).left_at is not None or moment < told.decided_at:
        return
    assert span_at(stand_of("A", [*facts, told]), moment).samples == span_at(before, moment).samples


@given(FACTS, FACTS, DAYS)
def test_of_two_codes_the_stricter_holds_whichever_goes_on(one, other, moment):
    facts = [*of(one, "A"), *of(other, "B")]
    first = span_at(stand_of("B", [*facts, Linked("A", "B")]), moment)
    second = span_at(stand_of("A", [*facts, Linked("B", "A")]), moment)
    assert (first.information, first.samples, first.left_at) == (
        second.information,
        second.samples,
        second.left_at,
    )
    for code in ("A", "B"):
        alone = span_at(stand_of(code, facts), moment)
        assert not alone.use_blocked or first.use_blocked
        assert alone.left_at is None or first.left_at is not None
