"""Commands that record a withdrawal and show what is still to be asked for."""

from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.destruction.choices import Ceremony
from biobank.destruction.queries import current_order
from biobank.items.identifiers import printed
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.web.terminal import acting, answer_no, json_option, show, table
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.models import RecordedDecision, WaitingRequest
from biobank.withdrawals.queries import undecided_decisions, waiting_requests
from biobank.withdrawals.requests import take


@click.command("withdraw")
@click.argument("code")
@click.option(
    "--information", required=True, type=click.Choice([answer.value for answer in InformationAnswer])
)
@click.option("--samples", required=True, type=click.Choice([answer.value for answer in SamplesAnswer]))
@click.option(
    "--stays", is_flag=True, help="Only the samples are decided about; the participant does not leave."
)
@click.option(
    "--ceremony",
    type=click.Choice([answer.value for answer in Ceremony]),
    default=Ceremony.UNANSWERED.value,
    show_default=True,
    help="Unanswered and yes block destruction until compliance settles it.",
)
@click.option("--decided-at", help="When it was decided, with its offset; now when left out.")
@click.option(
    "--requested-by", default="participant", show_default=True, help="A code or a role, never a name."
)
@click.option(
    "--capacity",
    type=click.Choice([capacity.value for capacity in Capacity]),
    default=Capacity.PARTICIPANT.value,
)
@click.option("--evidence", help="Number of the form, letter or recording.")
@json_option
@acting(Permission.RECORD_WITHDRAWALS)
def withdraw_participant(
    code: str,
    *,
    information: str,
    samples: str,
    stays: bool,
    ceremony: str,
    decided_at: str | None,
    requested_by: str,
    capacity: str,
    evidence: str | None,
    by: Actor,
    as_json: bool,
) -> None:
    """Record what the participant CODE decided; the answers have no default."""
    decision = Decision(
        participant=code,
        leaves=not stays,
        information=InformationAnswer(information),
        samples=SamplesAnswer(samples),
        requested_by=requested_by,
        capacity=Capacity(capacity),
        ceremony=Ceremony(ceremony),
        channel=Channel.COMMAND,
        decided_at=moments.read_moment(decided_at) if decided_at else moments.told(moments.now()),
        evidence=evidence,
    )
    with writing() as work:
        recorded = take(work, decision, by=by)
        order = current_order(work, recorded.participant)
        document = {
            "waits_for_papers": isinstance(recorded, WaitingRequest),
            "participant": recorded.participant,
            "information": recorded.information,
            "samples": recorded.samples,
            "order": order.identifier if order else None,
            "hold_until": moments.to_text(order.hold_until) if order else None,
        }
    show(document, as_json=as_json, lines=_lines(document))


def _lines(document: dict[str, Any]) -> list[str]:
    if document["waits_for_papers"]:
        return ["A request of {participant} waits for papers; nothing is done yet.".format(**document)]
    lines = [
        "Recorded for {participant}: information {information}, samples {samples}.".format(**document),
    ]
    if document["order"]:
        lines.append(f"Destruction order {printed(document['order'])}, not before {document['hold_until']}.")
    return lines


@click.group("decisions")
def decisions() -> None:
    """Answers that participants still owe, and requests that wait for papers."""


@decisions.command("open")
@json_option
@acting(Permission.CONFIRM_DESTRUCTION)
def open_decisions(*, by: Actor, as_json: bool) -> None:
    """Show what is to be asked for and by when; exit 1 when a day is over."""
    with reading() as work:
        undecided = [_open(decision, "answers") for decision in undecided_decisions(work, by)]
        waiting = [_open(request, "papers") for request in waiting_requests(work, by)]
    rows = sorted([*undecided, *waiting], key=lambda row: str(row["due_on"]))
    columns = ("participant", "asked_for", "information", "samples", "due_on", "overdue")
    lines = table(rows, columns) if rows else ["Nothing is to be asked for."]
    show({"open": rows}, as_json=as_json, lines=lines)
    if any(row["overdue"] for row in rows):
        answer_no()


def _open(waiting: RecordedDecision | WaitingRequest, asked_for: str) -> dict[str, str | bool | None]:
    due_on = waiting.due_on
    return {
        "participant": waiting.participant,
        "asked_for": asked_for,
        "information": waiting.information,
        "samples": waiting.samples,
        "due_on": due_on.isoformat() if due_on else None,
        "overdue": due_on is not None and due_on < moments.now().date(),
    }
