"""Questions about visits: whose, where, today's, of which kit, and what of it may be drawn."""

from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Select, select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.moments import zone_named
from biobank.core.rows import row_numbered
from biobank.custody.steps import ItemNow
from biobank.items.models import Item
from biobank.ledger.models import LedgerEntry
from biobank.sites.queries import site_named
from biobank.visits.choices import Change, Clearance, VisitState
from biobank.visits.models import AnswersKey, Appointment, SafetyAnswers, Visit, VisitKit
from biobank.visits.sealed_answers import Answered, answers_ring, unsealed


class VisitUnknown(NotFound):
    """No visit of that number, or one of another site: both answers are the same."""

    title = "Visit unknown"

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no visit {number} at your site; look through today's visits.")


def subject_of(number: int) -> str:
    """Under which subject the ledger keeps what concerns a visit."""
    return f"visit:{number}"


def visit_numbered(work: Work, number: int) -> Visit:
    """Raises `VisitUnknown`."""
    visit = row_numbered(work, Visit, number)
    if visit is None:
        raise VisitUnknown(number)
    return visit


def visit_seen_by(work: Work, by: Actor, number: int) -> Visit:
    """The visit, for who works at its site. Raises `VisitUnknown`."""
    visit = visit_numbered(work, number)
    if not by.works_at(visit.site):
        raise VisitUnknown(number)
    return visit


def visit_of_kit(work: Work, kit: Item | ItemNow) -> Visit | None:
    """The visit in which a kit was assigned; None of one that was assigned without a visit, or not yet."""
    question = select(Visit).join(VisitKit, VisitKit.visit_id == Visit.id).where(VisitKit.kit_id == kit.id)
    return work.session.scalar(question)


def clearance_of(_work: Work, visit: Visit) -> Clearance | None:
    """What may be collected by the safety questions of the visit; None while they were not asked."""
    return Clearance(visit.clearance) if visit.clearance else None


def answers_of(work: Work, visit: Visit) -> Answered | None:
    """None when nobody asked, and when they were erased since. Raises `FieldDamaged`."""
    together = select(SafetyAnswers, AnswersKey).join(AnswersKey)  # as of one moment, while keys are rotated
    row = work.session.execute(together.where(SafetyAnswers.visit_id == visit.id)).one_or_none()
    return unsealed(row[0], answers_ring(work).opened(row[1])) if row else None


def kits_of(work: Work, visit: Visit) -> list[tuple[Item, VisitKit]]:
    """The kits of a visit in the order in which they were assigned."""
    question = (
        select(Item, VisitKit)
        .join(VisitKit, VisitKit.kit_id == Item.id)
        .where(VisitKit.visit_id == visit.id)
        .order_by(VisitKit.kit_id)
    )
    return [(item, link) for item, link in work.session.execute(question)]


def kits_cancelled_with(work: Work, visit: Visit) -> list[str]:
    """Identifiers of the kits whose collection was cancelled when the visit was, the last time."""
    event = newest_change(work, visit, Change.CANCELLED)
    return list(event["details"]["kits"]) if event else []


def newest_change(work: Work, visit: Visit, what: Change) -> dict[str, Any] | None:
    """The last entry of the visit that tells of such a change."""
    question = select(LedgerEntry.body).where(LedgerEntry.subject == subject_of(visit.id))
    for body in work.session.scalars(question.order_by(LedgerEntry.sequence.desc())):
        event: dict[str, Any] = orjson.loads(body)
        if event["change"] == what.value:
            return event
    return None


def today_at(work: Work, site: str, at: datetime | None = None) -> date:
    """The day on the site's calendar."""
    return (at or moments.now()).astimezone(zone_named(site_named(work, site).zone)).date()


def open_visit_of(work: Work, participant: str, site: str, on: date) -> Visit | None:
    question = select(Visit).where(
        Visit.participant == participant,
        Visit.site == site,
        Visit.on == on,
        Visit.state == VisitState.OPEN.value,
    )
    return work.session.scalar(question.order_by(Visit.id.desc()).limit(1))


def visits_asked_for(by: Actor, *, site: str | None = None, state: VisitState | None = None) -> Select[Visit]:
    """Visits of the sites that `by` works at, narrowed down."""
    question: Select[Visit] = select(Visit)
    if site is not None:
        question = question.where(Visit.site == site)
    if by.sites is not None:
        question = question.where(Visit.site.in_(sorted(by.sites)))
    if state is not None:
        question = question.where(Visit.state == state.value)
    return question


def expected_today(work: Work, site: str, limit: int = 200) -> list[Appointment]:
    """Who has an appointment at a site today and did not come yet, by the time of it."""
    today = today_at(work, site)
    came = select(Visit.participant).where(Visit.site == site, Visit.on == today)
    question = select(Appointment).where(
        Appointment.site == site, Appointment.on == today, Appointment.participant.not_in(came)
    )
    ordered = question.order_by(Appointment.time.is_(None), Appointment.time, Appointment.id)
    return list(work.session.scalars(ordered.limit(limit)))
