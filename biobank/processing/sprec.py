"""The Standard PREanalytical Code of a fluid: seven elements from what was recorded. Plain data and rules.

The letters are those of version 2.0 (Lehmann et al., Biopreserv Biobank 2012;10:366-374, table 1), and of
no other: version 3.0 has more options, and none of them is given out here. The delay after the centrifuge
has five classes, the last of them 24 hours and more; the public SPRECLib reads it the same way. What nobody
knows is X (XXX), what that version has no letter for is Z (ZZZ).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from biobank.processing.choices import Brake, Kept
from biobank.processing.plans import Vial

UNKNOWN, OTHER, NONE = "X", "Z", "N"
UNKNOWN_CONTAINER, OTHER_SAMPLE = "XXX", "ZZZ"
ROOM, COLD = (18, 28), (2, 10)
"""Degrees Celsius that the standard calls room temperature, and cold."""


@dataclass(frozen=True)
class SpinFacts:
    """One run that the material went through; what nobody told is None."""

    began_at: datetime | None = None
    minutes: int | None = None
    g: int | None = None
    celsius: int | None = None
    brake: str | None = None

    @property
    def ended_at(self) -> datetime | None:
        known = self.began_at is not None and self.minutes is not None
        return self.began_at + timedelta(minutes=self.minutes or 0) if known and self.began_at else None


@dataclass(frozen=True)
class SprecFacts:
    """What was recorded of a specimen, as far as the seven elements ask for it."""

    sample: str
    sample_spun_twice: str | None
    container: str
    collected_at: datetime | None
    spins: tuple[SpinFacts, ...] = ()
    processed_at: datetime | None = None
    """When it was made of its tube, or a tube that is kept whole was frozen."""
    kept_before: str | None = None
    kept_after: str | None = None
    frozen_at: datetime | None = None
    vial: str | None = None
    """A word of `Vial`, or `PRIMARY` for the tube itself."""
    store_celsius: int | None = None


PRIMARY = "original_primary_container"


@dataclass(frozen=True)
class Element:
    """One of the seven: its letters, and the recorded facts that they follow from."""

    name: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


def elements_of(facts: SprecFacts) -> tuple[Element, ...]:
    """The seven elements in the order of the standard."""
    first = facts.spins[0] if facts.spins else None
    second = facts.spins[1] if len(facts.spins) > 1 else None
    last = facts.spins[-1] if facts.spins else None
    into = first.began_at if first else facts.processed_at
    out = last.ended_at if last else None
    twice = second is not None and facts.sample_spun_twice
    return (
        Element(
            "Type of sample", facts.sample_spun_twice if twice and facts.sample_spun_twice else facts.sample
        ),
        Element("Type of primary container", facts.container),
        Element(
            "Before the centrifuge",
            before(facts.collected_at, into, facts.kept_before),
            {"Collected": facts.collected_at, "Processed": into, "Kept at": facts.kept_before},
        ),
        Element("Centrifugation", _spun(first), _told(first)),
        Element("Second centrifugation", _spun(second), _told(second)),
        Element(
            "After the centrifuge",
            after(out, facts.frozen_at, facts.kept_after) if last else NONE,
            {"Out of the centrifuge": out, "Frozen": facts.frozen_at, "Kept at": facts.kept_after},
        ),
        Element(
            "Storage, long term",
            stored(facts.vial, facts.store_celsius),
            {"Vessel": facts.vial, "Stored at": facts.store_celsius},
        ),
    )


def code_of(elements: tuple[Element, ...]) -> str:
    """`SER-SST-C-B-N-B-D`."""
    return "-".join(element.code for element in elements)


BEFORE_ROOM, BEFORE_COLD = "ACEGIKM", "BDFHJLN"
BEFORE_HOURS = (2, 4, 8, 12, 24, 48)
AFTER_ROOM, AFTER_COLD = "BDFHJ", "ACEGI"
AFTER_HOURS = (1, 2, 8, 24)
"""Where a class ends and the next one begins; the fifth has no end."""
BODY_WARM = "O"


def before(collected: datetime | None, into: datetime | None, kept: str | None) -> str:
    """Between the draw and the centrifuge; of what is not spun, until it was processed."""
    if kept == Kept.BODY and collected and into:
        return BODY_WARM if into - collected < timedelta(hours=BEFORE_HOURS[0]) else OTHER
    return _delay(collected, into, kept, BEFORE_HOURS, BEFORE_ROOM, BEFORE_COLD)


def after(out: datetime | None, frozen: datetime | None, kept: str | None) -> str:
    """Between the last run and the freezer."""
    return _delay(out, frozen, kept, AFTER_HOURS, AFTER_ROOM, AFTER_COLD)


def _delay(
    since: datetime | None,
    until: datetime | None,
    kept: str | None,
    hours: tuple[int, ...],
    room: str,
    cold: str,
) -> str:
    if since is None or until is None or kept is None or until < since:
        return UNKNOWN
    letters = {Kept.ROOM.value: room, Kept.COLD.value: cold}.get(kept)
    if letters is None:
        return OTHER
    return letters[sum(until - since >= timedelta(hours=most) for most in hours)]


SPIN_LETTERS = {
    (True, 0, Brake.OFF): "A", (True, 0, Brake.ON): "B",
    (False, 0, Brake.OFF): "C", (False, 0, Brake.ON): "D",
    (True, 1, Brake.ON): "E", (False, 1, Brake.ON): "F", (True, 2, Brake.ON): "G", (False, 2, Brake.ON): "H",
    (True, 3, Brake.ON): "I", (False, 3, Brake.ON): "J",
}  # fmt: skip
"""By whether it is at room temperature, the band of its force, and its brake; all of 10 to 15 minutes."""
FORCES = (3_000, 6_000, 10_000)
SHORT, LONG = (10, 15), 30
GENTLE = 1_000
SLOW_AND_LONG = "M"


def spun(spin: SpinFacts) -> str:
    """The letter of a run; X as soon as one of its numbers is unknown."""
    if spin.g is None or spin.minutes is None or spin.celsius is None or spin.brake is None:
        return UNKNOWN
    at_room, cold = _within(spin.celsius, ROOM), _within(spin.celsius, COLD)
    if spin.minutes == LONG and spin.g < GENTLE and at_room and spin.brake == Brake.OFF:
        return SLOW_AND_LONG
    if not (at_room or cold) or not _within(spin.minutes, SHORT):
        return OTHER
    force = sum(spin.g >= least for least in FORCES)
    return SPIN_LETTERS.get((at_room, force, Brake(spin.brake)), OTHER)


def _spun(spin: SpinFacts | None) -> str:
    return spun(spin) if spin else NONE


STORED = {
    (Vial.TUBE, "deep"): "A", (Vial.TUBE, "cold"): "B", (Vial.TUBE, "vapour"): "V",
    (Vial.CRYOTUBE, "vapour"): "C", (Vial.CRYOTUBE, "deep"): "D",
    (Vial.LARGE_TUBE, "deep"): "J", (Vial.LARGE_TUBE, "cold"): "K",
    (Vial.SMALL_TUBE, "deep"): "S", (Vial.SMALL_TUBE, "cold"): "T", (Vial.SMALL_TUBE, "vapour"): "W",
    (PRIMARY, "deep"): "Y", (PRIMARY, "cold"): "Y",
}  # fmt: skip
BANDS = {"deep": (-85, -60), "cold": (-35, -18), "vapour": (-273, -135)}
"""Degrees Celsius of the standard's freezers; below -135 is liquid nitrogen, or its vapour."""


def stored(vial: str | None, celsius: int | None) -> str:
    if vial is None or celsius is None:
        return UNKNOWN
    band = next((name for name, between in BANDS.items() if _within(celsius, between)), "")
    return STORED.get((vial, band), OTHER)


def _within(value: int, between: tuple[int, int]) -> bool:
    return between[0] <= value <= between[1]


def _told(spin: SpinFacts | None) -> dict[str, object]:
    if spin is None:
        return {}
    return {"Force": spin.g, "Duration": spin.minutes, "Temperature": spin.celsius, "Brake": spin.brake}
