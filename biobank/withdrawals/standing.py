"""Where the decisions of a participant leave what was given when: rules alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.withdrawals.choices import blocks_use, information_after, samples_after

INFORMATION = (None, InformationAnswer.KEEP, InformationAnswer.UNDECIDED, InformationAnswer.REMOVE)
SAMPLES = (None, SamplesAnswer.KEEP, SamplesAnswer.UNDECIDED, SamplesAnswer.DESTROY)
"""From the freest answer to the strictest."""


@dataclass(frozen=True)
class Span:
    """What holds for material collected from `begins_at` on, until the next span begins."""

    begins_at: datetime | None = None
    opens_period: bool = False
    """It begins with a new consent, after leaving."""
    left_at: datetime | None = None
    information: InformationAnswer | None = None
    samples: SamplesAnswer | None = None

    @property
    def use_blocked(self) -> bool:
        if self.information is None or self.samples is None:
            return False
        return blocks_use(self.information, self.samples)


Spans = tuple[Span, ...]
EVERYTHING: Spans = (Span(),)


@dataclass(frozen=True)
class Decided:
    """A decision, as far as it moves where somebody stands."""

    code: str
    leaves: bool
    information: InformationAnswer
    samples: SamplesAnswer
    decided_at: datetime


@dataclass(frozen=True)
class CameBack:
    """A new consent after leaving."""

    code: str
    begins_at: datetime


@dataclass(frozen=True)
class Linked:
    """Two codes turned out to be one participant."""

    code: str
    target: str


Fact = Decided | CameBack | Linked


def stand_of(code: str, facts: Iterable[Fact]) -> Spans:
    """The spans of a participant, from what was recorded under each of their codes, in that order.

    What was decided under two codes before they were linked was decided apart: then the stricter holds.
    """
    spans: dict[str, Spans] = {}
    for fact in facts:
        mine = spans.get(fact.code, EVERYTHING)
        if isinstance(fact, Decided):
            spans[fact.code] = decided(mine, fact)
        elif isinstance(fact, CameBack):
            spans[fact.code] = came_back(mine, fact.begins_at)
        else:
            spans[fact.target] = stricter_of(
                spans.get(fact.target, EVERYTHING), spans.pop(fact.code, EVERYTHING)
            )
    return spans.get(code, EVERYTHING)


def span_at(spans: Sequence[Span], moment: datetime) -> Span:
    """The span that material collected at a moment belongs to."""
    return [span for span in spans if span.begins_at is None or span.begins_at <= moment][-1]


def decided(spans: Spans, told: Decided) -> Spans:
    """Who leaves decides about all that was given, and stops; who stays about what was given by then."""
    stays = not told.leaves and span_at(spans, told.decided_at).left_at is None
    parted = _parted(spans, told.decided_at) if stays else spans
    reached = [_is_reached(parted, number, told, stays=stays) for number in range(len(parted))]
    return tuple(_answered(span, told) if yes else span for span, yes in zip(parted, reached, strict=True))


def _parted(spans: Spans, moment: datetime) -> Spans:
    """With a span that begins at `moment` and keeps what was answered for it before."""
    if any(span.begins_at == moment for span in spans):
        return spans
    before = [span for span in spans if span.begins_at is None or span.begins_at < moment]
    after = spans[len(before) :]
    return (*before, replace(before[-1], begins_at=moment, opens_period=False), *after)


def _is_reached(spans: Spans, number: int, told: Decided, *, stays: bool) -> bool:
    begins_at = spans[number].begins_at
    if begins_at is None or begins_at < told.decided_at:
        return True
    # Leaving goes on until the participant comes back.
    since = [span for span in spans[: number + 1] if span.begins_at and span.begins_at >= told.decided_at]
    return not stays and not any(span.opens_period for span in since)


def _answered(span: Span, told: Decided) -> Span:
    left_at = min((at for at in (span.left_at, told.decided_at if told.leaves else None) if at), default=None)
    return replace(
        span,
        left_at=left_at,
        information=information_after(span.information, told.information),
        samples=samples_after(span.samples, told.samples),
    )


def came_back(spans: Spans, begins_at: datetime) -> Spans:
    kept = [span for span in spans if span.begins_at is None or span.begins_at < begins_at]
    return (*kept, Span(begins_at=begins_at, opens_period=True))


def stricter_of(one: Spans, other: Spans) -> Spans:
    """Of two that are one participant: whoever left has left, and the stricter answer holds."""
    begins = sorted({span.begins_at for span in (*one, *other) if span.begins_at})
    opens = {span.begins_at for span in (*one, *other) if span.opens_period}
    first = _stricter(one[0], other[0], None, opens_period=False)
    later = [_stricter(span_at(one, at), span_at(other, at), at, opens_period=at in opens) for at in begins]
    return (first, *later)


def _stricter(one: Span, other: Span, begins_at: datetime | None, *, opens_period: bool) -> Span:
    return Span(
        begins_at=begins_at,
        opens_period=opens_period,
        left_at=min((at for at in (one.left_at, other.left_at) if at), default=None),
        information=max(one.information, other.information, key=INFORMATION.index),
        samples=max(one.samples, other.samples, key=SAMPLES.index),
    )


def newest_answers(spans: Spans) -> tuple[InformationAnswer | None, SamplesAnswer | None]:
    """As answered last; of who came back or stays, what was answered for what had been given before."""
    answered = [span for span in spans if span.information is not None]
    return (answered[-1].information, answered[-1].samples) if answered else (None, None)
