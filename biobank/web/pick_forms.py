"""The form of a new pick list: for a study the kinds of its request, else what somebody names or scans."""

from collections.abc import Mapping, Sequence
from typing import Any

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.core.tables import MOST_DIGITS
from biobank.custodians.queries import custodians
from biobank.custody.states import SPECIMENS, Kind
from biobank.distribution.models import StudyRequest
from biobank.distribution.queries import counted_by_portion
from biobank.retrieval.choices import PickPurpose, Rule
from biobank.retrieval.inputs import NewPickList, Wish
from biobank.sites.models import Site, SiteKind
from biobank.sites.queries import sites
from biobank.web.field_errors import typed_again
from biobank.web.typed_fields import FieldRefused, choices, chosen, thousandths_typed
from biobank.web.words import spoken

Form = Mapping[str, str]
Shown = dict[str, Any]
PURPOSES: Mapping[PickPurpose, str] = {
    PickPurpose.BENCH: "For a bench here",
    PickPurpose.CONTRACT_WORK: "For a laboratory outside",
}
RULES: Mapping[Rule, str] = {
    Rule.OLDEST: "Oldest first",
    Rule.NEWEST: "Newest first",
    Rule.FEWEST_THAWS: "Fewest thaws first",
    Rule.WHOLE_BOXES: "From the fullest boxes",
}


def form_shown(work: Work, by: Actor, study: StudyRequest | None, refusal: DomainError | None) -> Shown:
    here = [site for site in sites(work) if site.kind == SiteKind.BIOBANK and by.works_at(site.code)]
    given = counted_by_portion(work, study) if study else {}
    return {
        "study": {"number": study.number, "study": study.study} if study else None,
        "portions": [
            {
                "name": f"count_{each.id}",
                "label": f"{spoken(each.kind).capitalize()}, {each.specification or 'any'}",
                "left": max(0, each.most - given.get(each.id, 0)),
            }
            for each in (study.portions if study else ())
        ],
        "sites": [_site(site) for site in here],
        "clinics": [_site(site) for site in sites(work) if site.kind == SiteKind.CLINIC],
        "purposes": [{"value": each.value, "label": label, "note": None} for each, label in PURPOSES.items()],
        "custodians": [each.code for each in custodians(work, in_use=True)],
        "kinds": choices(sorted(SPECIMENS)),
        "rules": [{"value": rule.value, "label": label, "note": None} for rule, label in RULES.items()],
        **_typed(refusal, here),
    }


def _site(site: Site) -> Shown:
    return {"value": site.code, "label": site.name, "note": None}


def _typed(refusal: DomainError | None, here: Sequence[Site]) -> Shown:
    """A new form begins with the usual rule, and where there is only one biobank with that."""
    typed = typed_again(refusal)
    if refusal is None:
        typed["form"] = {"rule": Rule.OLDEST.value} | ({"site": here[0].code} if len(here) == 1 else {})
    return typed


def list_typed(form: Form, study: StudyRequest | None, by: Actor) -> NewPickList:
    """Raises `FieldRefused`."""
    codes = tuple(form.get("codes", "").split())
    return NewPickList(
        purpose=PickPurpose.STUDY if study else _purpose(form),
        site=form.get("site", "").strip() or by.bench_site or "",
        request=study.number if study else None,
        goes_to=form.get("goes_to", "").strip(),
        wishes=() if codes else _wishes(form, study),
        items=codes,
        rule=chosen(form, "rule", Rule, "Say which pieces come first."),
        one_each=bool(form.get("one_each")),
        least_microlitres=thousandths_typed(form, "least") or 0,
        collected_at=form.get("collected_at", "").strip() or None,
        out_hours=_whole(form, "out_hours"),
    )


def _purpose(form: Form) -> PickPurpose:
    return chosen(form, "purpose", list(PURPOSES), "Say what it is picked for.")


def _wishes(form: Form, study: StudyRequest | None) -> tuple[Wish, ...]:
    if study is None:
        kind = chosen(form, "kind", list(Kind), "Choose the kind of specimen, or scan the pieces.")
        count = _whole(form, "count") or 0
        return (Wish(kind=kind, specification=form.get("specification", "").strip(), count=count),)
    asked = {each: _whole(form, f"count_{each.id}") for each in study.portions}
    return tuple(
        Wish(kind=Kind(each.kind), specification=each.specification, count=count)
        for each, count in asked.items()
        if count
    )


def _whole(form: Form, name: str) -> int | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > MOST_DIGITS:
        raise FieldRefused("Type a whole number.", field=name)
    return int(text)
