"""What the ledger keeps of a pick list: how it was made and each change of a line; `verify` compares them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.moments import text_or_none
from biobank.ledger.operations import append_to
from biobank.retrieval.choices import LineState
from biobank.retrieval.models import PickLine, PickList
from biobank.retrieval.queries import list_numbered, subject_of

KIND = "pick_list"
MADE = (
    "purpose", "request_id", "site", "goes_to", "wanted", "rule", "one_each", "least_microlitres",
    "collected_at", "out_hours", "made_by",
)  # fmt: skip


def note(work: Work, listed: PickList, change: str, by: Actor, content: Mapping[str, Any]) -> None:
    """An entry of the list; the caller has locked it."""
    content = {"change": change, "recorded_by": by.person, **content}
    append_to(work, subject=subject_of(listed), kind=KIND, content=content)


def made_content(listed: PickList) -> dict[str, Any]:
    return {name: getattr(listed, name) for name in MADE}


def line_content(line: PickLine) -> dict[str, Any]:
    return {
        "state": line.state,
        "because": line.because,
        "item_sequence": line.sequence,
        "by": line.changed_by,
        "due_at": text_or_none(line.due_at),
    }


def add_lines(work: Work, listed: PickList, pieces: Sequence[tuple[int, str]], by: Actor) -> None:
    """Pieces by their numbers and codes go onto the list, in the order of their choice."""
    work.session.add_all(
        PickLine(list_id=listed.id, item_id=number, state=LineState.TO_PICK.value) for number, _ in pieces
    )
    work.flush()
    note(work, listed, "added", by, {"items": [code for _, code in pieces]})


def change_line(
    work: Work,
    line: PickLine,
    item: str,
    state: LineState,
    by: Actor,
    *,
    because: str | None = None,
    sequence: int | None = None,
    due_at: datetime | None = None,
) -> None:
    """Bring a line to another state, with an entry of its list, which is locked here."""
    listed = list_numbered(work, line.list_id, locked=True)
    line.state, line.changed_by, line.because = state.value, by.person, because
    line.sequence = sequence or line.sequence
    line.due_at = due_at or line.due_at
    work.flush()
    note(work, listed, "line", by, {"item": item, **line_content(line)})
