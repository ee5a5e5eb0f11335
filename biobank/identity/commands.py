"""Commands of the vault: its keys are rotated, its records verified, identities entered from a file."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import reading, writing
from biobank.core.errors import DomainError, Invalid
from biobank.identity.choices import FOR_KEEPING, IdentityField, Reason
from biobank.identity.inputs import Asked, Identity
from biobank.identity.operations import change_identity, enter_identity
from biobank.identity.queries import counts, vault_knows
from biobank.identity.replay import access_findings, field_findings, finish_accesses
from biobank.identity.rotation import IDENTITIES
from biobank.identity.vault import vault_reading
from biobank.ledger.rotating import exchange_file_key, rotate_data_key
from biobank.participants.queries import participant_seen_by
from biobank.web.terminal import acting, answer_no, json_option, show, show_keys

FROM_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class LineRefused(Invalid):
    """One line of a file of identities; what stands in it is never repeated."""

    title = "Line refused"


@click.group("vault")
def group() -> None:
    """The identity vault: names and contacts, apart from samples, with a key of its own."""


@group.command("rotate")
@click.option("--key-file", is_flag=True, help="Exchange the key file's key instead; seals nothing anew.")
@json_option
@acting(Permission.MAINTAIN)
def rotate(*, key_file: bool, by: Actor, as_json: bool) -> None:
    """Make a new key and seal everything with it; a run that was killed is gone on with."""
    change = exchange_file_key if key_file else rotate_data_key
    show_keys(change(IDENTITIES, by.person), "{} identities", as_json=as_json)


@group.command("verify")
@json_option
@acting(Permission.SEE_IDENTITY_ACCESS)
def verify(*, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (the permission is what counts)
    """Compare each look in the vault with the ledger, and try every field; exit 1 when something is wrong."""
    with writing() as work:
        finished = finish_accesses(work)
    with reading() as work:
        findings = list(access_findings(work))
    with vault_reading() as vault:
        findings += field_findings(vault)
        totals = counts(vault)
    document = {
        **totals,
        "finished": finished,
        "findings": [{"subject": each.subject, "sentence": each.sentence} for each in findings],
    }
    told = ", ".join(f"{name} {count}" for name, count in totals.items())
    show(document, as_json=as_json, lines=[*map(str, findings), told, f"Findings: {len(findings)}"])
    if findings:
        answer_no()


@group.command("enter")
@click.argument("file", type=FROM_FILE)
@click.option(
    "--reason",
    type=click.Choice([each.value for each in FOR_KEEPING]),
    default=Reason.ENROLMENT.value,
    show_default=True,
)
@click.option("--document", help="Number of the list or letter that they come from.")
@json_option
@acting(Permission.KEEP_IDENTITY)
def enter(file: Path, *, reason: str, document: str | None, by: Actor, as_json: bool) -> None:
    """Enter or change identities from FILE: JSON Lines with participant, given_name, family_name, birth_date

    and, where they are known, programme_participant, email, phone, postal_address, language. Each line is a
    transaction of its own. Names never stand on a command line, where others could read them.
    """
    asked, done, problems = Asked(reason=reason, document=document), 0, []
    for number, line in _lines(file):
        try:
            _keep(line, by, asked)
            done += 1
        except DomainError as refusal:
            problems.append({"line": number, "problem": refusal.detail})
    lines = [f"Line {each['line']}: {each['problem']}" for each in problems]
    show({"kept": done, "errors": problems}, as_json=as_json, lines=[*lines, f"{done} identities were kept."])
    if problems:
        answer_no()


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    with file.open(encoding="utf-8") as opened:
        for number, line in enumerate(opened, 1):
            if line.strip():
                yield number, line


def _keep(line: str, by: Actor, asked: Asked) -> None:
    code, identity = _read(line)
    with writing() as work:
        participant = participant_seen_by(work, by, code).code
        keep = change_identity if vault_knows(work, participant) else enter_identity
        keep(work, by, participant, identity, asked)


def _read(line: str) -> tuple[str, Identity]:
    """Raises `LineRefused`."""
    told = _object(line)
    code, unknown = told.pop("participant", None), told.keys() - set(IdentityField)
    if not isinstance(code, str) or unknown or not all(isinstance(text, str) for text in told.values()):
        raise LineRefused(f"A line holds participant and texts named {', '.join(IdentityField)}; no others.")
    try:
        born = date.fromisoformat(told.pop("birth_date")) if "birth_date" in told else None
    except ValueError as problem:
        raise LineRefused("birth_date is written like 1984-05-31.") from problem
    return code, Identity(**told, birth_date=born)


def _object(line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError as problem:
        raise LineRefused("A line is one JSON object.") from problem
    if not isinstance(told, dict):
        raise LineRefused("A line is one JSON object.")
    return told
