"""Lists of cases as pages and the API ask for them: what was asked, a parcel's own, what each row says."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.models import Discrepancy
from biobank.custody.queries import item_now
from biobank.discrepancies.choices import CaseState, Resolution
from biobank.discrepancies.inputs import CasesAsked, Resolving
from biobank.discrepancies.queries import cases_asked_for, items_of_cases
from biobank.discrepancies.records import COLUMNS
from biobank.kits.queries import kits_of_tubes
from biobank.shipments.queries import numbers_sent_in
from biobank.sites.queries import sites
from biobank.web.cards import card, names_of_people
from biobank.web.case_words import OVERDUE, STATES, kind_word
from biobank.web.words import in_zone

STANDING: Mapping[str, bool | None] = {"standing": True, "resolved": False, "all": None}
KEPT = ("kind", "sentence", "found_at", "opened_at", "opened_by")


def cases_listed(work: Work, by: Actor, asked: Mapping[str, Any]) -> Select[Discrepancy]:
    """Raises what a scan raises, for a parcel that is none."""
    narrowed = CasesAsked(
        standing=STANDING[asked["show"]],
        overdue=asked["overdue"],
        states=(CaseState(asked["state"]),) if asked["state"] else (),
        **{name: asked[name] for name in ("kind", "site", "found_at", "owner", "older_than_days")},
    )
    parcel = asked["parcel"]
    return cases_asked_for(by, narrowed, numbers_sent_in(item_now(work, parcel).id) if parcel else None)


def cases_told(work: Work, cases: Sequence[Discrepancy]) -> list[dict[str, Any]]:
    """As the API answers; their items are asked for at once."""
    items = items_of_cases(work, cases)
    return [
        {name: getattr(case, name) for name in (*KEPT, *COLUMNS)}
        | {"number": case.id, "item": items[case.item_id].identifier, "state": CaseState(case.state)}
        for case in cases
    ]


def resolving_told(told: Mapping[str, Any]) -> Resolving:
    return Resolving(
        resolution=Resolution(told["resolution"]), sentence=told["sentence"], hold=told.get("hold")
    )


def case_rows(work: Work, cases: Sequence[Discrepancy], by: Actor, zone: str) -> list[dict[str, Any]]:
    """Items and names are asked for once a page."""
    items = items_of_cases(work, cases)
    kits_of_tubes(work, items.values())
    people = names_of_people(work, {case.owner for case in cases if case.owner})
    named = {site.code: site.name for site in sites(work)}
    now = moments.now()
    return [
        {
            "number": case.id,
            "url": f"/discrepancies/{case.id}",
            "kind": kind_word(case.kind),
            "sentence": case.sentence,
            "item": card(work, items[case.item_id], by),
            "site": named.get(case.site or "", case.site),
            "found_at": named.get(case.found_at or "", case.found_at),
            "state": STATES[CaseState(case.state)],
            "late": OVERDUE if case.due_at and case.due_at < now else None,
            "owner": people.get(case.owner, case.owner) if case.owner else None,
            "due_at": in_zone(case.due_at, zone) if case.due_at else None,
            "opened_at": in_zone(case.opened_at, zone),
        }
        for case in cases
    ]
