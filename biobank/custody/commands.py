"""Scanning from a terminal, and reading an item's life."""

from collections.abc import Iterator
from typing import Any

import click
import orjson

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.core.errors import DomainError
from biobank.custody.checks import item_seen_by
from biobank.custody.operations import record
from biobank.custody.states import Action
from biobank.custody.steps import AskedBack, Recorded, Source
from biobank.custody.stories import story_of
from biobank.items.choices import ScanOutcome
from biobank.items.inputs import SeenScan
from biobank.items.operations import log_scans
from biobank.web.scan_log import taken, with_scanner_alert
from biobank.web.terminal import Refused, acting, json_option, show


@click.command("scan")
@click.argument("action", type=click.Choice([action.value for action in Action]))
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@click.option("--place", help="Identifier of the box, parcel or bag.")
@click.option("--position", help="Position in the box, for example A1.")
@click.option("--at", "at_text", help="When it was done, with its offset; now when left out.")
@click.option("--unknown-time", is_flag=True, help="Nobody knows when it was done.")
@click.option("--by", "performed_by", help="User name of who did it, when somebody else did.")
@click.option("--details", default="{}", help="What the step needs besides, as a JSON object.")
@click.option("--confirm", "confirmation", help="The reason, when a surprising fact really was so.")
@json_option
@acting(Permission.RECORD_STEPS)
def scan(items: tuple[str, ...], *, by: Actor, as_json: bool, **asked: Any) -> None:
    """Record one step of each ITEM, all of them or none."""
    options = _options(asked)
    try:
        with writing() as work:
            done = [record(work, item, by=by, source=Source("command"), **options) for item in items]
            log_scans(work, [taken(*each) for each in zip(items, done, strict=True)], by=by)
    except DomainError as refusal:
        outcome = ScanOutcome.ASKED_BACK if isinstance(refusal, AskedBack) else ScanOutcome.REFUSED
        with writing() as work:
            seen = [SeenScan(item, outcome, asked["action"], refusal=refusal.detail) for item in items]
            log_scans(work, seen, by=by)
        raise
    done = [with_scanner_alert(*each) for each in zip(done, items, strict=True)]
    show({"results": [_answer(one) for one in done]}, as_json=as_json, lines=_lines(done))


def _options(asked: dict[str, Any]) -> dict[str, Any]:
    try:
        details = orjson.loads(asked.pop("details"))
    except orjson.JSONDecodeError as problem:
        raise Refused(f"--details is not JSON: {problem}.") from problem
    if not isinstance(details, dict):
        raise Refused('--details has to be a JSON object such as \'{"fill": "full"}\'.')
    at_text, unknown = asked.pop("at_text"), asked.pop("unknown_time")
    at = None if unknown else moments.read_moment(at_text) if at_text else moments.told(moments.now())
    return {**asked, "action": Action(asked["action"]), "details": details, "at": at}


def _answer(done: Recorded) -> dict[str, Any]:
    return {
        "item": done.item.identifier,
        "state": done.item.state.value,
        "event": done.event,
        "alerts": [{"kind": alert.kind, "text": alert.text} for alert in done.alerts],
        "repeated": done.repeated,
    }


def _lines(done: list[Recorded]) -> Iterator[str]:
    for one in done:
        again = " (already recorded)" if one.repeated else ""
        yield f"{one.item.identifier}  {one.event['action']}  now {one.item.state.value}{again}"
        yield from (f"  ! {alert.text}" for alert in one.alerts)


@click.group("custody")
def group() -> None:
    """The custody of an item."""


@group.command("show")
@click.argument("item")
@json_option
@acting(Permission.SEE_ITEMS)
def show_item(item: str, *, by: Actor, as_json: bool) -> None:
    """Show an ITEM and every event of its life."""
    with reading() as work:
        item_seen_by(work, by, item)
        story = story_of(work, item)
    show(story, as_json=as_json, lines=_told(story))


def _told(story: dict[str, Any]) -> Iterator[str]:
    yield f"{story['id']}  {story['kind']} {story['specification'] or ''}  {story['state']}"
    yield f"place: {story['place'] or '-'}   custody: {story['custodian'] or '-'}"
    if story["holds"]:
        yield f"holds: {', '.join(story['holds'])}"
    for event in story["events"]:
        done = event.get("action") or f"{event.get('hold', '')} hold {event.get('change', '')}"
        when = event.get("occurred_at") or event["recorded_at"]
        by = event.get("performed_by") or event.get("recorded_by", "")
        yield f"  {event['sequence']:>3}  {when[:16].replace('T', ' ')}Z  {done:<18} {by}"
