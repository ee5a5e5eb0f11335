"""Registering custodians outside and keeping what is known of them: each change is an entry of the log."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.custodians import checks
from biobank.custodians.choices import custody_of
from biobank.custodians.inputs import CustodianChange, NewCustodian
from biobank.custodians.models import Custodian
from biobank.custodians.queries import custodian_named
from biobank.ledger.operations import append_to

TOLD = ("code", "custodian_kind", "organisation", "agreement", "in_use", "added_by")
"""As the entries name it; an entry has a kind of its own."""


def add_custodian(work: Work, new: NewCustodian, *, by: Actor) -> Custodian:
    """Raises `CustodianRefused`, `CustodianExists`, `NamesSomebody`."""
    new = replace(
        new,
        code=new.code.strip().upper(),
        organisation=new.organisation.strip(),
        agreement=new.agreement.strip(),
    )
    checks.well_formed(new)
    if work.session.scalar(select(Custodian.id).where(Custodian.code == new.code)) is not None:
        raise checks.CustodianExists(
            f"There is a custodian {new.code} already; a code is never used again.", field="code"
        )
    custodian = Custodian(
        code=new.code,
        kind=new.kind.value,
        organisation=new.organisation,
        agreement=new.agreement,
        in_use=True,
        added_at=moments.now(),
        added_by=by.person,
    )
    work.session.add(custodian)
    _log(work, custodian, "added", by, told(custodian))
    return custodian


def told(custodian: Custodian) -> dict[str, Any]:
    """What the log tells of a custodian; `verify` compares the two."""
    named = {name: getattr(custodian, name) for name in TOLD if name != "custodian_kind"}
    return {**named, "custodian_kind": custodian.kind}


def change_custodian(work: Work, code: str, change: CustodianChange, *, by: Actor) -> Custodian:
    """Raises `CustodianUnknown`, `CustodianRefused`, `NamesSomebody`."""
    custodian = custodian_named(work, code, locked=True)
    organisation = (change.organisation or custodian.organisation).strip()
    agreement = (change.agreement or custodian.agreement).strip()
    checks.described(organisation, agreement)
    wanted = {
        "organisation": organisation,
        "agreement": agreement,
        "in_use": custodian.in_use if change.in_use is None else change.in_use,
    }
    changed = {name: value for name, value in wanted.items() if getattr(custodian, name) != value}
    for name, value in changed.items():
        setattr(custodian, name, value)
    if changed:
        _log(work, custodian, "changed", by, changed)
    return custodian


def _log(work: Work, custodian: Custodian, change: str, by: Actor, content: Mapping[str, Any]) -> None:
    append_to(
        work,
        subject=custody_of(custodian.code),
        kind="custodian",
        content={"change": change, "recorded_by": by.person, **content},
    )
