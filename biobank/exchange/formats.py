"""Files of other systems: the order JSON of the programme's clinics."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from biobank.exchange.choices import HANDLINGS, FlagKind
from biobank.exchange.inputs import (
    Author,
    Handling,
    Note,
    OrderFlag,
    OrderIdentifier,
    OrderSample,
    ProgrammeOrder,
    SiteReference,
)
from biobank.exchange.json_document import PLAIN_KEY, Value, canonical, parse
from biobank.exchange.personal_text import REMOVED, PersonalText
from biobank.exchange.plausibility import STEPS, odd_samples, odd_tubes, tubes_of
from biobank.kits.definitions import TEST_CODE, KitDefinition, newest_holding_all

# Tests of the programme that are in no kit definition.
TESTS_WITHOUT_DEFINITION = frozenset({"2ED10", "1SAL", "1SAL2"})

ORDER_KEYS = frozenset(
    {"subject", "identifier", "created", "samples", "notes", "amendedReason", "status", "origin", "version"}
    | {"meta", "id", "resourceType", "flags"}
    | {f"{handling}Info" for handling in HANDLINGS},
)
SAMPLE_KEYS = frozenset({"test", "description", "processingRequired", *STEPS})
FREE_TEXT = ("$.notes.", "$.amendedReason")

_SUBJECT = re.compile(r"Patient/([A-Z][0-9]{1,19})|Participant/([A-Z][A-Z0-9-]{1,15})")


def read_order(
    content: bytes,
    file: str,
    definitions: Mapping[str, KitDefinition],
    now: datetime,
    clock_skew: timedelta = timedelta(minutes=5),
) -> ProgrammeOrder:
    """An order of the programme as it is written, with a flag for each fact in it that is odd.

    Raises `FileRefused` for what cannot be read: no JSON, a missing or mistyped value, a test that nobody
    knows or that is there twice, a time without its offset, a placeholder that was never filled.
    """
    document = parse(content, file)
    document.refuse_placeholders(FREE_TEXT)
    participant, code = _participant(document)
    infos = _infos(document)
    accounts = [info.author.value for info in infos.values() if info and info.author]
    persons = PersonalText(participant or code, accounts, by_code=not participant)
    created = document.need("created").moment()
    samples = _samples(document, definitions, persons)
    finalized = infos["finalized_info"] is not None
    tubes = tubes_of(samples, finalized, definitions)
    definition = newest_holding_all(definitions, [sample.test for sample in samples])
    return ProgrammeOrder(
        file=file,
        programme_participant=participant,
        participant_code=code,
        identifiers=_identifiers(document, persons),
        created=created,
        created_info=_created_info(document),
        samples=samples,
        tubes=tubes,
        flags=(
            *_as_ordered(definition),
            *odd_samples(samples, created, now + clock_skew),
            *odd_tubes(tubes, finalized, definitions),
            *_unknown_keys(document),
            *_removed_text(document, persons),
        ),
        definition=definition.key if definition else None,
        content=canonical(document),
        notes=_notes(document, persons),
        amended_reason=_free_text(document.get("amendedReason"), persons),
        status=_optional_text(document, "status"),
        origin=_optional_text(document, "origin"),
        version=_version(document),
        **{name: info for name, info in infos.items() if name != "created_info"},
    )


def _participant(document: Value) -> tuple[str, str]:
    """By the programme's own number, or by our code; the other one is empty."""
    subject = document.need("subject")
    found = _SUBJECT.fullmatch(subject.text())
    if not found:
        subject.refuse("this is no participant of the programme; write it like Patient/P900000001")
    return found[1] or "", found[2] or ""


def _identifiers(document: Value, persons: PersonalText) -> tuple[OrderIdentifier, ...]:
    pairs = [_system_and_value(entry) for entry in document.need("identifier").entries()]
    return tuple(
        OrderIdentifier(system, value, persons.names_participant(value))
        for system, value in dict.fromkeys(pairs)
        if value != REMOVED  # as we gave back one that names the participant
    )


def _infos(document: Value) -> dict[str, Handling | None]:
    return {f"{handling}_info": _info(document, f"{handling}Info") for handling in HANDLINGS}


def _created_info(document: Value) -> Handling:
    info = document.need("createdInfo")
    info.need("author")
    info.need("site")
    return read_handling(info)


def _info(document: Value, key: str) -> Handling | None:
    info = document.get(key)
    return read_handling(info) if info else None


def read_handling(info: Value) -> Handling:
    """Who and where; either may be missing. Raises `FileRefused`."""
    author, site = info.get("author"), info.get("site")
    return Handling(
        Author(*_system_and_value(author)) if author else None,
        SiteReference(*_system_and_value(site)) if site else None,
    )


def _system_and_value(value: Value) -> tuple[str, str]:
    return value.need("system").text(), value.need("value").text()


def _samples(
    document: Value,
    definitions: Mapping[str, KitDefinition],
    persons: PersonalText,
) -> tuple[OrderSample, ...]:
    known = TESTS_WITHOUT_DEFINITION.union(*(definition.codes for definition in definitions.values()))
    seen: dict[str, str] = {}
    samples = []
    for position, entry in enumerate(document.need("samples").entries()):
        test = _test(entry.need("test"), known)
        if test in seen:
            entry.need("test").refuse(
                f"{test} is already at {seen[test]}; the sender must say which one holds"
            )
        seen[test] = entry.where
        samples.append(_sample(entry, position, test, persons))
    return tuple(samples)


def _test(value: Value, known: frozenset[str]) -> str:
    test = value.text()
    if test not in known:
        named = f"the test {test}" if re.fullmatch(TEST_CODE, test) else "this test"
        value.refuse(f"{named} is in no kit definition; correct it, or add the definition that has it")
    return test


def _sample(entry: Value, position: int, test: str, persons: PersonalText) -> OrderSample:
    processing = entry.get("processingRequired")
    times = {step: told.moment() for step in STEPS if (told := entry.get(step))}
    return OrderSample(
        position,
        test,
        _free_text(entry.get("description"), persons),
        processing.truth() if processing else None,
        **times,
    )


def _notes(document: Value, persons: PersonalText) -> tuple[Note, ...]:
    notes = document.get("notes")
    if notes is None:
        return ()
    return tuple(Note(about, text) for about in HANDLINGS if (text := _free_text(notes.get(about), persons)))


def _free_text(value: Value | None, persons: PersonalText) -> str | None:
    return persons.without_persons(value.text()) if value else None


def _optional_text(document: Value, key: str) -> str | None:
    value = document.get(key)
    return value.text() if value else None


def _version(document: Value) -> str | None:
    """Written as a number by some senders and as a text by others."""
    version = document.get("version")
    if version is None:
        return None
    return str(version.content) if type(version.content) is int else version.text()


def _as_ordered(definition: KitDefinition | None) -> Iterator[OrderFlag]:
    if definition is None:
        yield OrderFlag(
            FlagKind.AS_ORDERED,
            "$.samples",
            "No kit definition holds every test of this order; the kit is recorded as ordered.",
        )


def _unknown_keys(document: Value) -> Iterator[OrderFlag]:
    """A key that we do not read may be one that was mistyped, and a fact in it would be lost in silence."""
    tables = [(document, ORDER_KEYS), *((entry, SAMPLE_KEYS) for entry in document.need("samples").entries())]
    if notes := document.get("notes"):
        tables.append((notes, frozenset(HANDLINGS)))
    for table, known in tables:
        for key in sorted(table.table().keys() - known):
            if PLAIN_KEY.fullmatch(key):
                sentence = f"The key {key} is not known and was not read."
            else:
                sentence = "A key is not known and was not read."
            yield OrderFlag(FlagKind.UNKNOWN_KEY, table.where, sentence)


def _removed_text(document: Value, persons: PersonalText) -> Iterator[OrderFlag]:
    texts = [entry.get("description") for entry in document.need("samples").entries()]
    texts.append(document.get("amendedReason"))
    if notes := document.get("notes"):
        texts += [notes.get(about) for about in HANDLINGS]
    for value in texts:
        if value and _free_text(value, persons) != value.text():
            yield OrderFlag(
                FlagKind.PERSONAL_TEXT_REMOVED,
                value.where,
                "An address or a participant number was taken out of this text.",
            )
