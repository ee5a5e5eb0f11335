"""Alarms of failed signings, for compliance and administrators, and what others did to accounts lately."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.account_events import details_of, events_of, happened_since
from biobank.access.actors import Actor
from biobank.access.choices import Happened
from biobank.access.failed_signings import Finding, open_alarms, settle_alarm
from biobank.access.models import AccountEvent
from biobank.access.people_pages import told
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.core.moments import now
from biobank.web.addresses import sent_to
from biobank.web.feedback import tell
from biobank.web.field_errors import errors_of_form
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again

blueprint = Blueprint("signing_alarms", __name__)
URL = "/signing-alarms"
MOST_SHOWN = 20
LATELY = timedelta(days=30)
BY_OTHERS = (Happened.RESET, Happened.LINK_MADE, Happened.DISABLED, Happened.ALARM_SETTLED)
"""What somebody else did to an account: whoever makes a link could use it."""
FINDINGS = (
    {"value": Finding.MISTYPED.value, "label": "Its person mistyped", "note": "They were asked and say so."},
    {
        "value": Finding.SOMEBODY_ELSE.value,
        "label": "Somebody else tried",
        "note": "Let an administrator reset the account.",
    },
    {"value": Finding.UNEXPLAINED.value, "label": "Nobody knows", "note": None},
)


@blueprint.get(URL)
@reads(Permission.SEE_SIGNING_ALARMS)
def alarms(*, work: Work, by: Actor) -> str:
    return _page(work, by)


def _page(work: Work, by: Actor, *, refusal: DomainError | None = None, username: str = "") -> str:
    zone = zone_of(work, by)
    lately = happened_since(work, now() - LATELY, BY_OTHERS, MOST_SHOWN)
    return render_template(
        "access/signing_alarms.html",
        alarms=[_alarm(work, by, alarm, zone) for alarm in open_alarms(work)],
        lately=[told(event, zone) for event in lately],
        findings=FINDINGS,
        refused=username,
        errors=errors_of_form(refusal),
    )


def _alarm(work: Work, by: Actor, alarm: AccountEvent, zone: str) -> dict[str, Any]:
    details, failed = details_of(alarm), events_of(work, alarm.person, MOST_SHOWN, [Happened.SIGNING_FAILED])
    return {
        **told(alarm, zone),
        "url": f"{URL}/{alarm.person}/settle",
        "own": alarm.person == by.person,
        "failures": details["failures"],
        "of_address": details["of"] == "address",
        "failed": [told(event, zone) for event in failed],
    }


@blueprint.post(f"{URL}/<username>/settle")
@shown_again(Permission.SEE_SIGNING_ALARMS, _page)
@writes(Permission.SEE_SIGNING_ALARMS)
def settled(username: str, *, work: Work, by: Actor) -> Response:
    settle_alarm(work, by, username, request.form.get("finding", ""))
    tell("Settled", f"The alarm of {username} is settled, and what you found is in the log.")
    return sent_to(URL)
