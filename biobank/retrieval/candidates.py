"""Which pieces may be picked: stored here, under no hold, promised to nobody, let by their participants."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, literal, select

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.rows import in_turns
from biobank.custody.models import Hold
from biobank.custody.queries import item_by_id
from biobank.custody.states import Kind, State
from biobank.distribution.queries import givers_of, scopes_lacking
from biobank.items.models import Item, ItemParent
from biobank.items.queries import items_numbered
from biobank.kits.queries import specification_of_tube
from biobank.participants.choices import Scope
from biobank.participants.queries import Lets, participant_named, standing, what_they_let
from biobank.processing.freezing import thaw_counts
from biobank.retrieval.choices import COUNTED, PickPurpose, Rule
from biobank.retrieval.inputs import NewPickList, Wish
from biobank.retrieval.models import PickLine, PickList

AT_ONCE = 1000
"""Pieces of a kind that are read, and judged by a rule, at once; more while too few are found."""


class Candidate(NamedTuple):
    """What of a stored piece the choice is made by."""

    id: int
    identifier: str
    kind: str
    specification: str | None
    participant: str | None
    container_id: int | None


@dataclass
class Judge:
    """Who lets their material be used so, asked once a participant however much there is of theirs."""

    work: Work
    for_study: bool
    at: datetime = field(default_factory=moments.now)
    _lets: dict[str, Lets] = field(default_factory=dict)

    def allowed(self, pieces: Sequence[Candidate]) -> Iterator[Candidate]:
        """Those of them that may be used, in their order."""
        new = {piece.participant for piece in pieces if piece.participant} - self._lets.keys()
        self._lets |= what_they_let(self.work, sorted(new), self.at)
        open_to_it = [piece for piece in pieces if not self._hopeless(piece)]
        tubes = tubes_behind_all(self.work, open_to_it) if self.for_study else {}
        for piece in open_to_it:
            if self._is_let(piece, tubes.get(piece.id, [])):
                yield piece

    def _hopeless(self, piece: Candidate) -> bool:
        """Whatever it is: its participant withdrew from use, or shares nothing."""
        if piece.participant is None:
            return False
        lets = self._lets[piece.participant]
        return lets.use_blocked or (self.for_study and Scope.SHARING not in lets.covers)

    def _is_let(self, piece: Candidate, tubes: Sequence[Item]) -> bool:
        if piece.participant is None or (self.for_study and len(tubes) != 1):
            return self._everybody_lets(piece)  # mixed of several: each of them is asked in full
        if not self.for_study:
            return True
        specification = specification_of_tube(self.work, tubes[0])
        return specification is None or specification.scope in self._lets[piece.participant].covers

    def _everybody_lets(self, piece: Candidate) -> bool:
        now = item_by_id(self.work, piece.id)
        people = givers_of(self.work, now)
        if not people or any(standing(participant_named(self.work, code)).use_blocked for code in people):
            return False
        return not self.for_study or not any(scopes_lacking(self.work, now, code, self.at) for code in people)


def tubes_behind_all(work: Work, pieces: Sequence[Candidate]) -> dict[int, list[Item]]:
    """The tubes that each of these was made from, at any depth; a question a generation, not one a piece."""
    tubes: dict[int, list[Item]] = {}
    for item in items_numbered(work, [piece.id for piece in pieces if piece.kind == Kind.TUBE]):
        tubes[item.id] = [item]
    below = {piece.id: {piece.id} for piece in pieces if piece.kind != Kind.TUBE}
    while below:
        below = _one_generation_up(work, below, tubes)
    return tubes


def _one_generation_up(
    work: Work, below: dict[int, set[int]], tubes: dict[int, list[Item]]
) -> dict[int, set[int]]:
    """Of each parent that is no tube, for which of the pieces it is asked."""
    parents: dict[int, set[int]] = {}
    for some in in_turns(below):
        made = select(ItemParent.child_id, ItemParent.parent_id).where(ItemParent.child_id.in_(some))
        for child, parent in work.session.execute(made):
            parents.setdefault(parent, set()).update(below[child])
    above: dict[int, set[int]] = {}
    for item in items_numbered(work, parents):
        if item.kind == Kind.TUBE:
            for piece in parents[item.id]:
                tubes.setdefault(piece, []).append(item)
        else:
            above[item.id] = parents[item.id]
    return above


def candidates(
    work: Work, told: NewPickList | PickList, wish: Wish, taken: set[str] | None = None
) -> Iterator[Candidate]:
    """What may be picked for a wish, best first by the list's rule; more is read only while it is taken.

    With `taken`, the participants who are on the list already, at most one piece of each further one: they
    join it.
    """
    judge, rule = Judge(work, for_study=told.purpose == PickPurpose.STUDY), Rule(told.rule)
    question = _of_its_kind(told, wish).execution_options(yield_per=AT_ONCE)
    for rows in work.session.execute(question).partitions(AT_ONCE):
        found = by_rule(work, [Candidate(*row) for row in rows], rule)
        if taken is None:
            yield from judge.allowed(found)
        else:
            yield from _one_of_each(judge, found, taken)


def _one_of_each(judge: Judge, found: Sequence[Candidate], taken: set[str]) -> Iterator[Candidate]:
    """Of each participant the first piece that may be used; of a mixture of several nobody is counted."""
    left = [piece for piece in found if piece.participant not in taken]
    while left:
        first = {piece.participant or piece.identifier: piece for piece in reversed(left)}
        tried = {piece.id for piece in first.values()}
        for piece in judge.allowed([each for each in left if each.id in tried]):
            taken |= {piece.participant} if piece.participant else set()
            yield piece
        left = [each for each in left if each.id not in tried and each.participant not in taken]


def _of_its_kind(told: NewPickList | PickList, wish: Wish) -> Select[Any]:
    here = Item.custodian == f"site:{told.site}"
    is_stored = Item.state == literal(State.STORED.value, literal_execute=True)  # so that its index is seen
    held = select(Hold.id).where(Hold.item_id == Item.id, Hold.lifted_sequence.is_(None))
    live = [state.value for state in COUNTED]
    listed = select(PickLine.id).where(PickLine.item_id == Item.id, PickLine.state.in_(live))
    columns = [getattr(Item, name) for name in Candidate._fields]
    question = select(*columns).where(is_stored, here, Item.kind == wish.kind.value)
    question = question.where(Item.place_unknown_since.is_(None), ~held.exists(), ~listed.exists())
    if wish.specification:
        question = question.where(Item.specification == wish.specification)
    if told.least_microlitres:
        question = question.where(Item.volume_microlitres >= told.least_microlitres)
    if told.collected_at:
        question = question.where(Item.site == told.collected_at)
    newest = Rule(told.rule) is Rule.NEWEST
    order = (Item.collected_at.desc(), Item.id.desc()) if newest else (Item.collected_at, Item.id)
    return question.order_by(*order)


def by_rule(work: Work, found: Sequence[Candidate], rule: Rule) -> list[Candidate]:
    """Of what came oldest (or newest) first."""
    if rule is Rule.WHOLE_BOXES:
        full = Counter(piece.container_id for piece in found)
        return sorted(found, key=lambda piece: (-full[piece.container_id], piece.container_id or 0))
    if rule is Rule.FEWEST_THAWS:
        thaws = thaw_counts(work, [piece.id for piece in found])
        return sorted(found, key=lambda piece: thaws.get(piece.id, 0))
    return list(found)
