"""Rows made again from what the journal holds, with the numbers and times that they had."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from biobank.access.models import Signature, SignedRecord
from biobank.core.moments import read_moment
from biobank.destruction.models import LegalHold
from biobank.ledger.canonical import canonical_bytes
from biobank.participants.models import Consent, Period, ScopeEnd
from biobank.withdrawals.models import Death, RecordedDecision, RequestEnding, SignedChange, WaitingRequest

Told = Mapping[str, Any]


def _at(text: str) -> datetime:
    return read_moment(text).at


def _on(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _asked(told: Told) -> dict[str, Any]:
    same = ("requested_by", "capacity", "channel", "evidence", "zone", "offset_minutes")
    return {name: told[name] for name in same} | {"decided_at": _at(told["decided_at"])} | _recorded(told)


def _recorded(told: Told) -> dict[str, Any]:
    return {"recorded_at": _at(told["recorded_at"]), "recorded_by": told["recorded_by"]}


def _answers(told: Told) -> dict[str, Any]:
    return {name: told[name] for name in ("leaves", "information", "samples", "ceremony")}


def decision(code: str, told: Told) -> RecordedDecision:
    return RecordedDecision(
        id=told["decision"],
        participant=code,
        proved=told["proved"],
        due_on=_on(told["due_on"]),
        **_answers(told),
        **_asked(told),
    )


def death(code: str, told: Told) -> Death:
    return Death(id=told["death"], participant=code, died_on=_on(told["died_on"]), **_asked(told))


def waiting_request(code: str, told: Told) -> WaitingRequest:
    return WaitingRequest(
        id=told["request"],
        participant=code,
        language=told["language"],
        due_on=date.fromisoformat(told["due_on"]),
        **_answers(told),
        **_asked(told),
    )


def request_ending(told: Told) -> RequestEnding:
    return RequestEnding(
        request_id=told["request"],
        ending=told["ending"],
        decision_id=told["decision"],
        evidence=told["evidence"],
        reason=told["reason"],
        **_recorded(told),
    )


def signature(number: int, told: Told) -> Signature:
    assertion = told.get("assertion")
    return Signature(
        id=number,
        signer=told["signer"],
        printed_name=told["printed_name"],
        role=told["role"],
        meaning=told["meaning"],
        signed_at=_at(told["signed_at"]),
        station=told["station"],
        requested_by=told["requested_by"],
        proved_by=told.get("proved_by"),
        assertion=None if assertion is None else canonical_bytes(assertion).decode(),
        records=[SignedRecord(**record) for record in told["records"]],
    )


def signed_change(code: str, told: Told) -> SignedChange:
    first, second = (int(name.partition(":")[2]) for name in told["signatures"])
    return SignedChange(
        id=told["change"],
        participant=code,
        kind=told["of"],
        decisions=",".join(str(number) for number in told["decisions"]) or None,
        death_id=told["death"],
        other=told["other"],
        order_identifier=told["order"],
        record_sha256=told["record_sha256"],
        first_signature=first,
        second_signature=second,
        **_asked(told),
    )


def consent(code: str, told: Told) -> Consent:
    return Consent(
        id=told["consent"],
        participant=code,
        form_version=told["form_version"],
        language=told["language"],
        scopes=",".join(told["scopes"]),
        effective_at=_at(told["effective_at"]),
        expires_at=_at(told["expires_at"]) if told["expires_at"] else None,
        source=told["source"],
        signed_by=told.get("signed_by"),
        assent=told.get("assent"),
        **_recorded(told),
    )


def period(code: str, told: Told) -> Period:
    return Period(
        id=told["period"],
        participant=code,
        consent_id=told["consent"],
        begins_at=_at(told["begins_at"]),
        **_recorded(told),
    )


def scope_end(code: str, told: Told) -> ScopeEnd:
    return ScopeEnd(id=told["scope_end"], participant=code, scopes=",".join(told["scopes"]), **_asked(told))


def legal_hold(order_id: int, told: Told) -> LegalHold:
    return LegalHold(
        id=told["hold"],
        order_id=order_id,
        reason=told["because"],
        reference=told["reference"],
        placed_at=_at(told.get("placed_at") or told["recorded_at"]),
        placed_by=told["recorded_by"],
    )


def lifted(hold: LegalHold, told: Told) -> LegalHold:
    hold.lifted_at, hold.lifted_by = _at(told["recorded_at"]), told["recorded_by"]
    hold.lifted_because, hold.lift_reference = told["because"], told["reference"]
    return hold
