"""A tube that nobody registered lies somewhere: it gets a code and a label of its own, and is held."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import Invalid
from biobank.core.moments import Told
from biobank.core.personal_shapes import ALWAYS, names_nobody
from biobank.custody.births import Birth, register
from biobank.custody.codes import bearer_of, names_no_person
from biobank.custody.operations import record
from biobank.custody.states import Action, HoldKind, Kind, State
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.items.aliases import Alias, read_alias

NO_RECORD = "without_record"
"""Why it is held."""
ISSUER_NOT_KNOWN = "not known"
"""Whose code it is, where nobody can be asked: by it the code is found when it is scanned again."""


@dataclass(frozen=True, kw_only=True)
class Unrecorded:
    """What can be told of it: what kind it seems to be, the code on it, who found it."""

    specification: str | None = None
    alias: Alias | None = None
    performed_by: str | None = None


def register_found(
    work: Work,
    where: ItemNow,
    found: Unrecorded,
    *,
    by: Actor,
    source: Source,
    at: Told | None,
    details: Mapping[str, Any],
    position: str | None = None,
    is_place: bool = False,
) -> Recorded:
    """Register it as found in `where`, and hold it; with `is_place` it lies there, else it is in hand.

    Raises what `register` and `record` raise.
    """
    birth = Birth(
        kind=Kind.TUBE,
        specification=found.specification,
        site=where.site,
        custodian=_custodian(where, by),
        aliases=((found.alias.issuer, found.alias.value),) if found.alias else (),
        state=State.RECEIVED,
        details={"found_in": where.identifier},
    )
    born = register(work, birth, by=by, source=source, at=at)
    return record(
        work,
        born.identifier,
        Action.QUARANTINE,
        by=by,
        performed_by=found.performed_by,
        source=source,
        at=at,
        place=where.identifier if is_place else None,
        position=position,
        details={"hold": HoldKind.IDENTITY.value, "reason": NO_RECORD, **details},
    )


def _custodian(where: ItemNow, by: Actor) -> str:
    """Whose bench it is found at; else whoever has what it lies in."""
    return f"site:{by.bench_site}" if by.bench_site else where.custodian or f"site:{where.site}"


def code_seen(work: Work, code: str) -> Alias | None:
    """A code that nobody knows as another name of what bears it; None for what no thing may bear."""
    with suppress(Invalid):
        alias = read_alias(ISSUER_NOT_KNOWN, code)
        names_no_person(work, alias)
        names_nobody("code", alias.value, ALWAYS)
        return alias if bearer_of(work, alias) is None else None
    return None
