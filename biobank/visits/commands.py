"""Commands about visits: what is to be erased."""

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import writing
from biobank.ledger.rotating import exchange_file_key, rotate_data_key
from biobank.participants.queries import participant_seen_by
from biobank.visits.answers import erase_safety_answers, forget_old_answers
from biobank.visits.answers_rotation import ANSWERS
from biobank.web.current import current_settings
from biobank.web.terminal import acting, json_option, show, show_keys


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
    change = exchange_file_key if key_file else rotate_data_key
    show_keys(change(ANSWERS, by.person), "answers of {} visits", as_json=as_json)


@group.command("forget-old-answers")
@json_option
@acting(Permission.MAINTAIN)
def forget(*, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (the permission is what counts)
    """Erase the answers that are older than the settings keep them; the service does it once a day."""
    visits = forget_old_answers(current_settings())
    show({"visits": visits}, as_json=as_json, lines=[f"Answers of {visits} visits erased."])
