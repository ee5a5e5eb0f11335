"""One change of a visit: the row and the ledger together; the ledger tells every column that changed."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.rows import row_numbered
from biobank.ledger.operations import append_to
from biobank.visits.choices import Change
from biobank.visits.inputs import Telling
from biobank.visits.models import Visit
from biobank.visits.queries import VisitUnknown, subject_of

ENTRY = "visit"
"""The kind of a visit's entries."""


def locked(work: Work, number: int) -> Visit:
    """The visit as it stands now, held until the transaction ends. Raises `VisitUnknown`."""
    visit = row_numbered(work, Visit, number, locked=True)
    if visit is None:
        raise VisitUnknown(number)
    return visit


def change(
    work: Work,
    visit: Visit,
    what: Change,
    told: Telling,
    details: Mapping[str, Any] | None = None,
    **columns: Any,
) -> None:
    """Set `columns` of a visit that the caller has locked, and log them as they are stored."""
    for name, value in columns.items():
        setattr(visit, name, value)
    work.flush()
    content: dict[str, Any] = {
        "change": what.value,
        "set": {name: in_the_log(value) for name, value in columns.items()},
        "performed_by": told.performer,
        "recorded_by": told.by.person,
        "source": {"kind": told.source.kind, "reference": told.source.reference},
        "occurred_at": moments.to_text(told.at.at) if told.at else None,
    }
    if told.at:
        content |= {"zone": told.at.zone, "offset_minutes": told.at.offset_minutes}
    optional = {"station": told.by.station, "details": details, "confirmation": told.confirmation}
    content |= {name: value for name, value in optional.items() if value}
    append_to(work, subject=subject_of(visit.id), kind=ENTRY, content=content)


def in_the_log(value: Any) -> Any:
    """A column as entries tell it."""
    if isinstance(value, datetime):
        return moments.to_text(value)
    return value.isoformat() if isinstance(value, date) else value


def when(told: Telling) -> datetime:
    """When it was done; of what nobody knows, when it is recorded."""
    return told.at.at if told.at else moments.now()
