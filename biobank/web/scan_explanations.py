"""Why a barcode does or does not work for whoever asks: what it is read as, and what may be done with it."""

from dataclasses import dataclass
from typing import Any

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.checks import OtherSite
from biobank.custody.queries import item_if_known
from biobank.custody.steps import ItemNow
from biobank.items.explanations import Finding, findings_about
from biobank.items.identifiers import LONGEST, UnreadableIdentifier, printed, read_scan
from biobank.items.scanned_text import shown
from biobank.web.look_ups import page_behind
from biobank.web.step_buttons import step_buttons
from biobank.web.words import spoken


@dataclass(frozen=True)
class Explanation:
    """Step by step; `url` and `steps` only where whoever asks may see what is behind the code."""

    seen: str
    read_as: str | None
    findings: list[Finding]
    url: str | None = None
    item: ItemNow | None = None
    steps: tuple[dict[str, Any], ...] = ()


def explained(work: Work, by: Actor, text: str) -> Explanation:
    """Names nothing that `by` could not find by scanning: of another site's item its site alone."""
    findings = findings_about(text)
    seen, read_as = shown(text[:LONGEST]), read_scan(text[:LONGEST]).code or None
    try:
        url = page_behind(work, by, text)
    except OtherSite as refusal:
        return Explanation(seen, read_as, [*findings, Finding("ask", "Of another site", refusal.detail)])
    except UnreadableIdentifier:
        return Explanation(seen, read_as, findings)  # which they say already
    except DomainError as refusal:
        return Explanation(seen, read_as, [*findings, Finding("wrong", refusal.title, refusal.detail)])
    item = item_if_known(work, text)
    steps = tuple(step_buttons(work, item, by)) if item else ()
    return Explanation(seen, read_as, [*findings, _known(item, steps)], url, item, steps)


def _known(item: ItemNow | None, steps: tuple[dict[str, Any], ...]) -> Finding:
    if item is None:
        return Finding("right", "Known", "It leads to a page of its own.")
    possible = ", ".join(step["label"].lower() for step in steps)
    may = f"Possible for you now: {possible}." if possible else "Nothing is to be done with it by you now."
    return Finding(
        "right", "Known", f"{printed(item.identifier)} is a {spoken(item.kind)}, {spoken(item.state)}. {may}"
    )


def narrowed_to(work: Work, text: str | None) -> dict[str, Any]:
    """How `scans_asked_for` finds the scans of a code: by its item, where it is on one."""
    if not text:
        return {"read_as": None, "item_id": None}
    item = item_if_known(work, text)
    return {"read_as": read_scan(text).code, "item_id": item.id if item else None}
