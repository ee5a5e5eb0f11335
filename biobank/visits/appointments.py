"""Who is expected at a site on a day: plans, which change freely and are no part of the ledger."""

import re
from datetime import date

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.days import day_can_be
from biobank.core.errors import Invalid, NotFound
from biobank.participants.queries import participant_seen_by
from biobank.sites.queries import site_named
from biobank.visits.models import Appointment
from biobank.visits.queries import today_at

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class AppointmentRefused(Invalid):
    title = "Appointment refused"


class AppointmentUnknown(NotFound):
    title = "Appointment unknown"


def expect(
    work: Work, participant: str, site: str, on: date, *, time: str | None = None, by: Actor
) -> Appointment:
    """Somebody is to come; told twice, the newer time counts.

    Raises `ParticipantUnknown`, `SiteNotYours`, `DayRefused`, `AppointmentRefused` for a day that is over.
    """
    at_own_site(by, site_named(work, site).code)
    who = participant_seen_by(work, by, participant)
    day_can_be("on", on)
    if on < today_at(work, site):
        raise AppointmentRefused("This day is over; choose today or a day to come.", field="on")
    if time and not CLOCK.fullmatch(time):
        raise AppointmentRefused("Give the time as 09:30, or leave it empty.", field="time")
    same_day = select(Appointment).where(
        Appointment.site == site, Appointment.on == on, Appointment.participant == who.code
    )
    known = work.session.scalar(same_day)
    appointment = known or Appointment(site=site, participant=who.code, on=on)
    appointment.time, appointment.made_at, appointment.made_by = time or None, moments.now(), by.person
    work.session.add(appointment)
    work.flush()
    return appointment


def expect_no_more(work: Work, number: int, *, by: Actor) -> None:
    """They do not come. Raises `AppointmentUnknown`."""
    found = work.session.get(Appointment, number)
    if found is None or not by.works_at(found.site):
        raise AppointmentUnknown("There is no such appointment at your site; load the list again.")
    work.session.delete(found)
    work.flush()
