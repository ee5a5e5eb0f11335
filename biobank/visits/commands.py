"""Commands about visits: what is to be erased."""

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import writing
from biobank.participants.queries import participant_seen_by
from biobank.visits.answers import erase_safety_answers, forget_old_answers
from biobank.visits.answers_rotation import exchange_file_key, rotate_data_key
from biobank.web.current import current_settings
from biobank.web.terminal import acting, json_option, show


@click.group("visits")
def group() -> None:
    """Visits: one person at one site on one day."""


@group.command("erase-answers")
@click.argument("participant")
@json_option
@acting(Permission.RECORD_WITHDRAWALS)
def erase(participant: str, *, by: Actor, as_json: bool) -> None:
    """Erase every answer to a safety question, and every weight, of one participant."""
    with writing() as work:
        visits = erase_safety_answers(work, participant_seen_by(work, by, participant).code, by=by)
    show({"visits": visits}, as_json=as_json, lines=[f"Answers of {visits} visits erased."])


@group.command("rotate-key")
@click.option("--key-file", is_flag=True, help="Exchange the key file's key instead; seals nothing anew.")
@json_option
@acting(Permission.MAINTAIN)
def rotate(*, key_file: bool, by: Actor, as_json: bool) -> None:
    """Make a new key and encrypt every kept answer with it; a run that was killed is gone on with."""
    if key_file:
        wrapped = exchange_file_key(by).wrapped
        lines = [f"{wrapped} data keys are wrapped by a new key; keep a copy of the key file elsewhere."]
        show({"wrapped": wrapped}, as_json=as_json, lines=lines)
        return
    done = rotate_data_key(by)
    lines = [f"Key {done.key} is in use; answers of {done.resealed} visits were encrypted anew."]
    show({"key": done.key, "resealed": done.resealed}, as_json=as_json, lines=lines)


@group.command("forget-old-answers")
@json_option
@acting(Permission.MAINTAIN)
def forget(*, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (the permission is what counts)
    """Erase the answers that are older than the settings keep them; the service does it once a day."""
    visits = forget_old_answers(current_settings())
    show({"visits": visits}, as_json=as_json, lines=[f"Answers of {visits} visits erased."])
