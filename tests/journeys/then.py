"""How a participant stood at a moment of the past, from what had been recorded by then and not taken back by then."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from biobank.items.models import Item, ItemParent
from biobank.participants.models import Participant, Period
from biobank.withdrawals.models import RecordedDecision, SignedChange
from biobank.withdrawals.queries import told
from biobank.withdrawals.standing import CameBack, Linked, span_at, stand_of

NOW = datetime.max.replace(tzinfo=UTC)
"""Later than all that was recorded."""


@dataclass(frozen=True)
class Past:
    """What was ever told of some participants, with the moment at which it was recorded."""

    facts: tuple
    undone: tuple
    links: tuple

    @property
    def size(self):
        """Grows with all that is told of them."""
        return len(self.facts) + len(self.undone)

    def spans(self, code, moment=NOW):
        """Where the decisions had left whoever `code` stood for just before a moment."""
        taken_back = {number for at, numbers in self.undone if at < moment for number in numbers}
        known = [fact for at, number, fact in self.facts if at < moment and number not in taken_back]
        return stand_of(self.whose(code, moment), known)

    def whose(self, code, moment=NOW):
        """Under which code this participant went on by then."""
        ahead = {before: after for at, before, after in self.links if at < moment}
        while code in ahead:
            code = ahead[code]
        return code


def past_of(work, codes):
    decisions = work.session.scalars(
        select(RecordedDecision).where(RecordedDecision.participant.in_(codes))
    ).all()
    periods = work.session.scalars(select(Period).where(Period.participant.in_(codes))).all()
    changes = work.session.scalars(select(SignedChange).where(SignedChange.participant.in_(codes))).all()
    linked = select(Participant).where(Participant.code.in_(codes), Participant.linked_to.is_not(None))
    links = [
        (each.linked_at or each.created_at, each.code, each.linked_to)
        for each in work.session.scalars(linked)
    ]
    facts = [
        *((each.recorded_at, 0, each.id, told(each)) for each in decisions),
        *((each.recorded_at, 1, None, CameBack(each.participant, each.begins_at)) for each in periods),
        *((at, 2, None, Linked(before, after)) for at, before, after in links),
    ]
    facts.sort(key=lambda fact: fact[:2])
    return Past(
        tuple((at, number, fact) for at, _, number, fact in facts),
        tuple((change.recorded_at, change.undone) for change in changes),
        tuple(links),
    )


def answers_then(past, code, collected_at, moment):
    """The spans that count for material of a participant: its own, or any where nobody knows when it was drawn."""
    spans = past.spans(code, moment)
    return (span_at(spans, collected_at),) if collected_at is not None else spans


def tubes_behind(work, item, known):
    """The tubes that a specimen is, or was made of at whatever depth; `known` keeps what was found before."""
    if item.id not in known:
        parents = work.session.scalars(
            select(ItemParent.parent_id).where(ItemParent.child_id == item.id)
        ).all()
        above = [work.session.get_one(Item, number) for number in parents]
        found = [tube for parent in above for tube in tubes_behind(work, parent, known)]
        known[item.id] = [tube.id for tube in found] or [item.id]
    return [work.session.get_one(Item, number) for number in known[item.id]]
