"""Closing a check: what was counted becomes facts of the log, and each difference becomes a case."""

from dataclasses import dataclass, field, replace

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.holds import open_discrepancy
from biobank.custody.locking import lock_in_order
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id, items_inside
from biobank.custody.states import Action, HoldKind
from biobank.custody.steps import Alert, ItemNow, Recorded, Source, SourceKind
from biobank.discrepancies.without_record import Unrecorded, code_seen, register_found
from biobank.inventories import checks
from biobank.inventories.choices import CASES, CheckState, Difference
from biobank.inventories.comparing import Comparison, Found, compare
from biobank.inventories.models import InventoryCheck, InventoryDifference, InventoryReading
from biobank.inventories.operations import log, reason_is_fit, subject_of
from biobank.inventories.queries import check_numbered
from biobank.inventories.readings import readings_of
from biobank.items.identifiers import printed
from biobank.storage.checks import named
from biobank.storage.locking import lock_around
from biobank.storage.rack_plans import WellStep, in_order

FOLLOWS: SourceKind = "system"
"""The source of what nobody scanned: it follows from what was."""


@dataclass(frozen=True)
class Closed:
    """A closed check, and what has to be heard of it at once."""

    check: InventoryCheck
    alerts: tuple[Alert, ...]
    registered: tuple[str, ...] = ()
    """Things that nobody knew: each needs a label."""


@dataclass
class Closing:
    """One check while its differences are recorded."""

    work: Work
    check: InventoryCheck
    unit: ItemNow
    by: Actor
    alerts: list[Alert] = field(default_factory=list)
    registered: list[str] = field(default_factory=list)

    @property
    def reason(self) -> str:
        return f"inventory check {self.check.id}"


def close_check(
    work: Work, number: int, *, by: Actor, expected: str | None = None, because: str | None = None
) -> Closed:
    """Record what was found through the ordinary steps, all of it or nothing, and open a case a difference.

    `expected` is the fingerprint of the differences that somebody looked at; `because` says why nobody counts
    a second time. Raises `NotAtThisPoint`, `DifferencesChanged`, `NotLookedAtAgain`, `SecondCountNeeded` and
    what `record` raises.
    """
    check = check_numbered(work, number, locked=True)
    at_own_site(by, check.site)
    checks.is_at(check, CheckState.COUNTED)
    because = (because or "").strip() or None
    if because is not None:
        reason_is_fit(work, check, because, by=by)
    _lock_what_it_is_about(work, check)
    check = check_numbered(work, number)
    comparison = compare(work, check)
    checks.is_as_shown(comparison, expected)
    checks.everything_was_looked_at(comparison)
    checks.was_counted_twice(work, check, comparison, by, because)
    closing = Closing(work, check, comparison.unit, by)
    _say_what_is_so(closing, comparison)
    told = [_open_case(closing, _registered(closing, found)) for found in comparison.differences]
    _close(closing, comparison, told, because)
    return Closed(check_numbered(work, number), tuple(closing.alerts), tuple(closing.registered))


def _lock_what_it_is_about(work: Work, check: InventoryCheck) -> None:
    """The unit, what the log has in it and what was read in it: who takes a piece comes before or after."""
    read = [reading.item_id for reading in readings_of(work, check) if reading.item_id is not None]
    lock_around(work, check.unit_id)
    lock_in_order(work, [*read, *(item.id for item in items_inside(work, check.unit_id))])


def _say_what_is_so(closing: Closing, comparison: Comparison) -> None:
    """What is missing leaves its position first; of two that changed places one is lifted out meanwhile."""
    found = {each.item.id: each for each in comparison.differences if each.item and each.step}
    for each in found.values():
        if each.kind is Difference.MISSING and each.item:
            _leaves(closing, each.item)
    steps = [
        WellStep(each.position or "", each.step, each.item, each.code or "")
        for each in found.values()
        if each.item and each.step and each.kind is not Difference.MISSING
    ]
    for step, is_lifted in in_order(steps, closing.unit):
        if is_lifted:
            _leaves(closing, step.item)
        else:
            closing.alerts += _lies_here(closing, found[step.item.id]).alerts


def _leaves(closing: Closing, item: ItemNow) -> None:
    record(
        closing.work,
        item.identifier,
        Action.DISPLACE,
        by=closing.by,
        source=Source(FOLLOWS, subject_of(closing.check)),
        at=None,  # nobody knows when it left
        details={"inventory": closing.check.id, "place": closing.unit.identifier},
    )


def _lies_here(closing: Closing, found: Found) -> Recorded:
    assert found.item is not None and found.step is not None and found.reading is not None  # noqa: S101, PT018 (only these have a step)
    reading, details = found.reading, {"inventory": closing.check.id, "reason": closing.reason}
    if found.step is Action.QUARANTINE:
        details |= {"hold": HoldKind.DISCREPANCY.value}
    return record(
        closing.work,
        found.item.identifier,
        found.step,
        by=closing.by,
        performed_by=reading.read_by,
        source=_source(reading),
        at=moments.told(reading.read_at),
        place=closing.unit.identifier,
        position=found.position,
        details=details,
        confirmation=closing.reason,
    )


def _registered(closing: Closing, found: Found) -> Found:
    """What nobody knows becomes a thing of its own, held where it lies; every position is settled by now."""
    reading = found.reading
    if found.step is not Action.REGISTER or reading is None:
        return found
    alias = code_seen(closing.work, found.code or "")
    done = register_found(
        closing.work,
        item_by_id(closing.work, closing.unit.id),
        Unrecorded(alias=alias, performed_by=reading.read_by),
        by=closing.by,
        source=_source(reading),
        at=moments.told(reading.read_at),
        details={"inventory": closing.check.id},
        position=found.position,
        is_place=True,
    )
    code = printed(done.item.identifier)
    closing.registered.append(done.item.identifier)
    closing.alerts.append(
        Alert("quarantine", f"Print the label of {code}, put it on, and put it in quarantine.")
    )
    where = f"{named(closing.unit)}, {found.position or 'no position'}"
    sentence = f"What lies in {where}, bears {found.code}, which nobody knew; it is {code} from now on."
    return replace(found, item=done.item, sentence=sentence)


def _source(reading: InventoryReading) -> Source:
    return Source("file" if reading.source == "file" else "scan", reading.reference)


def _open_case(closing: Closing, found: Found) -> dict[str, object]:
    """Of what is no thing of ours the unit in which it lies is the subject."""
    subject = item_by_id(closing.work, (found.item or closing.unit).id)
    case = open_discrepancy(closing.work, subject, CASES[found.kind], found.sentence, by=closing.by)
    closing.work.session.add(
        InventoryDifference(
            check_id=closing.check.id,
            kind=found.kind.value,
            item_id=found.item.id if found.item else None,
            position=found.position,
            code=found.code,
            discrepancy_id=case.id,
        )
    )
    return {
        "kind": found.kind.value,
        "item": found.item.identifier if found.item else None,
        "position": found.position,
        "code": found.code,
        "case": case.id,
    }


def _close(
    closing: Closing, comparison: Comparison, told: list[dict[str, object]], because: str | None
) -> None:
    check = check_numbered(closing.work, closing.check.id)
    check.state, check.because = CheckState.CLOSED.value, because
    check.closed_at, check.closed_by = moments.now(), closing.by.person
    check.agreed, check.differences = comparison.agreed, len(told)
    closing.work.flush()
    content = {"agreed": comparison.agreed, "differences": told, "because": because}
    content |= {"at": moments.text_or_none(check.closed_at)}
    log(closing.work, check, "closed", closing.by, content)
