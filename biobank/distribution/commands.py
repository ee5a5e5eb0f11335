"""Commands about approved studies: what there is, a file for one, and whom to ask."""

from dataclasses import asdict
from pathlib import Path

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import reading, writing
from biobank.distribution.models import StudyRequest
from biobank.distribution.queries import holders_to_ask, requests, standing_on
from biobank.exchange.study_files import study_file
from biobank.web.terminal import acting, answer_no, json_option, show, table

REQUESTS = ("number", "study", "receiver", "standing", "valid_until")
HOLDERS = ("item", "request", "receiver", "asked_on")
MOST_LISTED = 500


@click.group("studies")
def group() -> None:
    """Studies that are given material, and what they have."""


@group.command("list")
@json_option
@acting(Permission.SEE_DISTRIBUTION)
def list_requests(*, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (a study is no site's)
    """Show the newest requests of studies."""
    with reading() as work:
        found = work.session.scalars(requests().order_by(StudyRequest.id.desc()).limit(MOST_LISTED))
        rows = [
            {"standing": standing_on(each).value, "valid_until": each.valid_until.isoformat()}
            | {name: getattr(each, name) for name in ("number", "study", "receiver")}
            for each in found
        ]
    show({"requests": rows}, as_json=as_json, lines=table(rows, REQUESTS) if rows else ["No study yet."])


@group.command("holders")
@json_option
@acting(Permission.ASK_HOLDERS)
def holders(*, by: Actor, as_json: bool) -> None:
    """Show what studies have of participants who withdrew since; exit 1 while one has not answered."""
    with reading() as work:
        found = [asdict(each) for each in holders_to_ask(work, by)]
    rows = [{name: str(each[name] or "") for name in HOLDERS} for each in found]
    show({"holders": rows}, as_json=as_json, lines=table(rows, HOLDERS) if rows else ["Nobody to ask."])
    if rows:
        answer_no()


@click.command("study")
@click.argument("number")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@acting(Permission.EXPORT_FILES)
def export_study(number: str, file: Path, *, by: Actor, as_json: bool) -> None:
    """Write to FILE what the study of request NUMBER could be given; who asked for it is left out."""
    with writing() as work:
        made = study_file(work, number, by=by)
        export = made.export
        told = {"rows": export.rows, "participants_left_out": export.participants_left_out}
        told |= {"log_size": export.log_size}
    file.write_bytes(made.content)
    line = f"Wrote {told['rows']} rows to {file}; {told['participants_left_out']} participants are left out."
    show({"file": str(file), **told}, as_json=as_json, lines=[line])
