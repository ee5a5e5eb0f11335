"""An order as it is kept and given back: in codes, people by keyed hash, free text apart."""

from collections.abc import Iterator, Mapping
from datetime import timedelta, timezone
from typing import Any

from biobank.core.moments import Told
from biobank.exchange.choices import HANDLINGS, OUR_PEOPLE
from biobank.exchange.inputs import Handling, OrderIdentifier, OrderSample, ProgrammeOrder
from biobank.exchange.personal_text import REMOVED
from biobank.exchange.plausibility import STEPS

Document = dict[str, Any]


def order_document(order: ProgrammeOrder, participant: str, people: Mapping[str, str]) -> Document:
    """What a version keeps; `people` are the staff by handling, as `ext-` and the beginning of a hash.

    It can be read again as an order. `notes` names what there is free text about; the text is not in it.
    """
    document: Document = {
        "subject": f"Participant/{participant}",
        "identifier": [_pair(each) for each in order.identifiers],
        "created": _written(order.created),
        "samples": [_sample(sample) for sample in order.samples],
        "notes": [note.about for note in order.notes],
        "flags": [flag.told for flag in order.flags],
    }
    document |= {f"{name}Info": info for name, info in _infos(order, people)}
    if order.origin:
        document["origin"] = order.origin
    return document


def _pair(identifier: OrderIdentifier) -> dict[str, str]:
    """Of one that names the participant only the system is told."""
    value = REMOVED if identifier.names_participant else identifier.value
    return {"system": identifier.system, "value": value}


def _sample(sample: OrderSample) -> Document:
    told: Document = {"test": sample.test}
    if sample.processing_required is not None:
        told["processingRequired"] = sample.processing_required
    return told | {step: _written(at) for step in STEPS if (at := getattr(sample, step))}


def _written(told: Told) -> str:
    """With the offset in which it was told."""
    return told.at.astimezone(timezone(timedelta(minutes=told.offset_minutes))).isoformat()


def _infos(order: ProgrammeOrder, people: Mapping[str, str]) -> Iterator[tuple[str, Document]]:
    for name in HANDLINGS:
        if info := order.info(name):
            yield name, handling_document(info, people.get(name))


def handling_document(info: Handling, person: str | None) -> Document:
    told: Document = {}
    if person:
        told["author"] = {"system": OUR_PEOPLE, "value": person}
    if info.site:
        told["site"] = {"system": info.site.system, "value": info.site.value}
    return told
