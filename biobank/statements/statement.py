"""The statement of one participant: everything that the log tells about them, in plain words and in order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import zone_named
from biobank.custody.queries import standing_holds
from biobank.custody.states import LIVE, SPECIMENS, State
from biobank.destruction.queries import parents_among
from biobank.distribution.choices import HolderAnswer
from biobank.distribution.queries import Distributed, distributions_of_participant
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.messages.models import Message
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.queries import participant_named, standing
from biobank.statements.choices import Purpose
from biobank.statements.journal import Journal, Line
from biobank.statements.names import Names
from biobank.statements.picks import picked_of
from biobank.statements.put_off import put_off
from biobank.statements.subjects import Theirs, entries_about, items_named, subjects_of
from biobank.statements.telling import Section
from biobank.statements.wording import Words, words_in

NEVER_GIVEN = frozenset({State.EXPECTED, State.NOT_COLLECTED, State.VOIDED})
BEYOND_REACH = frozenset({State.DISTRIBUTED, State.CONSUMED, State.GIVEN_BACK})
"""Samples of which nobody here can get anything back."""


@dataclass(frozen=True)
class Sample:
    """One thing that was given or made: what it is, and what there is to say of it now."""

    number: int
    code: str
    what: str
    title: str
    facts: tuple[str, ...]
    identifier: str


@dataclass(frozen=True)
class Part:
    """A heading and what stands under it; `name` is the same in every language."""

    name: str
    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Statement:
    """A statement in one language. `unknown` are entries that no words were written for yet."""

    participant: str
    language: str
    title: str
    made_at: datetime
    introduction: tuple[str, ...]
    samples_heading: str
    samples_note: str
    samples: tuple[Sample, ...]
    parts: tuple[Part, ...]
    left_out: Mapping[str, tuple[str, ...]]
    """Entries that are not told one by one, by the reason why."""
    unknown: tuple[str, ...]


def statement_of(work: Work, participant: str, language: str, purpose: Purpose) -> Statement:
    """Read from the log as it is now. `participant` is their own code; raises `BadStatementFile`."""
    theirs = subjects_of(work, participant)
    words = words_in(Path(work.settings.statement_file), language)
    items = _specimens(work, theirs)
    numbers = {item.identifier: number for number, item in enumerate(items, 1)}
    journal = Journal(Names(work, words), numbers, put_off(work, participant))
    journal.take(entries_about(work, theirs.subjects), theirs.subjects)
    return _Writer(work, words, theirs, items, journal).statement(purpose)


def _specimens(work: Work, theirs: Theirs) -> list[Item]:
    names = [subject.name for subject in theirs.subjects if subject.what in SPECIMENS]
    return sorted(items_named(work, names), key=lambda item: item.id)


@dataclass(frozen=True)
class _Writer:
    work: Work
    words: Words
    theirs: Theirs
    items: Sequence[Item]
    journal: Journal

    def statement(self, purpose: Purpose) -> Statement:
        made_at = moments.now().astimezone(zone_named(self.work.settings.time_zone))
        return Statement(
            participant=self.theirs.participant,
            language=self.words.language,
            title=self._text("title"),
            made_at=made_at,
            introduction=tuple(self._introduction(made_at, purpose)),
            samples_heading=self.words.say("headings", "samples"),
            samples_note=self._text("numbers"),
            samples=tuple(self._samples()),
            parts=tuple(self._parts()),
            left_out={
                self.words.say("untold", reason.value): tuple(entries)
                for reason, entries in sorted(self.journal.untold.items())
            },
            unknown=tuple(self.journal.unknown),
        )

    def _text(self, key: str, **values: str) -> str:
        return self.words.say("texts", key, **values)

    def _introduction(self, made_at: datetime, purpose: Purpose) -> Iterator[str]:
        others = [code for code in self.theirs.codes if code != self.theirs.participant]
        yield self._text("code", code=self.theirs.participant)
        if others:
            yield self._text("other_codes", codes=", ".join(others))
        why = self.words.say("purposes", purpose.value)
        yield self._text("made", on=self.words.moment(made_at), purpose=why)
        yield self._text("from_the_log")
        yield self._text("questions")

    def _samples(self) -> Iterator[Sample]:
        numbers = self.journal.numbers
        holds = standing_holds(self.work, [item.id for item in self.items])
        parents = parents_among(self.work, [item.id for item in self.items])
        by_id = {item.id: numbers[item.identifier] for item in self.items}
        for item in self.items:
            known = [by_id[parent] for parent in parents.get(item.id, ()) if parent in by_id]
            what = self.journal.names.what(item)
            if known:
                what = f"{what}, {self._text('made_of', samples=self.words.numbers(known))}"
            title = f"{self._text('sample', number=str(numbers[item.identifier]))}: {what}"
            facts = tuple(self._facts(item, holds.get(item.id, ()), is_born=bool(parents.get(item.id))))
            yield Sample(
                numbers[item.identifier], printed(item.identifier), what, title, facts, item.identifier
            )

    def _facts(self, item: Item, holds: Sequence[str], *, is_born: bool) -> Iterator[str]:
        names = self.journal.names
        if item.volume_microlitres is not None:
            yield self._text("amount", amount=f"{item.volume_microlitres / 1000:g}")
        if item.collected_at is not None and not is_born:
            where = names.holder(item.site)
            yield self._text("given", on=self.words.day(names.local(item.collected_at)), where=where)
        if item.identifier in self.theirs.of_others:
            yield self.words.say("states", "linked_elsewhere")
            return
        yield self._text("now", state=names.now(item))
        if item.state in NEVER_GIVEN:
            return
        if holds and item.state in LIVE:
            reasons = [self.words.said_or("holds", hold, hold) for hold in holds]
            yield self._text("held", reasons="; ".join(reasons))
        holders = dict.fromkeys(names.holder(each) for each in self.journal.holders[item.identifier])
        if holders:
            yield self._text("holder", holders=self.words.listed(list(holders)))

    def _parts(self) -> Iterator[Part]:
        told = {section: self.journal.lines(section) for section in Section}
        yield self._part("decisions", [*told[Section.DECISIONS], *self._what_follows()])
        yield self._part("visits", told[Section.VISITS])
        yield self._part("history", [*told[Section.HISTORY], *self._picked()])
        yield self._part("studies", list(self._distributed()))
        yield self._part("disclosures", [*told[Section.DISCLOSURES], Line(None, self._text("forbidden"))])
        yield self._part("identity", told[Section.IDENTITY], empty="nobody")
        yield self._part("messages", [*self._messages(), *told[Section.MESSAGES]])
        yield self._part("destruction", [*told[Section.DESTRUCTION], *self._certificates()])
        yield self._part("gone", list(self._gone()))
        yield self._part("papers", told[Section.PAPERS])

    def _part(self, name: str, lines: Sequence[Line], *, empty: str = "nothing") -> Part:
        said = tuple(lines) or (Line(None, self._text(empty)),)
        return Part(name, self.words.say("headings", name), said)

    def _what_follows(self) -> Iterator[Line]:
        """What holds now, all decisions taken together."""
        now = standing(participant_named(self.work, self.theirs.participant))
        if now.decided_at is None:
            return
        keeps_all = (now.information, now.samples) == (InformationAnswer.KEEP, SamplesAnswer.KEEP)
        keys = ["use_goes_on" if keeps_all else "use_stops"]
        keys.append(
            {"keep": "samples_kept", "destroy": "samples_destroyed"}.get(str(now.samples), "samples_wait")
        )
        if now.information != InformationAnswer.KEEP:
            keys.append("information_out")
        yield from (Line(None, self.words.say("follows", key)) for key in keys)
        yield Line(None, self._text("name_kept"))

    def _picked(self) -> Iterator[Line]:
        """What of theirs is, or was, on a list of what is fetched from the freezers."""
        for each in picked_of(self.work, {item.id: item.identifier for item in self.items}):
            values = {
                "samples": self.words.numbers(self.journal.numbers[item] for item in each.items),
                "purpose": self.words.say("pick_purposes", each.listed.purpose, study=each.study or ""),
                "state": self.words.say("pick_states", each.state),
            }
            at = self.journal.names.local(each.listed.made_at)
            yield Line(at, self.words.say("records", "picked", **values), each.entries)

    def _distributed(self) -> Iterator[Line]:
        for each in distributions_of_participant(self.work, self.theirs.participant):
            values = {
                "receiver": each.receiver,
                "study": each.study,
                "request": each.request,
                "samples": self.words.numbers([self.journal.numbers[each.item]]),
                "answer": self.words.say("holder_answers", _answer(each)),
            }
            at = self.journal.names.local(each.at) if each.at else None
            yield Line(at, self.words.say("records", "distribution", **values))

    def _messages(self) -> Iterator[Line]:
        question = select(Message).where(Message.participant.in_(self.theirs.codes)).order_by(Message.id)
        for message in self.work.session.scalars(question):
            if message.about in self.journal.put_off.subjects:
                continue
            about, _, _ = message.about.partition(":")
            to = "you" if message.addressee in self.theirs.codes else "who_asked"
            values = {
                "about": self.words.said_or("messages", about, self.words.say("messages", "other")),
                "addressee": self.words.say("messages", to),
                "state": self.words.said_or("messages", message.state, message.state),
            }
            at = self.journal.names.local(message.queued_at)
            yield Line(at, self.words.say("records", "message_queued", **values))

    def _certificates(self) -> Iterator[Line]:
        """How to have one checked, where there is one."""
        if any(subject.what == "certificate" for subject in self.theirs.subjects):
            yield Line(None, self._text("certificate"))

    def _gone(self) -> Iterator[Line]:
        beyond = [item for item in self.items if item.state in BEYOND_REACH]
        for state in sorted({item.state for item in beyond}):
            numbers = [self.journal.numbers[item.identifier] for item in beyond if item.state == state]
            said = self.words.say("states", state, where="")
            yield Line(None, f"{self.words.numbers(numbers)}: {said}.".capitalize())
        yield Line(None, self._text("research"))


def _answer(each: Distributed) -> str:
    """What its holder answered when it was asked for."""
    if each.came_back:
        return "came_back"
    if each.answer is not None:
        return each.answer if each.answer in set(HolderAnswer) else "other"
    return "asked" if each.asked_on else "not_asked"
