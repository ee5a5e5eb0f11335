"""Cases: which of them stand, by when something is due, and what their first entry says."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement

from biobank.core.moments import to_text
from biobank.custody.models import Discrepancy
from biobank.settings import SettingRefused, Settings

CASE = "discrepancy"
"""Kind of the entries of a case."""
USUAL = "usual"
"""Under this name stand the days of all kinds that are not named."""


def due_from(at: datetime, kind: str, settings: Settings) -> datetime:
    """By when whoever has the turn from `at` on does something about a case. Raises `SettingRefused`."""
    days = days_by_kind(settings.discrepancies_file)
    return at + timedelta(days=days.get(kind, days[USUAL]))


@lru_cache(maxsize=8)
def days_by_kind(path: str) -> Mapping[str, int]:
    """Raises `SettingRefused` for a file that cannot be read or says no days."""
    try:
        told = tomllib.loads(Path(path).read_text(encoding="utf-8")).get("days", {})
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise SettingRefused(f"The file of discrepancies {path} cannot be read: {problem}.") from problem
    wrong = [name for name, days in told.items() if type(days) is not int or days < 0]
    if wrong or USUAL not in told:
        raise SettingRefused(
            f"{path} needs whole days from 0 on for each kind under [days], and for {USUAL!r}; "
            f"look at {wrong[0] if wrong else USUAL}."
        )
    return dict(told)


def case_stands() -> ColumnElement[bool]:
    """Of a discrepancy: it is not resolved, however far it has come."""
    return Discrepancy.resolved_at.is_(None)


def subject_of_case(number: int) -> str:
    return f"discrepancy:{number}"


def opened_content(case: Discrepancy, item: str, site: str | None) -> dict[str, Any]:
    """What the first entry of a case says, in codes alone; `site` is who owned the question then.

    Its sentence is for people of the house and stands there as its SHA-256.
    """
    return {
        "change": "opened",
        "recorded_by": case.opened_by,
        "item": item,
        "item_sequence": case.opened_sequence,
        "about": case.kind,
        "sentence_sha256": sha256(case.sentence.encode()).hexdigest(),
        "site": site,
        "due_at": to_text(case.due_at) if case.due_at else None,
        "found_at": case.found_at,
    }
