"""Taking a step: `record` moves an item and logs it, both or neither; it is the only writer of its state."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody import checks, hold_checks, queries, rules
from biobank.custody.free_text import reasons_hold_no_own_name, reasons_name_nobody
from biobank.custody.holds import lift_hold, open_discrepancy, place_hold
from biobank.custody.item_entries import Overtaken, append_to_item
from biobank.custody.queries import TOLD_CHANGES
from biobank.custody.states import MADE, Action, HoldKind, Nature, Placing, State
from biobank.custody.steps import Alert, Attempt, Done, Flag, ItemNow, Recorded, Source
from biobank.custody.voided import how_voided
from biobank.items.positions import normalise_position
from biobank.items.queries import participants_behind
from biobank.participants.operations import lock

TRIES = 3
"""A step that loses a race is judged anew against what the winner left; then it is given up."""


def record(
    work: Work,
    item: str,
    action: Action,
    *,
    by: Actor,
    source: Source,
    at: Told | None,
    performed_by: str | None = None,
    place: str | None = None,
    position: str | None = None,
    details: Mapping[str, Any] | None = None,
    confirmation: str | None = None,
    corrects: int | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Recorded:
    """Move `item` (printed identifier or alias) one step and log it.

    `at` is None when nobody knows when. `changes` are further columns of the item that the step sets
    (custodian, sent_to, site, participant, volume_microlitres, collected_at). Raises the errors of
    `custody.checks` and of the checks that wiring installed; a refusal leaves nothing behind.
    """
    work.flush()
    for _ in range(TRIES):
        attempt = _prepare(
            work, item, action, by=by, source=source, at=at, performed_by=performed_by or by.person,
            place=place, position=normalise_position(position), details=details or {},
            confirmation=confirmation, corrects=corrects, changes=changes or {},
        )  # fmt: skip
        checks.role_may(attempt)
        checks.badge_is_enough(attempt)
        earlier = queries.already_true(work, attempt)
        if earlier is not None:
            return Recorded(earlier, attempt.item, queries.alerts_of(attempt), repeated=True)
        try:
            flags = _judge(work, attempt)
            done = _write(work, attempt, flags)
        except Overtaken:
            continue
        return _follow_up(work, done)
    raise checks.LostRace(f"{item} is being changed by others at this moment; scan it again.", item=item)


def _prepare(work: Work, item: str, action: Action, *, place: str | None, **asked: Any) -> Attempt:
    found = queries.item_now(work, item)
    row = checks.row_for(found, action)
    if row.nature is Nature.DECISION:
        _lock_whose_it_is(work, found)
    return Attempt(
        item=found,
        action=action,
        row=row,
        recorded_at=max(moments.now(), moments.from_microseconds(found.recorded_at)),
        place=queries.item_now(work, place) if place else None,
        holds=queries.holds_on(work, found.id),
        **asked,
    )


def _lock_whose_it_is(work: Work, item: ItemNow) -> None:
    """Everybody of a pool, in order of code: two who lock the same people never wait for each other."""
    if item.participant is not None:
        lock(work, item.participant)
    elif item.kind in MADE:
        for code in participants_behind(work, item.id):
            lock(work, code)


def _judge(work: Work, attempt: Attempt) -> tuple[Flag, ...]:
    checks.not_born_again(attempt)
    flags = checks.is_of_this_site(work, attempt)
    skew = timedelta(minutes=work.settings.clock_skew_minutes)
    checks.not_in_the_future(attempt, skew)
    checks.place_fits_the_step(attempt)
    flags += checks.state_allows_it(attempt, how_voided(work, attempt.item))
    flags += checks.no_hold_stops_it(attempt)
    flags += checks.times_are_in_order(attempt, skew)
    hold_checks.hold_can_be_named(attempt)
    checks.corrects_an_event(attempt)
    reasons_name_nobody(attempt)
    for check in rules.installed().before.get(attempt.action, ()):
        flags += check(work, attempt) or ()
    reasons_hold_no_own_name(work, attempt)
    return tuple(flags)


def _write(work: Work, attempt: Attempt, flags: Iterable[Flag]) -> Done:
    changed = _changed(work, attempt)
    content = _content(attempt, changed, [flag.code for flag in flags])
    after, event = append_to_item(work, attempt.item, "custody", content, changed, attempt.recorded_at)
    return Done(attempt, after, event, tuple(flags))


def _changed(work: Work, attempt: Attempt) -> dict[str, Any]:
    """The columns that this step sets, by name."""
    changed = _taken_in_hand(attempt)
    for derive in rules.installed().derived.get(attempt.action, ()):
        changed |= derive(work, attempt)
    changed |= attempt.changes
    changed["state"] = _target(work, attempt, changed)
    if attempt.place is not None:
        changed |= {
            "container_id": attempt.place.id,
            "position": attempt.position,
            "place_unknown_since": None,
        }
    elif attempt.row.placing is Placing.LEAVES or checks.is_found(attempt) or _is_out(attempt, changed):
        changed |= {"container_id": None, "position": None, "place_unknown_since": _unknown_since(attempt)}
    changed["occurred_at"] = (
        moments.to_microseconds(attempt.at.at) if attempt.at else attempt.item.occurred_at
    )
    return changed


def _taken_in_hand(attempt: Attempt) -> dict[str, Any]:
    """Whoever finds something has it, at their site; if that is not known, at the site that sent it out."""
    site = attempt.bench_site or (attempt.item.sent_to if attempt.item.state is State.SENT_OUT else None)
    if not checks.is_found(attempt) or site is None:
        return {}
    return {"custodian": f"site:{site}", "sent_to": None}


def _is_put_elsewhere(attempt: Attempt) -> bool:
    """A step that says nothing of waste has a piece of it somewhere else than in its bag: it came out."""
    moves = attempt.place is not None or attempt.row.placing is Placing.LEAVES
    return attempt.item.state is State.IN_WASTE and attempt.row.target is State.SAME and moves


def _is_out(attempt: Attempt, changed: Mapping[str, Any]) -> bool:
    """What is in waste no more lies in no bag, whichever fact says so."""
    return attempt.item.state is State.IN_WASTE and changed["state"] is not State.IN_WASTE


UNPLACED = frozenset(
    {Action.DISPLACE, Action.REPORT_MISSING, Action.REPORT_LOST, Action.REPORT_NEVER_RECEIVED}
)
"""Facts after which the material is somewhere and nobody knows where."""


def _unknown_since(attempt: Attempt) -> int | None:
    return moments.to_microseconds(attempt.recorded_at) if attempt.action in UNPLACED else None


def _target(work: Work, attempt: Attempt, changed: dict[str, Any]) -> State:
    if checks.is_found(attempt) or _is_put_elsewhere(attempt):
        return State.RECEIVED
    if attempt.row.target is State.SAME:
        return attempt.item.state
    if attempt.row.target is State.AS_BEFORE:
        undone = queries.undone_by(work, attempt)
        changed |= undone.changes
        return undone.state
    return attempt.row.target


def _content(attempt: Attempt, changed: Mapping[str, Any], flags: list[str]) -> dict[str, Any]:
    """The event's body; a column that did not change is left out, one that became empty is null."""
    at = attempt.at
    content: dict[str, Any] = {
        "action": attempt.action.value,
        "from": attempt.item.state.value,
        "to": State(changed["state"]).value,
        "performed_by": attempt.performed_by,
        "recorded_by": attempt.by.person,
        "source": {"kind": attempt.source.kind, "reference": attempt.source.reference},
        "occurred_at": moments.to_text(at.at) if at else None,
    }
    if at:
        content |= {"zone": at.zone, "offset_minutes": at.offset_minutes}
    if "container_id" in changed:
        content |= {
            "place": attempt.place.identifier if attempt.place else changed.get("place_named"),
            "position": changed["position"],
        }
    optional = {
        "station": attempt.by.station,
        "details": dict(attempt.details),
        "flags": flags,
        "confirmation": attempt.confirmation,
        "corrects": attempt.corrects,
    }
    content |= {name: value for name, value in optional.items() if value}
    content |= {name: changed[name] for name in TOLD_CHANGES if name in changed}
    return content


def _follow_up(work: Work, done: Done) -> Recorded:
    """What a step brings with it in the same transaction: cases, holds, and the features' reactions."""
    work.expire()  # reactions read the item as it is now
    alerts = [*queries.alerts_of(done.attempt), *(Alert("flag", flag.sentence) for flag in done.flags)]
    for flag in done.flags:
        if flag.is_doubt:
            open_discrepancy(work, done.item, flag.code, flag.sentence, by=done.attempt.by)
    _quarantine_or_release(work, done)
    for reaction in rules.installed().after.get(done.attempt.action, ()):
        alerts.extend(reaction(work, done) or ())
    work.expire()
    return Recorded(done.event, done.item, tuple(alerts), born=tuple(done.born))


QUARANTINED = frozenset({"other_site", checks.VOIDED_CODE})
"""Flags of facts that are taken, into quarantine."""


def _quarantine_or_release(work: Work, done: Done) -> None:
    attempt = done.attempt
    if checks.left_an_end(attempt, done.item.state) or any(flag.code in QUARANTINED for flag in done.flags):
        reason = f"{attempt.action.value} from {attempt.item.state.value}"
        place_hold(work, done.item, HoldKind.DISCREPANCY, reason, by=attempt.by)
    if attempt.action is Action.QUARANTINE:
        kind = hold_checks.hold_named(attempt, HoldKind.DISCREPANCY)
        place_hold(work, done.item, kind, str(attempt.details.get("reason", "")), by=attempt.by)
    if attempt.action is Action.RELEASE:
        for hold in hold_checks.holds_to_lift(attempt):
            lift_hold(work, done.item, hold, str(attempt.details.get("reason", "")), by=attempt.by)
