"""Commands for monitoring: demands that nobody decided, and participants whom nobody told."""

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import reading
from biobank.disclosures.queries import to_tell_today, undecided_demands
from biobank.web.terminal import acting, answer_no, json_option, show


@click.group("disclosures")
def group() -> None:
    """What was given out about participants, and legal demands."""


@group.command("open")
@json_option
@acting(Permission.SEE_DISCLOSURES)
def still_open(*, by: Actor, as_json: bool) -> None:
    """Show demands that wait for a decision and participants to be told today; exit 1 when there are any."""
    with reading() as work:
        demands = [demand.reference for demand in undecided_demands(work, by)]
        untold = [disclosure.id for disclosure in to_tell_today(work, by)]
    lines = [f"Legal demand {reference} is not decided." for reference in demands]
    lines += [f"The participant of disclosure {number} was not told." for number in untold]
    show({"demands": demands, "untold": untold}, as_json=as_json, lines=lines or ["Nothing is open."])
    if lines:
        answer_no()
