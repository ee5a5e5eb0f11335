"""The files of an audit pack beside its entries: list, labels, orders, batches, certificates, programs."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.moments import text_or_none, to_text
from biobank.core.rows import in_turns
from biobank.custody.models import Discrepancy
from biobank.custody.queries import standing_holds
from biobank.destruction.models import DestructionOrder, WasteBatch
from biobank.destruction.queries import bag_of, batches_of, certificates_of
from biobank.destruction.records import batch_record, order_record
from biobank.items.models import Item
from biobank.ledger import offline_certificate, offline_verifier
from biobank.messages.models import Message
from biobank.printing.models import PrintedLabel, PrintJob
from biobank.printing.queries import state_of
from biobank.statements import offline_pack
from biobank.statements.subjects import Theirs, items_named
from biobank.statements.withholding import OwnCodes

ANOTHER = "[another participant's]"
PROGRAMS = {
    "check_pack.py": offline_pack,
    "offline_certificate.py": offline_certificate,
    "offline_verifier.py": offline_verifier,
}
README = Path(__file__).parents[1] / "templates" / "statements" / "audit_pack.txt"
Line = dict[str, Any]


def files_of(work: Work, theirs: Theirs, own: OwnCodes) -> dict[str, bytes]:
    """By name; every one of them is named by the log with its SHA-256."""
    subjects = [subject for subject in theirs.subjects if subject.is_theirs]
    items = {item.identifier: item for item in items_named(work, (subject.name for subject in subjects))}
    orders = _orders(work, theirs)
    lists: dict[str, Iterable[Line]] = {
        "subjects.jsonl": _listed(work, theirs, items),
        "labels.jsonl": _labels(work, items),
        "orders.jsonl": (_order(work, order, own) for order in orders),
        "batches.jsonl": _batches(work, orders, own),
        "cases.jsonl": _cases(work, items, own),
        "messages.jsonl": _messages(work, theirs, own),
    }
    programs = {name: Path(str(module.__file__)).read_bytes() for name, module in PROGRAMS.items()}
    files = {"README.txt": README.read_bytes(), **programs}
    files |= {name: lines_of(lines) for name, lines in lists.items()}
    return files | dict(_certificates(work, orders))


def lines_of(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in records)


def _listed(work: Work, theirs: Theirs, items: Mapping[str, Item]) -> Iterator[Line]:
    """Each subject with its last entry; of what is theirs also the state as it is stored."""
    places = _identifiers(work, {item.container_id for item in items.values() if item.container_id})
    holds = standing_holds(work, [item.id for item in items.values()])
    for subject in theirs.subjects:
        line: Line = {
            "subject": subject.name,
            "what": subject.what,
            "last": subject.last,
            "head": subject.head.hex(),
        }
        item = items.get(subject.name)
        if item is not None:
            line |= {
                "specification": item.specification,
                "state": item.state,
                "place": places.get(item.container_id) if item.container_id else None,
                "position": item.position,
                "holds": holds.get(item.id, []),
            }
        yield line


def _identifiers(work: Work, numbers: Iterable[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in in_turns(sorted(numbers)):
        places = work.session.scalars(select(Item).where(Item.id.in_(some)))
        found |= {place.id: place.identifier for place in places}
    return found


def _labels(work: Work, items: Mapping[str, Item]) -> Iterator[Line]:
    """Every label that was ever printed, and what became of what it names."""
    by_number = {item.id: item for item in items.values()}
    states: dict[int, str] = {}
    for some in in_turns(sorted(by_number)):
        question = (
            select(PrintedLabel, PrintJob)
            .join(PrintJob, PrintJob.id == PrintedLabel.job_id)
            .where(PrintedLabel.item_id.in_(some))
            .order_by(PrintedLabel.id)
        )
        for label, job in work.session.execute(question):
            if job.id not in states:
                states[job.id] = state_of(work, job).value
            item = by_number[label.item_id]
            yield _label(label, job, item, states[job.id])


def _label(label: PrintedLabel, job: PrintJob, item: Item, state: str) -> Line:
    return {
        "item": item.identifier,
        "copy": label.copy,
        "template": f"{label.template} {label.template_version}",
        "reason": label.reason,
        "job": job.id,
        "job_state": state,
        "document_sha256": job.sha256,
        "printed_at": to_text(job.printed_at),
        "printed_by": job.printed_by,
        "site": job.site,
        "printer": job.printer,
        "end": item.state,
        "end_at": text_or_none(item.occurred_at),
    }


def _orders(work: Work, theirs: Theirs) -> list[DestructionOrder]:
    question = select(DestructionOrder).where(DestructionOrder.participant.in_(theirs.codes))
    return list(work.session.scalars(question.order_by(DestructionOrder.id)))


def _order(work: Work, order: DestructionOrder, own: OwnCodes) -> Line:
    """The record that compliance confirms, as it stands now."""
    record, sha256 = order_record(work, order)
    return {"order": order.identifier, "state": order.state, **_recorded(record, sha256, own)}


def _batches(work: Work, orders: Iterable[DestructionOrder], own: OwnCodes) -> Iterator[Line]:
    seen: set[int] = set()
    for batch in (batch for order in orders for batch in batches_of(work, order)):
        if batch.id not in seen:
            seen.add(batch.id)
            yield _batch(work, batch, own)


def _batch(work: Work, batch: WasteBatch, own: OwnCodes) -> Line:
    """What performer and witness signed; where pieces of others went with it, only what is theirs."""
    record, sha256 = batch_record(work, batch)
    told = {"batch": bag_of(work, batch).identifier, "state": batch.state}
    pieces = [piece for piece in record["pieces"] if not own.names_another(orjson.dumps(piece).decode())]
    if len(pieces) == len(record["pieces"]):
        return {**told, **_recorded(record, sha256, own)}
    others = len(record["pieces"]) - len(pieces)
    return {**told, "record_sha256": sha256, "pieces": pieces, "pieces_of_others": others}


def _recorded(record: Line, sha256: str, own: OwnCodes) -> Line:
    """The record whole, so that its hash can be made again, unless it names another participant's."""
    if own.names_another(orjson.dumps(record).decode()):
        return {"record_sha256": sha256, "withheld": ANOTHER}
    return {"record_sha256": sha256, "record": record}


def _certificates(work: Work, orders: Iterable[DestructionOrder]) -> Iterator[tuple[str, bytes]]:
    """As they were issued, byte for byte."""
    for order in orders:
        for certificate in certificates_of(work, order):
            yield f"certificates/{certificate.identifier}.pdf", bytes(certificate.pdf)


def _cases(work: Work, items: Mapping[str, Item], own: OwnCodes) -> Iterator[Line]:
    by_number = {item.id: item.identifier for item in items.values()}
    for some in in_turns(sorted(by_number)):
        question = select(Discrepancy).where(Discrepancy.item_id.in_(some)).order_by(Discrepancy.id)
        for case in work.session.scalars(question):
            yield {
                "item": by_number[case.item_id],
                "kind": case.kind,
                "sentence": own.masked(case.sentence, ANOTHER),
                "opened_at": to_text(case.opened_at),
                "state": case.state,
                "resolved_at": text_or_none(case.resolved_at),
                "resolution": own.masked(case.resolution, ANOTHER) if case.resolution else None,
            }


def _messages(work: Work, theirs: Theirs, own: OwnCodes) -> Iterator[Line]:
    question = select(Message).where(Message.participant.in_(theirs.codes)).order_by(Message.id)
    for message in work.session.scalars(question):
        yield {
            "about": message.about,
            "addressee": own.masked(message.addressee, ANOTHER),
            "template": message.template,
            "language": message.language,
            "state": message.state,
            "queued_at": to_text(message.queued_at),
            "changed_at": to_text(message.changed_at),
        }
