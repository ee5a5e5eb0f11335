"""What people write beside a step names nobody: the ledger can never be erased."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select, literal, select, union_all

from biobank.access.actors import Actor
from biobank.access.checks import USERNAME
from biobank.core.database import Work
from biobank.core.personal_shapes import (
    ALWAYS,
    SHAPES,
    NamesSomebody,
    names_nobody,
    said_to_hold,
    texts_in,
)
from biobank.custody.states import MADE, Kind
from biobank.custody.steps import Attempt, ItemNow, Source
from biobank.items.models import Item
from biobank.items.queries import all_inside, participants_behind, participants_behind_all
from biobank.participants import own_names

LONGEST_REASON = 500
Sent = Callable[[int], Select[int]]
"""What was sent in a parcel, by its number: it lies elsewhere once it was received."""
_sent: list[Sent] = []


def install(sent: Sent) -> None:
    """Wired once for the service: who knows what was sent is not looked up to."""
    _sent[:] = [sent]


def reasons_name_nobody(attempt: Attempt) -> None:
    """Free text is looked at for shapes of a person; files were cleaned before, and stations write none."""
    if attempt.source.kind in ("file", "system"):
        return
    _is_a_user_name(attempt.performed_by)
    _refuse_personal("source.reference", attempt.source.reference, ALWAYS)
    for field, text in _reasons(attempt):
        if text:
            _refuse_personal(field, str(text), frozenset(SHAPES))
    for name, value in attempt.details.items():
        for text in texts_in(value):
            _refuse_personal(f"details.{name}", text, ALWAYS)


def birth_names_nobody(source: Source, told: Mapping[str, Any]) -> None:
    """What is told of a thing when it is registered, by field. Raises `NamesSomebody`."""
    if source.kind in ("file", "system"):
        return
    for field, value in told.items():
        for text in texts_in(value):
            names_nobody(field, text, ALWAYS)


def _reasons(attempt: Attempt) -> tuple[tuple[str, Any], ...]:
    return ("confirmation", attempt.confirmation), ("details.reason", attempt.details.get("reason"))


def reasons_hold_no_own_name(work: Work, attempt: Attempt) -> None:
    """Asked of the vault when all else holds. Raises `OwnNameWritten`."""
    if attempt.source.kind in ("file", "system"):
        return
    for field, text in _reasons(attempt):
        if text:
            own_names_are_not_in(work, attempt.by, attempt.item, str(text), field)


def own_names_are_not_in(work: Work, by: Actor, item: ItemNow, text: str, field: str) -> None:
    """Of nobody whose material is in it, be it a pool or a freezer. Raises `OwnNameWritten`."""
    own_names.own_names_are_not_in(work, by, _whose(work, item), text, field)


def _whose(work: Work, item: ItemNow) -> list[str]:
    """Of a container everybody whose material lies in it, or was sent in it."""
    if item.participant or item.kind is Kind.TUBE:
        return [item.participant] if item.participant else []
    if item.kind in MADE:
        return participants_behind(work, item.id)
    itself_and_sent = union_all(select(literal(item.id)), *(sent(item.id) for sent in _sent))
    inside = all_inside(select(Item.id).where(Item.id.in_(itself_and_sent)))
    return participants_behind_all(work, select(inside.c.id))


def _is_a_user_name(performer: str) -> None:
    """Whoever did it has an account here; a printed name could be a participant's."""
    if not USERNAME.fullmatch(performer):
        raise said_to_hold("performed_by", "words, perhaps a name")


def _refuse_personal(field: str, text: str, shapes: frozenset[str]) -> None:
    if len(text) > LONGEST_REASON:
        raise NamesSomebody(f"{field} has at most {LONGEST_REASON} characters.", field=field)
    names_nobody(field, text, shapes)
