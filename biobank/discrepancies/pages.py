"""The list of cases as a page: narrowed down, several taken or resolved at once; two tubes with one code."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.counting import counted
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.core.tables import MOST_DIGITS
from biobank.custody.models import Discrepancy
from biobank.custody.steps import Source
from biobank.discrepancies import operations, separating
from biobank.discrepancies.checks import MOST_AT_ONCE
from biobank.discrepancies.choices import CaseState, Resolution
from biobank.discrepancies.inputs import Resolving
from biobank.items.identifiers import printed
from biobank.sites.queries import sites
from biobank.web.addresses import sent_to
from biobank.web.case_lists import STANDING, case_rows, cases_listed
from biobank.web.case_words import KINDS, STATES, choices_of, ends_offered
from biobank.web.feedback import refused, tell
from biobank.web.field_errors import errors_by_field
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.scan_log import logging_refused_forms
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told
from biobank.web.typed_fields import chosen

blueprint = Blueprint("case_pages", __name__, url_prefix="/discrepancies")
Shown = dict[str, Any]
TEXTS = ("kind", "site", "found_at", "parcel", "owner", "state")
AGES = (0, 3, 7, 14, 30, 90)
MINE, NOBODYS = "me", "nobody"


@blueprint.get("")
@reads(Permission.SEE_ITEMS)
def listed(*, work: Work, by: Actor) -> str:
    return _list(work, by)


def _list(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    told = _told_filter(request.form.get("filter")) if request.method == "POST" else request.args.to_dict()
    asked = _asked(told, by)
    newest_first = asked["show"] != "standing"
    question = cases_listed(work, by, asked)
    found = page(work, question, [Discrepancy.id], cursor=told.get("cursor"), newest_first=newest_first)
    errors = errors_by_field(refusal)
    shown = {"feedback": refused(refusal)} if refusal and not errors else {}
    return render_template(
        "discrepancies/cases.html",
        views=_views(by, told),
        cases=case_rows(work, found.rows, by, zone_of(work, by)),
        next_url=found.next_url(_url(told)),
        filter=urlencode(_kept(told)),
        is_narrowed=any(_kept(told).get(name) for name in (*TEXTS, "older_than_days")),
        kinds=choices_of(KINDS),
        sites=[{"value": site.code, "label": site.name} for site in sites(work)],
        states=choices_of({state: STATES[state]["word"] for state in CaseState}),
        ages=[{"value": str(days), "label": f"Over {days} days"} for days in AGES if days],
        asked=_kept(told) | {"owner": told.get("owner", "")},
        ends=ends_offered(""),
        me=by.person,
        most=MOST_AT_ONCE,
        may_change=by.may(Permission.RECORD_STEPS),
        form=request.form if refusal else {},
        errors=errors,
        **shown,
    )


def _told_filter(text: str | None) -> dict[str, str]:
    return dict(parse_qsl(text or ""))


def _kept(told: Mapping[str, str]) -> dict[str, str]:
    names = ("show", "overdue", *TEXTS, "older_than_days")
    return {name: told[name] for name in names if told.get(name)}


def _url(told: Mapping[str, str], **changed: str) -> str:
    kept = {name: value for name, value in {**_kept(told), **changed}.items() if value}
    return f"/discrepancies?{urlencode(kept)}" if kept else "/discrepancies"


def _asked(told: Mapping[str, str], by: Actor) -> Shown:
    """What an address asks for; what it does not understand it narrows by nothing."""
    owner, days = told.get("owner", "").strip().lower(), told.get("older_than_days", "")
    named = {MINE: by.person, NOBODYS: "", "": None}
    return {
        "show": told.get("show") if told.get("show") in STANDING else "standing",
        "overdue": told.get("overdue") == "yes",
        "owner": named.get(owner, owner),
        "older_than_days": int(days) if days.isdecimal() and len(days) <= len("36500") else 0,
        "state": told.get("state") if told.get("state") in set(CaseState) else None,
        **{name: told.get(name, "").strip() for name in ("kind", "site", "found_at", "parcel")},
    }


def _views(by: Actor, told: Mapping[str, str]) -> list[Shown]:
    """The lists that people come for, each by its address."""
    lists: list[tuple[str, dict[str, str]]] = [("All that stand", {})]
    if by.may(Permission.RECORD_STEPS):
        lists.append(("Mine", {"owner": MINE}))
    here = by.bench_site
    if here:
        lists.append(("Asked of us", {"state": "asked", "site": here}))
        lists.append(("Found by us", {"found_at": here}))
    lists += [("Overdue", {"overdue": "yes"}), ("Resolved", {"show": "resolved"})]
    kept = _kept(told)
    return [{"label": label, "url": _url(asked), "current": kept == asked} for label, asked in lists]


def _chosen_cases(work: Work, by: Actor) -> list[int]:
    """Those that were ticked, or as many as the list finds and one may take at once."""
    if request.form.get("all"):
        asked = _asked(_told_filter(request.form.get("filter")), by)
        question = cases_listed(work, by, asked).with_only_columns(Discrepancy.id)
        return list(work.session.scalars(question.order_by(Discrepancy.id).limit(MOST_AT_ONCE)))
    told = request.form.getlist("case")
    return [int(number) for number in told if number.isdecimal() and len(number) <= MOST_DIGITS]


@blueprint.post("/owner")
@shown_again(Permission.SEE_ITEMS, _list)
@writes(Permission.RECORD_STEPS)
def assigned(*, work: Work, by: Actor) -> Response:
    owner = request.form.get("owner", "").strip().lower() or by.person
    done = operations.assign_many(work, _chosen_cases(work, by), owner, by=by)
    tell("Given", f"{owner} sees to {counted(len(done), 'case')}.")
    return sent_to(_url(_told_filter(request.form.get("filter"))))


@blueprint.post("/resolution")
@shown_again(Permission.SEE_ITEMS, _list)
@writes(Permission.RECORD_STEPS)
def resolved(*, work: Work, by: Actor) -> Response:
    told = Resolving(
        resolution=chosen(request.form, "resolution", Resolution, "Choose how the cases end."),
        sentence=request.form.get("sentence", ""),
    )
    done = operations.resolve_many(
        work, _chosen_cases(work, by), told, by=by, source=Source("scan"), at=now_told(work, by)
    )
    tell("Resolved", f"Cases that are resolved: {len(done)}.")
    return sent_to(_url(_told_filter(request.form.get("filter"))))


@blueprint.post("/two-with-one-code")
@shown_again(Permission.SEE_ITEMS, _list)
@logging_refused_forms
@writes(Permission.RECORD_STEPS)
def same_code(*, work: Work, by: Actor) -> Response:
    """Both are set aside at once; the second one's label is printed from its own page."""
    text = request.form.get("text", "")
    found = separating.report_same_code(work, text, by=by, source=Source("scan"), at=now_told(work, by))
    other = printed(found.other.identifier)
    tell(
        "Put both in quarantine",
        f"The second one is {other} from now on; print its label and put it over the old one.",
        tone="ask",
        link={"label": "Print its label", "url": f"/items/{found.other.identifier}"},
    )
    return sent_to(f"/discrepancies/{found.case.id}")
