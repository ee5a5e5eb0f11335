"""People, for administrators: added, given a link, reset, disabled; nobody here ever learns a password."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from sqlalchemy import select

from biobank.access import operations, setup_links
from biobank.access.account_events import details_of, events_of
from biobank.access.actors import Actor
from biobank.access.identifiers import in_groups
from biobank.access.models import AccountEvent, Person, RoleGrant
from biobank.access.passkeys import passkeys_of
from biobank.access.permissions import Permission, Role
from biobank.access.queries import grants_of, person_named
from biobank.access.second_proofs import needs_second_proof, standing_code
from biobank.access.squares import square_of
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.web.addresses import sent_to
from biobank.web.feedback import tell
from biobank.web.field_errors import errors_of_form
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import once_kept, reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.words import in_zone

blueprint = Blueprint("people", __name__)
URL = "/people"
MOST_EVENTS = 50
EVENT_WORDS = {
    "link_made": "Set-up link made",
    "link_revoked": "Set-up link taken back",
    "link_used": "Password chosen by the link",
    "password_changed": "Password changed",
    "time_codes_set_up": "Codes of an app set up",
    "time_codes_ended": "Codes of an app ended",
    "recovery_codes_made": "Recovery codes made",
    "recovery_code_used": "Recovery code used",
    "passkey_registered": "Passkey made",
    "passkey_revoked": "Passkey revoked",
    "reset": "Account reset",
    "disabled": "Account disabled",
    "signing_failed": "Signing failed",
    "signing_alarm": "Alarm: signings failed",
    "alarm_settled": "Alarm settled",
}


@blueprint.get(URL)
@reads(Permission.ADD_PEOPLE)
def people(*, work: Work, by: Actor) -> str:
    return _people_page(work, by)


def _people_page(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:  # noqa: ARG001 (the shape of `shown_again`)
    shown = page(work, select(Person).where(~Person.outsider), [Person.id], cursor=request.args.get("cursor"))
    return render_template(
        "access/people.html",
        people=_rows(work, shown.rows),
        next_url=shown.next_url(URL),
        roles=[{"value": role.value, "label": role.value.replace("_", " ").capitalize()} for role in Role],
        form=request.form,
        errors=errors_of_form(refusal),
    )


def _rows(work: Work, people: Sequence[Person]) -> list[dict[str, Any]]:
    usernames = [person.username for person in people]
    grants = grants_of(work, *usernames)
    linked = {link.person for link in setup_links.open_links_of(work, *usernames)}
    return [
        {
            "username": person.username,
            "name": person.printed_name,
            "url": f"{URL}/{person.username}",
            "roles": [_role(grant) for grant in grants if grant.person == person.username],
            "state": _state(person, linked=person.username in linked),
        }
        for person in people
    ]


def _role(grant: RoleGrant) -> dict[str, str | None]:
    return {"role": grant.role.replace("_", " "), "site": grant.site}


def _state(person: Person, *, linked: bool) -> dict[str, str]:
    if not person.active:
        return {"word": "Disabled", "tone": "plain"}
    if linked:
        return {"word": "Link given", "tone": "wait"}
    if person.password_hash is None:
        return {"word": "Not set up", "tone": "plain"}
    return {"word": "Set up", "tone": "right"}


@blueprint.post(URL)
@shown_again(Permission.ADD_PEOPLE, _people_page)
@writes(Permission.ADD_PEOPLE)
def added(*, work: Work, by: Actor) -> Response:
    form = request.form
    username = form.get("username", "").strip()
    operations.add_person(work, by, username=username, printed_name=form.get("printed_name", ""))
    if form.get("role"):
        site = form.get("site", "").strip() or None
        operations.grant_role(work, by, username=username, role=form["role"], site=site)
    return _link_sheet(work, by, *setup_links.make_link(work, by, username))


def _link_sheet(work: Work, by: Actor, link: Any, code: str) -> Response:
    """Shown this once, after the transaction: no answer kept for a repeated request holds the code."""
    address = setup_links.link_address(work.settings, code)
    username, until = link.person, in_zone(link.expires_at, zone_of(work, by))

    def sheet() -> Response:
        shown = {
            "username": username,
            "address": address,
            "code": in_groups(code),
            "until": until,
            "picture": square_of(address),
        }
        return current_app.make_response(render_template("access/link.html", **shown))

    once_kept(sheet)
    return sent_to(f"{URL}/{username}")


@blueprint.get(f"{URL}/<username>")
@reads(Permission.ADD_PEOPLE)
def person(username: str, *, work: Work, by: Actor) -> str:
    return _person_page(work, by, username=username)


def _person_page(work: Work, by: Actor, *, username: str, refusal: DomainError | None = None) -> str:
    found, zone = person_named(work, username), zone_of(work, by)
    links = setup_links.open_links_of(work, username)
    return render_template(
        "access/person.html",
        **_rows(work, [found])[0],
        own=username == by.person,
        active=found.active,
        has_password=found.password_hash is not None,
        link_until=in_zone(links[0].expires_at, zone) if links else None,
        has_codes=standing_code(work, username) is not None,
        passkeys=len(passkeys_of(work, username)),
        needs_proof=needs_second_proof(work, username),
        events=[told(event, zone) for event in events_of(work, username, MOST_EVENTS)],
        errors=errors_of_form(refusal),
    )


def told(event: AccountEvent, zone: str) -> dict[str, Any]:
    """An event of an account in words."""
    return {
        "at": in_zone(event.at, zone),
        "word": EVENT_WORDS[event.event],
        "person": event.person,
        "by": event.by,
        "station": event.station,
        "meaning": details_of(event).get("meaning"),
    }


@blueprint.post(f"{URL}/<username>/link")
@shown_again(Permission.ADD_PEOPLE, _person_page)
@writes(Permission.ADD_PEOPLE)
def link_made(username: str, *, work: Work, by: Actor) -> Response:
    return _link_sheet(work, by, *setup_links.make_link(work, by, username))


@blueprint.post(f"{URL}/<username>/link/revoke")
@shown_again(Permission.ADD_PEOPLE, _person_page)
@writes(Permission.ADD_PEOPLE)
def link_revoked(username: str, *, work: Work, by: Actor) -> Response:
    setup_links.revoke_link(work, by, username)
    tell("Taken back", f"The link of {username} opens nothing any more.")
    return sent_to(f"{URL}/{username}")


@blueprint.post(f"{URL}/<username>/reset")
@shown_again(Permission.ADD_PEOPLE, _person_page)
@writes(Permission.ADD_PEOPLE)
def account_reset(username: str, *, work: Work, by: Actor) -> Response:
    return _link_sheet(work, by, *setup_links.reset_account(work, by, username))


@blueprint.post(f"{URL}/<username>/disable")
@shown_again(Permission.ADD_PEOPLE, _person_page)
@writes(Permission.ADD_PEOPLE)
def disabled(username: str, *, work: Work, by: Actor) -> Response:
    operations.disable(work, by, username)
    tell("Disabled", f"{username} signs in nowhere any more; the name is never used again.")
    return sent_to(f"{URL}/{username}")
