"""What stands on one form becomes a visit, an assignment and steps of tubes, performed by who drew."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import Conflict, Forbidden, NotFound
from biobank.core.moments import Told
from biobank.custody.holds import place_hold
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id, item_now
from biobank.custody.states import Action, HoldKind, State
from biobank.custody.steps import Alert, ItemNow, Recorded, Source
from biobank.downtime.checks import odd
from biobank.downtime.choices import TubeOutcome
from biobank.downtime.inputs import EnteredForm, EnteredTube
from biobank.items.identifiers import printed
from biobank.kits.choices import NotCollectedReason
from biobank.visits.choices import Change, Clearance
from biobank.visits.entries import change, locked, when
from biobank.visits.inputs import Telling
from biobank.visits.operations import (
    assign_kit,
    attest_identity,
    close_visit,
    confirm_labels,
    hand_out_compensation,
    open_visit,
)
from biobank.visits.queries import open_visit_of, today_at

IDENTIFIERS_ASKED = 2
OTHER_PARTICIPANT = "other_participant_on_paper"


@dataclass
class FormAtHand:
    """A form with its kit, who enters it, and what is odd and not yet told with an event."""

    told: EnteredForm
    site: str
    kit: ItemNow
    by: Actor
    source: Source
    odd: list[dict[str, str]]
    alerts: list[Alert] = field(default_factory=list)

    def telling(self, at: Told | None) -> Telling:
        return Telling(by=self.by, at=at, source=self.source, performed_by=self.told.performer)

    def heard(self, done: Recorded) -> None:
        self.alerts += [alert for alert in done.alerts if alert not in self.alerts]


def record_form(work: Work, form: FormAtHand) -> list[Alert]:
    """Everything that the form tells; returns what has to be heard, each sentence once."""
    doubtful = {each["code"] for each in form.odd}
    if form.kit.participant is None:
        _assign(work, form)
    for tube in form.told.tubes:
        _record_tube(work, form, tube)
        if OTHER_PARTICIPANT in doubtful and tube.outcome is not TubeOutcome.NOT_DRAWN:
            place_hold(work, item_now(work, tube.tube), HoldKind.IDENTITY, OTHER_PARTICIPANT, by=form.by)
    if form.told.parcel:
        _pack(work, form)
    return form.alerts


def _assign(work: Work, form: FormAtHand) -> None:
    """In a visit of that day; where the kit cannot be assigned any more, its tubes say so."""
    before = list(form.odd)
    try:
        with work.savepoint():
            if form.told.at:
                _in_a_visit(work, form)
            else:
                _without_a_visit(work, form)
    except (Conflict, Forbidden, NotFound) as refusal:
        sentence = f"{printed(form.source.reference)} says {form.told.participant}. {refusal.detail}"
        form.odd = [*before, odd("not_assigned", sentence)]


def _in_a_visit(work: Work, form: FormAtHand) -> None:
    told, telling = form.told, form.telling(form.told.at)
    on = today_at(work, form.site, when(telling))
    goes_on = open_visit_of(work, told.participant, form.site, on) is not None
    visit = open_visit(work, told.participant, form.site, telling).id
    if len(told.identifiers) >= IDENTIFIERS_ASKED:
        attest_identity(work, visit, told.identifiers, telling)
    _clear(work, visit, form, telling)
    form.heard(assign_kit(work, visit, form.kit.identifier, telling))
    if told.labels_confirmed:
        confirm_labels(work, visit, form.kit.identifier, telling)
    if told.compensated:
        hand_out_compensation(work, visit, telling)
    if not goes_on:
        close_visit(work, visit, telling)


def _clear(work: Work, visit: int, form: FormAtHand, telling: Telling) -> None:
    """Of the safety questions paper tells the result alone; there are no answers to keep."""
    cleared = form.told.blood_cleared
    if cleared is None:
        return
    clearance = Clearance.FULL if cleared else Clearance.NO_BLOOD
    change(
        work, locked(work, visit), Change.SAFETY_CLEARED, telling, clearance=clearance.value,
        cleared_at=when(telling), cleared_by=telling.performer,
    )  # fmt: skip


def _without_a_visit(work: Work, form: FormAtHand) -> None:
    """A form without any time names no moment at which somebody came."""
    _step(work, form, form.kit.identifier, Action.ASSIGN, None, {"participant": form.told.participant})


def _record_tube(work: Work, form: FormAtHand, tube: EnteredTube) -> None:
    if tube.outcome is TubeOutcome.NOT_DRAWN:
        reason = (tube.reason or NotCollectedReason.UNKNOWN).value
        _step(work, form, tube.tube, Action.MARK_NOT_COLLECTED, tube.at, {"reason": reason})
        return
    details: dict[str, Any] = {"fill": tube.outcome.value}
    if tube.volume_microlitres is not None:
        details["volume_microlitres"] = tube.volume_microlitres
    _step(work, form, tube.tube, Action.COLLECT, tube.at, details)
    if tube.spun_at is not None:
        _step(work, form, tube.tube, Action.CENTRIFUGE, tube.spun_at, {})


def _step(
    work: Work, form: FormAtHand, item: str, action: Action, at: Told | None, details: dict[str, Any]
) -> None:
    """The first step of a form tells what is odd on it."""
    if form.odd and action is not Action.CENTRIFUGE:
        details["odd"] = form.odd
    done = record(
        work, item, action, by=form.by, source=form.source, at=at, performed_by=form.told.performer,
        details=details,
    )  # fmt: skip
    if "odd" in details:
        form.odd = []
    form.heard(done)


def _pack(work: Work, form: FormAtHand) -> None:
    for tube in _drawn(work, form.told.tubes):
        done = record(
            work, tube.identifier, Action.PACK, by=form.by, source=form.source, at=None,
            performed_by=form.told.performer, place=form.told.parcel,
        )  # fmt: skip
        form.heard(done)


def _drawn(work: Work, tubes: Iterable[EnteredTube]) -> list[ItemNow]:
    """Those that are still at the clinic."""
    found = [item_now(work, tube.tube) for tube in tubes if tube.outcome is not TubeOutcome.NOT_DRAWN]
    return [tube for tube in found if item_by_id(work, tube.id).state is State.COLLECTED]
