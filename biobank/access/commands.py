"""Commands that add people, make set-up links, tell of failed signings and give out tokens."""

from collections.abc import Mapping

import click

from biobank.access import operations
from biobank.access.account_events import details_of
from biobank.access.actors import SETTING_UP, Actor
from biobank.access.badges import give_badge, take_badge
from biobank.access.failed_signings import open_alarms
from biobank.access.identifiers import printed_badge
from biobank.access.models import SetupLink
from biobank.access.permissions import Permission
from biobank.access.proof_checks import PasswordOfOthers
from biobank.access.setup_links import link_address, make_link, reset_account, revoke_link
from biobank.core.database import Work, reading, writing
from biobank.core.moments import to_text
from biobank.web.current import current_settings
from biobank.web.terminal import acting, answer_no, json_option, show, table


@click.group("users")
def users() -> None:
    """People and what they may do."""


@users.command("add")
@click.argument("username")
@click.option("--printed-name", required=True, help="As it stands under a signature.")
@click.option("--role", "roles", multiple=True, metavar="ROLE[@SITE]", help="May be given several times.")
@click.option(
    "--password",
    envvar="BIOBANK_PASSWORD",
    help="While an empty database is set up alone; better from BIOBANK_PASSWORD.",
)
@click.option("--link/--no-link", default=True, help="A set-up link, shown once; without one no sign-in.")
@json_option
@acting(Permission.ADD_PEOPLE, sets_up=True)
def add(
    username: str,
    printed_name: str,
    roles: tuple[str, ...],
    password: str | None,
    *,
    link: bool,
    by: Actor,
    as_json: bool,
) -> None:
    """Add a person with their roles; they choose their own password by the set-up link."""
    if password is not None and by != SETTING_UP:
        raise PasswordOfOthers(
            "Nobody chooses somebody else's password; leave it out and hand the set-up link to the person."
        )
    with writing() as work:
        operations.add_person(work, by, username=username, printed_name=printed_name, password=password)
        for text in roles:
            role, _, site = text.partition("@")
            operations.grant_role(work, by, username=username, role=role, site=site or None)
        made = _linked(work, *make_link(work, by, username)) if link and password is None else None
    document = {"username": username, "printed_name": printed_name, "roles": list(roles), **(made or {})}
    lines = [f"Added {username}: {', '.join(roles) or 'no role yet'}.", *_told(made)]
    show(document, as_json=as_json, lines=lines)


def _linked(work: Work, link: SetupLink, code: str) -> dict[str, str]:
    address = link_address(work.settings, code)
    return {"setup_link": address, "setup_code": code, "expires_at": to_text(link.expires_at)}


def _told(made: Mapping[str, str] | None) -> list[str]:
    if made is None:
        return []
    return [
        f"Set-up link, shown this once, until {made['expires_at']}: {made['setup_link']}",
        "Hand it to the person themself; whoever has it chooses the password.",
    ]


@users.command("link")
@click.argument("username")
@json_option
@acting(Permission.ADD_PEOPLE)
def link_again(username: str, *, by: Actor, as_json: bool) -> None:
    """Make a new set-up link for somebody who has no password yet; the one before ends."""
    with writing() as work:
        made = _linked(work, *make_link(work, by, username))
    show({"username": username, **made}, as_json=as_json, lines=_told(made))


@users.command("revoke-link")
@click.argument("username")
@acting(Permission.ADD_PEOPLE)
def link_taken_back(username: str, *, by: Actor) -> None:
    """A set-up link that went astray opens nothing any more."""
    with writing() as work:
        revoke_link(work, by, username)
    click.echo(f"The link of {username} opens nothing any more.")


@users.command("reset")
@click.argument("username")
@json_option
@acting(Permission.ADD_PEOPLE)
def reset(username: str, *, by: Actor, as_json: bool) -> None:
    """End password, PIN, codes, passkeys and sessions of an account, and make a link to set up anew."""
    with writing() as work:
        made = _linked(work, *reset_account(work, by, username))
    show({"username": username, **made}, as_json=as_json, lines=[f"{username} is reset.", *_told(made)])


@users.command("alarms")
@json_option
@acting(Permission.SEE_SIGNING_ALARMS)
def alarms(*, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (whoever may see them)
    """Signings that failed several times within an hour; exit code 1 while an alarm is open."""
    with reading() as work:
        found = [
            {"username": alarm.person, "at": to_text(alarm.at), **details_of(alarm)}
            for alarm in open_alarms(work)
        ]
    lines = table(found, ("username", "at", "failures", "of")) if found else ["No alarm."]
    show({"alarms": found}, as_json=as_json, lines=lines)
    if found:
        answer_no()


@users.command("grant")
@click.argument("username")
@click.argument("role", metavar="ROLE[@SITE]")
@acting(Permission.ADD_PEOPLE)
def grant(username: str, role: str, *, by: Actor) -> None:
    """Grant one more role."""
    name, _, site = role.partition("@")
    with writing() as work:
        operations.grant_role(work, by, username=username, role=name, site=site or None)
    click.echo(f"{username} is {role} now.")


@users.command("withdraw-role")
@click.argument("username")
@click.argument("role", metavar="ROLE[@SITE]")
@acting(Permission.ADD_PEOPLE)
def withdraw_role(username: str, role: str, *, by: Actor) -> None:
    """Take a role back."""
    name, _, site = role.partition("@")
    with writing() as work:
        operations.withdraw_role(work, by, username=username, role=name, site=site or None)
    click.echo(f"{username} is not {role} any more.")


@users.command("disable")
@click.argument("username")
@acting(Permission.ADD_PEOPLE)
def disable(username: str, *, by: Actor) -> None:
    """End an account; it is kept, and its name is never used again."""
    with writing() as work:
        operations.disable(work, by, username)
    click.echo(f"{username} is disabled.")


@users.group("badge")
def badge() -> None:
    """Badges for the shared stations; the PIN is chosen by each person themself."""


@badge.command("give")
@click.argument("username")
@json_option
@acting(Permission.ADD_PEOPLE)
def give(username: str, *, by: Actor, as_json: bool) -> None:
    """Make the code of a new badge; it is shown this once, and the badge before stops working."""
    with writing() as work:
        code = give_badge(work, by, username)
    document = {"username": username, "badge": code}
    show(document, as_json=as_json, lines=[code, f"On the badge: {printed_badge(code)}"])


@badge.command("take")
@click.argument("username")
@acting(Permission.ADD_PEOPLE)
def take(username: str, *, by: Actor) -> None:
    """A badge that is lost opens nothing any more."""
    with writing() as work:
        take_badge(work, by, username)
    click.echo(f"The badge of {username} opens nothing any more.")


@click.group("tokens")
def tokens() -> None:
    """Bearer tokens for the API and for commands."""


@tokens.command("create")
@click.argument("username")
@click.option(
    "--days", type=click.IntRange(1, 3650), help="How long it is valid; the setting token_days otherwise."
)
@click.option("--site", help="Narrows the person's roles to this site.")
@click.option(
    "--scope", "scopes", multiple=True, metavar="PERMISSION", help="All that the person may, otherwise."
)
@json_option
@acting(Permission.CREATE_TOKENS, sets_up=True)
def create(
    username: str, days: int | None, site: str | None, scopes: tuple[str, ...], *, by: Actor, as_json: bool
) -> None:
    """Make a token; it is shown this once."""
    with writing() as work:
        token, text = operations.create_token(
            work,
            by,
            username=username,
            days=days or current_settings().token_days,
            scopes=frozenset(scopes) or None,
            site=site,
        )
        document = {"number": token.id, "token": text, "expires_at": to_text(token.expires_at)}
    show(document, as_json=as_json, lines=[text])


@tokens.command("revoke")
@click.argument("number", type=int)
@acting(Permission.CREATE_TOKENS)
def revoke(number: int, *, by: Actor) -> None:  # noqa: ARG001 (any administrator may end a token)
    """End a token now."""
    with writing() as work:
        operations.revoke_token(work, number)
    click.echo(f"Token {number} is revoked.")
