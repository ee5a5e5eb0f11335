"""Makers' codes: the step that gives an item one, and what follows when another thing bears it already."""

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import func, select

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.custody.checks import called
from biobank.custody.holds import place_hold
from biobank.custody.item_entries import append_in_turn
from biobank.custody.queries import CODE_ON_ANOTHER, NAMED, item_by_id
from biobank.custody.states import HoldKind
from biobank.custody.steps import Alert, Attempt, Done, Flag, ItemNow, Source
from biobank.items.aliases import Alias, AliasRefused, read_alias
from biobank.items.identifiers import normalise, printed
from biobank.items.models import ItemAlias


def bearer_of(work: Work, alias: Alias) -> ItemNow | None:
    """The item that bears this issuer's code."""
    number = work.session.scalar(
        select(ItemAlias.item_id).where(
            ItemAlias.value == alias.value, func.lower(ItemAlias.issuer) == alias.issuer.lower()
        )
    )
    return item_by_id(work, number) if number is not None else None


def codes_by(work: Work, item: ItemNow, issuer: str) -> list[str]:
    """The codes of this issuer that an item bears."""
    question = select(ItemAlias.value).where(
        ItemAlias.item_id == item.id, func.lower(ItemAlias.issuer) == issuer.lower()
    )
    return list(work.session.scalars(question.order_by(ItemAlias.id)))


def give(work: Work, item: ItemNow, alias: Alias) -> None:
    work.session.add(ItemAlias(item_id=item.id, issuer=alias.issuer, value=alias.value))
    work.flush()


def name_in_other_systems(
    work: Work, item: ItemNow, names: Iterable[tuple[str, str]], *, by: Actor, source: Source
) -> None:
    """More names (issuer and text) that an item has elsewhere, by which it is found from now on; an entry of
    the item. What it bears already is not said again.
    """
    pairs = [(issuer, normalise(text)) for issuer, text in names]
    new = [pair for pair in dict.fromkeys(pairs) if pair[1] not in codes_by(work, item, pair[0])]
    if not new:
        return
    content = {
        "action": NAMED,
        "aliases": [list(pair) for pair in new],
        "recorded_by": by.person,
        "source": {"kind": source.kind, "reference": source.reference},
    }
    append_in_turn(work, item.id, NAMED, content)
    for issuer, text in new:
        give(work, item, Alias(issuer, text))


def names_no_person(work: Work, alias: Alias) -> None:
    """Raises `AliasRefused`: a scan of a participant's code leads to the participant."""
    if re.fullmatch(work.settings.participant_code_pattern, alias.value):
        raise AliasRefused(
            "This has the shape of a participant code and cannot stand on a thing; scan our own label.",
            field="details.code",
        )


def on_another(alias: Alias, bearer: ItemNow, by: Actor) -> str:
    """The sentence of what cannot be, for who may not see what bears the code."""
    return f"{alias} is on {called(by, bearer)} already, and one code cannot be on two things."


# The step `label`.


def code_is_told(work: Work, attempt: Attempt) -> None:
    names_no_person(work, told_by(attempt))


def told_by(attempt: Attempt) -> Alias:
    """Raises `AliasRefused`."""
    return read_alias(attempt.details.get("issuer"), attempt.details.get("code"))


def code_is_on_nothing_else(work: Work, attempt: Attempt) -> list[Flag]:
    alias = told_by(attempt)
    bearer = bearer_of(work, alias)
    if bearer is None or bearer.id == attempt.item.id:
        return []
    return attempt.ask_back(CODE_ON_ANOTHER, on_another(alias, bearer, attempt.by))


def code_becomes_alias(work: Work, done: Done) -> Iterator[Alert]:
    """It is another name of the item for ever; two things that bear it are both held."""
    alias = told_by(done.attempt)
    bearer = bearer_of(work, alias)
    if bearer is None:
        give(work, done.item, alias)
    if bearer is None or bearer.id == done.item.id:
        return
    for item in (done.item, bearer):
        place_hold(work, item, HoldKind.DISCREPANCY, CODE_ON_ANOTHER, by=done.attempt.by)
    yield Alert(
        "quarantine",
        f"Put {printed(done.item.identifier)} and {printed(bearer.identifier)} in quarantine until it is "
        "known which of them it is.",
    )
