"""The log of one participant as lines in plain words, the same of several samples together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from biobank.disclosures.choices import listed
from biobank.disclosures.models import Disclosure
from biobank.disclosures.records import DISCLOSURE
from biobank.items.identifiers import printed
from biobank.ledger.models import LedgerEntry
from biobank.participants.choices import LINKED_AWAY
from biobank.statements.names import Names
from biobank.statements.put_off import PutOff
from biobank.statements.subjects import Subject
from biobank.statements.telling import UNKNOWN, Event, Section, Told, Untold, how_told
from biobank.visits.models import Visit

TOLD_ONCE_A_DAY = frozenset(
    {"lines", "own_name", "address", "language", LINKED_AWAY, "case_opened", "case_resolved", "case_reopened"}
)
"""What is the same for the reader however often it is written within a day."""


@dataclass(frozen=True)
class Line:
    """One thing that happened, and which entries of the log say so (`T483134562451:4`)."""

    at: datetime | None
    text: str
    entries: tuple[str, ...] = ()


@dataclass
class Happening:
    """One kind of thing on one day, to one or several samples; each sample once."""

    at: datetime | None
    recorded_at: datetime
    told: Told
    values: Mapping[str, str]
    samples: list[int] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)


@dataclass
class Journal:
    """Everything that was told, by section; who had each sample; and what is not told by itself."""

    names: Names
    numbers: Mapping[str, int]
    """The number of each sample in this statement, by its code."""
    put_off: PutOff
    happenings: dict[Section, list[Happening]] = field(default_factory=lambda: defaultdict(list))
    untold: dict[Untold, list[str]] = field(default_factory=lambda: defaultdict(list))
    unknown: list[str] = field(default_factory=list)
    """Entries that no words were written for yet."""
    holders: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _newest: dict[object, Happening] = field(default_factory=dict)

    def take(self, entries: Iterable[tuple[LedgerEntry, int | None]], subjects: Iterable[Subject]) -> None:
        kinds = {subject.name: subject.what for subject in subjects}
        holder, destination, before = None, None, ""
        for row, _ in entries:
            if row.subject != before:
                holder, destination, before = None, None, row.subject
            event = orjson.loads(row.body)
            if self.put_off.is_left_out(row, event):
                continue
            holder, destination = event.get("custodian", holder), event.get("sent_to", destination)
            self._note_holder(row.subject, holder)
            around = {"where": self.names.holder(holder), "to": self.names.holder(destination)}
            self._tell(row, kinds[row.subject], event, around)

    def _note_holder(self, subject: str, holder: str | None) -> None:
        had = self.holders[subject]
        if holder and (not had or had[-1] != holder):
            had.append(holder)

    def _tell(self, row: LedgerEntry, what: str, event: Event, around: Mapping[str, str]) -> None:
        told, entry = how_told(what, row.kind, event), f"{row.subject}:{row.sequence}"
        if isinstance(told, Untold):
            self.untold[told].append(entry)
            return
        words = self.names.words
        if told.key == UNKNOWN or not words.knows(told.words, told.key):
            self.unknown.append(entry)
            told = Told(told.section, "orders", "other") if told.words == "orders" else self._unknown(told)
        values = {**self._values(row, told, event), **(around if told.words == "steps" else {})}
        at, recorded_at = self.names.told_at(event), self.names.recorded_at(event)
        self._add(Happening(at, recorded_at, told, values, entries=[entry]), self.numbers.get(row.subject))

    def _unknown(self, told: Told) -> Told:
        return Told(told.section, "steps" if told.section is Section.HISTORY else "records", UNKNOWN)

    def _add(self, new: Happening, number: int | None) -> None:
        """To the same thing of the same day, unless this sample had it already."""
        same = (new.told, tuple(sorted(new.values.items())), new.at.date() if new.at else None)
        known = self._newest.get(same)
        if known is not None and number not in known.samples:
            known.samples += [] if number is None else [number]
            known.entries += new.entries
            known.at = min(known.at, new.at) if known.at and new.at else known.at
            known.recorded_at = min(known.recorded_at, new.recorded_at)
            return
        new.samples += [] if number is None else [number]
        if number is not None or new.told.key in TOLD_ONCE_A_DAY:
            self._newest[same] = new
        self.happenings[new.told.section].append(new)

    def lines(self, section: Section) -> list[Line]:
        """In the order in which it happened, what nobody knows the time of when it was recorded."""
        found = sorted(self.happenings[section], key=lambda each: each.at or each.recorded_at)
        return [Line(each.at, self._said(each), tuple(each.entries)) for each in found]

    def _said(self, happening: Happening) -> str:
        words, told = self.names.words, happening.told
        samples = words.numbers(happening.samples) if happening.samples else words.say("texts", "kit")
        return words.say(told.words, told.key, **({"samples": samples} | dict(happening.values)))

    def _values(self, row: LedgerEntry, told: Told, event: Event) -> dict[str, str]:
        words, names = self.names.words, self.names
        values = {"kind": str(event.get("action") or row.kind).replace("_", " ")}
        if "hold" in event:
            values["reason"] = words.said_or("holds", str(event["hold"]), _spoken(event["hold"]))
        elif told.words == "visits":
            values["where"] = self._site_of(row.subject)
        elif told.words == "orders":
            values["order"] = printed(row.subject)
        elif told.words == "access":
            values |= {
                "role": names.roles(event.get("roles")),
                "fields": names.several("fields", event["fields"]),
                "reason": words.said_or("reasons", event["reason"], _spoken(event["reason"])),
            }
        elif told.words == "disclosures":
            values |= self._of_a_disclosure(row)
        elif told.words == "records":
            values |= self._of_a_record(row, event)
        return values

    def _of_a_record(self, row: LedgerEntry, event: Event) -> dict[str, str]:
        names, words = self.names, self.names.words
        about, _, _ = str(event.get("about", "")).partition(":")
        state = event.get("state") or ("addressed" if "addressee" in event else "noted")
        return {
            "form": str(event.get("form_version", "")),
            "scopes": names.several("scopes", event.get("scopes", ())),
            "information": words.said_or("answers", str(event.get("information")), ""),
            "samples_answer": words.said_or("answers", str(event.get("samples")), ""),
            "about": words.said_or("messages", about, words.say("messages", "other")),
            "change": words.said_or("messages", str(state), _spoken(state)),
            "role": names.roles(event.get("roles")),
            "purpose": words.said_or("purposes", str(event.get("purpose")), _spoken(event.get("purpose"))),
            "who": words.said_or("capacities", str(event.get("capacity")), _spoken(event.get("capacity"))),
            "recorded_on": words.moment(names.recorded_at(event)),
            "number": printed(row.subject) if row.kind == "certificate" else "",
        }

    def _of_a_disclosure(self, row: LedgerEntry) -> dict[str, str]:
        """What it gives out, to whom and why, as it was opened; a breach has none of it."""
        kind, _, number = row.subject.partition(":")
        found = self.names.work.session.get(Disclosure, int(number)) if kind == DISCLOSURE else None
        if found is None:
            return {}
        return {
            "receiver": found.receiver,
            "fields": self.names.several("fields", listed(found.fields)),
            "basis": self.names.words.say("bases", found.basis),
        }

    def _site_of(self, subject: str) -> str:
        visit = self.names.work.session.get(Visit, int(subject.partition(":")[2]))
        return self.names.holder(visit.site if visit else None)


def _spoken(code: Any) -> str:
    return str(code or "").replace("_", " ")
