"""A plain scan is read by hand: whatever it is, the fields would have read the same."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from biobank.custody.schemas import ScanShape, plain_scan
from biobank.custody.states import Action
from biobank.web.shapes import Shape

TEXTS = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["T483134562451", "A1", "x" * 401]))
TIMES = st.one_of(
    TEXTS, st.datetimes().map(str), st.sampled_from(["2026-03-01T09:30:00-06:00", "2026-03-01T09:30:00Z"])
)
VALUES = {
    "item": TEXTS,
    "action": st.one_of(TEXTS, st.sampled_from([action.value for action in Action])),
    "occurred_at": TIMES,
    "place": TEXTS,
    "position": TEXTS,
    "details": st.one_of(TEXTS, st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2)),
    "confirmation": TEXTS,
}
PLAIN = {"item": "T483134562451", "action": "collect", "occurred_at": "2026-03-01T09:30:00-06:00"}


@settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # the first text ever drawn takes seconds
@given(st.fixed_dictionaries({}, optional=VALUES), st.booleans())
def test_reading_by_hand_agrees_with_the_fields(told, begins_plainly):
    document = {**PLAIN, **told} if begins_plainly else told
    by_hand = plain_scan(document)
    if by_hand is None:
        return
    try:
        by_fields = super(ScanShape, ScanShape()).load(document)
    except ValidationError as problem:
        raise AssertionError(f"the fields refuse {document}: {problem}") from problem
    assert by_hand == by_fields


def test_a_plain_scan_is_read_by_hand():
    assert plain_scan(PLAIN) is not None
    assert plain_scan({**PLAIN, "place": "B1", "position": "A1", "details": {"fill": "full"}}) is not None
    assert issubclass(ScanShape, Shape)
