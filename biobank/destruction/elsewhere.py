"""A certificate judged without the database: by the root's certificate and, where given, a ledger export."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from cryptography.x509 import Certificate

from biobank.core.errors import Invalid
from biobank.destruction.certificates import REOPENED, Verdict, in_question, in_turn, number_in, replaced_by
from biobank.destruction.choices import OrderState
from biobank.destruction.signed_files import examine
from biobank.items.identifiers import printed

NOT_ASKED = "Whether it is in the log and still stands cannot be said without --ledger."
Told = dict[str, Any]


class ExportUnreadable(Invalid):
    title = "Export unreadable"


@dataclass
class Log:
    """What an export tells of one certificate: its entry, what replaced it, its order as it is now."""

    entry: Told = field(default_factory=dict)
    replaced_by: str | None = None
    order: Told = field(default_factory=dict)


def judge_elsewhere(content: bytes, roots: Sequence[Certificate], export: Path | None) -> Verdict:
    """Says what can be said: not whether the log is whole, which its own verifier answers.

    Raises `ExportUnreadable`.
    """
    examined = examine(content, roots)
    number = number_in(examined.record)
    log = _log_of(export, number) if export else None
    sha256 = hashlib.sha256(content).hexdigest()
    findings = [*examined.findings, *(_unlike_the_log(log, number, examined.record, sha256) if log else ())]
    told = (examined.signed_by, examined.signed_at, examined.certificate_sha256)
    if findings or number is None:
        first = [*findings, "Its record does not say which certificate it is."][0]
        return Verdict(False, first, number, None, tuple(findings or [first]), *told)
    if log is None:
        sentence = f"{printed(number)} is whole and signed. {NOT_ASKED}"
        return Verdict(True, sentence, number, "unknown", (), *told)
    state, what = _since(log)
    sentence = in_turn(f"{printed(number)} is as the exported log tells.", what)
    return Verdict(True, sentence, number, state, (), *told)


def _unlike_the_log(log: Log, number: str | None, record: bytes | None, sha256: str) -> Iterator[str]:
    if not log.entry:
        yield "The exported log tells of no such certificate: the export is older or of another log."
        return
    name = printed(number or "")
    if log.entry.get("record_sha256") != hashlib.sha256(record or b"").hexdigest():
        yield f"Its embedded record is not the one that the exported log tells of {name}."
    if log.entry.get("sha256") != sha256:
        yield f"It is not the file that was issued as {name}: the exported log keeps another SHA-256."


def _since(log: Log) -> tuple[str, str]:
    if log.replaced_by:
        return "replaced", replaced_by(log.replaced_by)
    if log.order.get("state") == OrderState.REOPENED:
        return in_question(log.order.get("in_question") or REOPENED)
    return "standing", ""


def _log_of(export: Path, number: str | None) -> Log:
    log, orders = Log(), dict[str, Told]()
    for entry in _entries(export):
        if entry["kind"] == "certificate" and entry["subject"] == number:
            log.entry = entry
        elif entry["kind"] == "certificate" and number and entry.get("replaces") == number:
            log.replaced_by = entry["subject"]
        elif entry["kind"] == "order":
            orders[entry["subject"]] = entry
    log.order = orders.get(log.entry.get("order", ""), {})
    return log


def _entries(export: Path) -> Iterator[Told]:
    try:
        with export.open("rb") as lines:
            for line in lines:
                record = orjson.loads(line)
                if record["kind"] == "leaf":
                    yield orjson.loads(record["body"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ExportUnreadable(
            f"{export} is no export of a ledger that can be read; make one with: biobank ledger export"
        ) from problem
