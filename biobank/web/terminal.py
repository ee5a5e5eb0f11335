"""The shape of every command: one decorator declares its permission and says who acts.

    @group.command("make")
    @click.argument("definition")
    @json_option
    @acting(Permission.MAKE_KITS)
    def make(definition: str, *, by: Actor, as_json: bool) -> None:
        with writing() as work: ...
        show({"kits": [...]}, as_json=as_json, lines=table(...))

A command runs inside the application's context and opens its own transactions, since long ones need
several. `unattended(reason)` is for commands without a person: serve, worker, database upgrade. A
`DomainError` becomes one sentence on standard error and exit code 2; `answer_no()` ends with 1.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, NoReturn

import click
import orjson
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from biobank.access.actors import SETTING_UP, Actor
from biobank.access.checks import SignInNeeded, permitted
from biobank.access.permissions import Permission
from biobank.access.queries import actor_of_token, is_setting_up
from biobank.core.database import Work, reading
from biobank.core.errors import DatabaseUnavailable, DomainError
from biobank.core.key_rotation import Exchanged, Rotated
from biobank.web.permission import DECLARED, failures_recorded

Command = Callable[..., Any]
MakeApp = Callable[[], Flask]

as_option = click.option(
    "--as", "person", metavar="PERSON", help="Who acts; their token is in BIOBANK_TOKEN."
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document, for programs.")


class UndeclaredCommand(RuntimeError):
    """A command without a permission: none of them starts."""


class Refused(click.ClickException):
    """One sentence on standard error; wrong use."""

    exit_code = 2


class Commands(click.Group):
    """A group whose commands refuse in one sentence, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (DomainError, DatabaseUnavailable) as refusal:
            raise Refused(str(refusal)) from refusal
        except OSError as problem:
            if problem.filename is None:  # no file of theirs, such as a pipe that was closed
                raise
            raise Refused(
                f"{problem.filename} cannot be used ({problem.strerror}); name a file that you may read or "
                "write, in a folder that is there."
            ) from problem
        except SQLAlchemyError as problem:  # of the schema's commands, which open no transaction of ours
            raise Refused(
                f"The database cannot be used ({type(problem).__name__}); check BIOBANK_DATABASE_URL, and "
                "that it is there and yours to write."
            ) from problem


def acting(permission: Permission, *, sets_up: bool = False) -> Callable[[Command], Command]:
    """The command gets `by`, an `Actor` with `permission`.

    With `sets_up` nobody need be named until the first token is made.
    """

    def declare(command: Command) -> Command:
        @as_option
        @wraps(command)
        def authorised(*arguments: Any, person: str | None, **named: Any) -> Any:
            with application().app_context(), failures_recorded():
                with reading() as work:
                    by = _who(work, person, sets_up=sets_up)
                permitted(by, permission)
                return command(*arguments, by=by, **named)

        setattr(authorised, DECLARED, permission)
        return authorised

    return declare


def unattended(reason: str) -> Callable[[Command], Command]:
    """Nobody is behind this command, for `reason`; it gets no actor and makes the application itself."""

    def declare(command: Command) -> Command:
        setattr(command, DECLARED, reason)
        return command

    return declare


def application() -> Flask:
    """The application of this command line; made when the first command asks."""
    make: MakeApp = click.get_current_context().find_root().obj
    return make()


def _who(work: Work, person: str | None, *, sets_up: bool) -> Actor:
    if sets_up and person is None and is_setting_up(work):
        return SETTING_UP
    token = os.environ.get("BIOBANK_TOKEN", "")
    if not person or not token:
        raise SignInNeeded("Say who acts: add --as PERSON and put that person's token into BIOBANK_TOKEN.")
    by = actor_of_token(work, token)
    if by.person != person:
        raise SignInNeeded(f"The token in BIOBANK_TOKEN is not {person}'s; use that person's own.")
    return by


def show_keys(done: Rotated | Exchanged, sealed_anew: str, *, as_json: bool) -> None:
    """What became of keys; `sealed_anew` says of what, with a place for how many: "answers of {} visits"."""
    if isinstance(done, Exchanged):
        told = f"{done.wrapped} data keys are wrapped by a new key; keep a copy of the key file elsewhere."
        show({"wrapped": done.wrapped}, as_json=as_json, lines=[told])
        return
    lines = [f"Key {done.key} is in use; {sealed_anew.format(done.resealed)} were sealed anew."]
    show({"key": done.key, "resealed": done.resealed}, as_json=as_json, lines=lines)


def show(document: Mapping[str, Any], *, as_json: bool, lines: Sequence[str] | Iterator[str] = ()) -> None:
    """Print one JSON document, or `lines` for people."""
    if as_json:
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2, default=str))
    else:
        for line in lines:
            click.echo(line)


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[str]:
    """Aligned text under the names of the columns; unknown is a dash."""
    texts = [[str(row[name]) if row.get(name) not in (None, "") else "-" for name in columns] for row in rows]
    header = [name.replace("_", " ") for name in columns]
    widths = [max(len(line[at]) for line in [header, *texts]) for at in range(len(columns))]
    return [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in [header, *texts]
    ]


def answer_no() -> NoReturn:
    """The command worked and its answer is no: exit code 1."""
    sys.stdout.flush()
    raise click.exceptions.Exit(1)


def every_command(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, f"{path}{name} ")
        else:
            yield f"{path}{name}", command


def assert_every_command_declares(group: click.Group) -> None:
    """Raises `UndeclaredCommand` with the names of all that lack a permission."""
    lacking = sorted(
        name for name, command in every_command(group) if not hasattr(command.callback, DECLARED)
    )
    if lacking:
        raise UndeclaredCommand(f"These commands declare no permission: {', '.join(lacking)}.")
