"""Commands that register custodians outside and show what they have and what they were asked."""

from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import reading, writing
from biobank.custodians import operations, queries
from biobank.custodians.choices import CustodianKind
from biobank.custodians.inputs import CustodianChange, NewCustodian
from biobank.custodians.models import Custodian
from biobank.destruction.outside import Outside, outside_of_orders
from biobank.web.terminal import acting, answer_no, json_option, show, table

COLUMNS = ("code", "kind", "organisation", "agreement", "in_use", "holds")
OUTSIDE = ("item", "order", "custodian", "wanted", "due", "attestation", "late")


@click.group("custodians")
def group() -> None:
    """Contract labs, waste contractors and repositories that hold what is ours."""


@group.command("add")
@click.argument("code")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in CustodianKind]))
@click.option("--organisation", required=True, help="The organisation's name; nobody who works there.")
@click.option("--agreement", required=True, help="Number of the agreement.")
@json_option
@acting(Permission.KEEP_CUSTODIANS)
def add(code: str, kind: str, organisation: str, agreement: str, *, by: Actor, as_json: bool) -> None:
    """Register a custodian under CODE, such as LAB-1."""
    new = NewCustodian(code=code, kind=CustodianKind(kind), organisation=organisation, agreement=agreement)
    with writing() as work:
        document = _row(operations.add_custodian(work, new, by=by), 0)
    show(document, as_json=as_json, lines=[f"Registered {document['code']}."])


def _row(custodian: Custodian, holds: int) -> dict[str, Any]:
    return {**{name: getattr(custodian, name) for name in COLUMNS[:-1]}, "holds": holds}


@group.command("change")
@click.argument("code")
@click.option("--organisation", help="The organisation's name.")
@click.option("--agreement", help="Number of the agreement.")
@click.option("--in-use/--not-in-use", default=None, help="Whether anything more is sent there.")
@json_option
@acting(Permission.KEEP_CUSTODIANS)
def change(
    code: str,
    *,
    organisation: str | None,
    agreement: str | None,
    in_use: bool | None,
    by: Actor,
    as_json: bool,
) -> None:
    """Change what is known of custodian CODE."""
    told = CustodianChange(organisation=organisation, agreement=agreement, in_use=in_use)
    with writing() as work:
        changed = operations.change_custodian(work, code, told, by=by)
        document = _row(changed, queries.numbers_sent_out(work, by).get(changed.code, 0))
    show(document, as_json=as_json, lines=table([document], COLUMNS))


@group.command("list")
@json_option
@acting(Permission.SEE_ITEMS)
def list_custodians(*, by: Actor, as_json: bool) -> None:
    """Show all custodians and how many specimens of your sites each has."""
    with reading() as work:
        held = queries.numbers_sent_out(work, by)
        rows = [_row(each, held.get(each.code, 0)) for each in queries.custodians(work)]
    lines = table(rows, COLUMNS) if rows else ["Nobody outside holds anything of ours."]
    show({"custodians": rows}, as_json=as_json, lines=lines)


@group.command("outside")
@json_option
@acting(Permission.SEE_DESTRUCTION)
def list_outside(*, by: Actor, as_json: bool) -> None:
    """Show open lines of orders at custodians; exit 1 when one was not asked or has not answered in time."""
    with reading() as work:
        found = outside_of_orders(work, by)
        rows = [_outside(each) for each in found]
        wrong = any(each.is_late or each.is_to_be_asked for each in found)
    lines = table(rows, OUTSIDE) if rows else ["Nothing that is to be destroyed is outside."]
    show({"outside": rows}, as_json=as_json, lines=lines)
    if wrong:
        answer_no()


def _outside(each: Outside) -> dict[str, Any]:
    return {
        "item": each.item.identifier,
        "order": each.order.identifier,
        "custodian": each.custodian,
        "wanted": each.asked.wanted if each.asked else None,
        "due": each.asked.due_at.date().isoformat() if each.asked else None,
        "attestation": each.attestation.id if each.attestation else None,
        "late": each.is_late,
    }
