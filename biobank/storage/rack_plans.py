"""What a rack scanner's reading means for a box, well by well, and the order in which it is done."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from biobank.core.errors import Conflict
from biobank.custody.states import Action
from biobank.custody.steps import Alert, ItemNow
from biobank.storage.choices import Grid
from biobank.storage.rack_files import RackScan


class RackRefused(Conflict):
    """Wells of a file that cannot be so, or a file of another rack; nothing of it was done.

    `problems` in `extra` has a sentence for each well.
    """

    title = "Rack not taken"

    def __init__(
        self, detail: str, *, problems: Sequence[str] = (), codes: Sequence[tuple[str, str]] = ()
    ) -> None:
        super().__init__(detail, problems=list(problems))
        self.codes = codes
        """Codes that stood in the way, each with the sentence about it: for the log of scans."""


class Deed(StrEnum):
    """What becomes of a well."""

    STORED = "stored"
    CHECKED_IN = "checked_in"
    MOVED = "moved"
    NAMED = "named"
    IN_PLACE = "in_place"
    EMPTY = "empty"
    MISSING = "missing"
    NOT_MENTIONED = "not_mentioned"
    UNREAD = "unread"
    LEFT_OUT = "left_out"


STEPS: Mapping[Deed, Action] = {
    Deed.STORED: Action.STORE,
    Deed.CHECKED_IN: Action.CHECK_IN,
    Deed.MOVED: Action.MOVE,
    Deed.NAMED: Action.LABEL,
}
"""The step that is recorded; for the other wells none is."""
DIFFERENCES = frozenset({Deed.MISSING, Deed.UNREAD, Deed.LEFT_OUT})
"""What somebody has to look at; nothing is changed for them."""


@dataclass(frozen=True)
class Well:
    """One position: what the file says, what the log has there, what follows."""

    position: str
    deed: Deed
    code: str | None = None
    item: ItemNow | None = None
    """What the code stands for; of a well without a code, what the log has there."""
    displaced: ItemNow | None = None
    """Who is logged here, was read nowhere in the rack, and so has to leave."""
    sentence: str | None = None
    alerts: tuple[Alert, ...] = ()

    @property
    def is_different(self) -> bool:
        logged_and_not_told = self.deed is Deed.NOT_MENTIONED and self.item is not None
        return self.deed in DIFFERENCES or logged_and_not_told or self.displaced is not None


@dataclass(frozen=True)
class WellStep:
    """The step of one item that a well asks for."""

    position: str
    action: Action
    item: ItemNow
    code: str


@dataclass(frozen=True)
class RackPlan:
    """Every position of the box, row by row; with an `issuer` its codes are given to what lies there."""

    box: ItemNow
    scan: RackScan
    grid: Grid
    wells: tuple[Well, ...]
    notes: tuple[str, ...] = ()
    issuer: str | None = None
    is_done: bool = False

    @property
    def steps(self) -> list[WellStep]:
        return [
            WellStep(well.position, STEPS[well.deed], well.item, well.code)
            for well in self.wells
            if well.deed in STEPS and well.item and well.code
        ]

    @property
    def pieces(self) -> list[ItemNow]:
        """All that is in the file or logged in the box."""
        return [item for well in self.wells for item in (well.item, well.displaced) if item is not None]

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(well.deed for well in self.wells)
        displaced = sum(well.displaced is not None for well in self.wells)
        return {deed.value: counted[deed] for deed in Deed} | {"displaced": displaced}

    @property
    def fingerprint(self) -> str:
        """Of what is to be done: another one when something changed since it was shown."""
        told = [
            (well.position, well.deed.value, well.code, _told(well.item), _told(well.displaced))
            for well in self.wells
        ]
        return hashlib.sha256(repr((self.box.identifier, self.issuer, told)).encode()).hexdigest()

    def heard(self, alerts: Mapping[str, tuple[Alert, ...]], *, is_done: bool) -> "RackPlan":
        """With what the steps had to say, by well."""
        wells = tuple(replace(well, alerts=alerts.get(well.position, ())) for well in self.wells)
        return replace(self, wells=wells, is_done=is_done)


def _told(item: ItemNow | None) -> tuple[object, ...]:
    return (item.identifier, item.state.value, item.container_id, item.position) if item else ()


def in_order(steps: Iterable[WellStep], box: ItemNow) -> Iterator[tuple[WellStep, bool]]:
    """Each step after the one whose item leaves its position.

    In a ring, such as two tubes swapped, one item is lifted out first: that comes with `True`.
    """
    waiting = {step.item.id: step for step in steps}
    leaving = {
        step.item.position: number for number, step in waiting.items() if step.item.container_id == box.id
    }
    while waiting:
        number: int | None = next(iter(waiting))
        chain: list[int] = []
        while number in waiting and number not in chain:
            chain.append(number)
            number = leaving.get(waiting[number].position)
        if number in chain and number != chain[-1]:
            yield waiting[number], True
        for each in reversed(chain):
            yield waiting.pop(each), False
