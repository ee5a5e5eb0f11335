"""The command that records a withdrawal."""

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import writing
from biobank.destruction.choices import Ceremony
from biobank.destruction.queries import current_order
from biobank.items.identifiers import printed
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.web.terminal import acting, json_option, show
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.operations import withdraw


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
        recorded = withdraw(work, decision, by=by)
        order = current_order(work, recorded.participant)
        document = {
            "participant": recorded.participant,
            "information": recorded.information,
            "samples": recorded.samples,
            "order": order.identifier if order else None,
            "hold_until": moments.to_text(order.hold_until) if order else None,
        }
    show(document, as_json=as_json, lines=_lines(document))


def _lines(document: dict[str, str | None]) -> list[str]:
    lines = [
        "Recorded for {participant}: information {information}, samples {samples}.".format(**document),
    ]
    if document["order"]:
        lines.append(f"Destruction order {printed(document['order'])}, not before {document['hold_until']}.")
    return lines
