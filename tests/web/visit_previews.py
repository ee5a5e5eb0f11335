"""The pages of visits with an invented context, as their heads ask for it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from biobank.visits.question_sets import load_question_sets
from biobank.web.visit_steps import ADVICE, CLEARANCES, DONE, IDENTIFIERS, NOT_YET, ORDER

QUESTIONS = load_question_sets(Path(__file__).parents[2] / "config" / "safety")
CAME = datetime(2026, 11, 1, 6, 30, tzinfo=UTC).astimezone(ZoneInfo("America/Chicago"))
OPEN = {"word": "Open", "tone": "wait"}
IN_FORCE = {"word": "In force", "tone": "right"}
VISIT = {
    "number": 7, "url": "/visits/7", "participant": "A123456789", "site": "clinic-1", "on": date(2026, 11, 1),
    "opened_at": CAME, "state": OPEN, "identity": True, "safety": False, "compensated": False, "version": 1, "is_open": True,
}  # fmt: skip
KIT = {
    "identifier": "K483134562451", "printed": "K 4831 3456 24-51", "definition": "adult-3.2",
    "url": "/kits/K483134562451/collect", "answered": 9, "total": 9, "complete": True, "labels_confirmed": False,
}  # fmt: skip
FORM = {
    "version": "2026-1", "language": "es", "scopes": ["blood", "urine", "DNA"], "effective_at": CAME - timedelta(days=90),
    "expires_at": CAME + timedelta(days=900), "signed_by": "guardian", "assent": True, "sign": IN_FORCE,
}  # fmt: skip
EXPIRED = FORM | {"version": "2024-2", "assent": False, "sign": {"word": "Expired", "tone": "late"}}
TOLD = {"at": CAME, "by": "Testa Nurse", "sign": DONE, "done": True}
NOT_TOLD = {"at": None, "by": None, "sign": NOT_YET, "done": False}
REASONS = ({"value": "label_error", "label": "Label error"}, {"value": "other", "label": "Other"})


def steps(following: str | None, kits: tuple = ()) -> dict:
    """Everything before the step that comes next is done."""
    before = ORDER[: ORDER.index(following)] if following else ORDER
    found = {
        "identity": TOLD if "identity" in before else NOT_TOLD,
        "consents": {"sign": IN_FORCE, "done": True, "missing": [], "unsigned": [], "forms": [FORM, EXPIRED]},
        "safety": (TOLD | {"sign": CLEARANCES["full"]} if "safety" in before else NOT_TOLD)
        | {"advice": ADVICE["full"] if "safety" in before else None}
        | {"proposed": "pediatric-below-5-kg-3.2" if "safety" in before else None},
        "kit": {"sign": DONE if kits else NOT_YET, "done": bool(kits), "kits": list(kits)},
        "collect": {"sign": NOT_YET, "done": "collect" in before, "open": [], "unread": list(kits)},
        "compensation": (TOLD if "compensation" in before else NOT_TOLD) | {"amount": "25 USD"},
        "close": NOT_TOLD if following else TOLD,
    }
    for number, code in enumerate(ORDER, 1):
        found[code] = found[code] | {"code": code, "number": number, "next": code == following}
    return found


CHECKLIST = {
    "visit": VISIT,
    "participant": {"code": "A123456789", "minor": True, "url": "#", "stopped": False},
    "steps": steps("identity"),
    "waiting_kit": None,
    "identifiers": IDENTIFIERS,
    "vault": {"knows": False, "may_ask": True},
    "questions": QUESTIONS["minor-1"],
    "language": "en",
    "reasons": {"amend": REASONS, "cancel": REASONS, "restore": REASONS},
    "may_consent": True,
    "zone": "America/Chicago",
    "opened": None,
    "ask_back": None,
}
UNSIGNED = steps("consents")
UNSIGNED["consents"] |= {
    "sign": {"word": "Guardian's consent missing", "tone": "wrong"}, "done": False, "missing": ["urine"], "unsigned": ["blood"],
}  # fmt: skip
SAFETY = CHECKLIST | {"steps": steps("safety"), "opened": "safety"}
CLOSED = {"is_open": False, "state": {"word": "Closed", "tone": "right"}, "version": 2}
CANCELLED = {"is_open": False, "state": {"word": "Cancelled", "tone": "wrong"}}
ARRIVALS = {
    "site_shown": {"code": "clinic-1", "name": "Riverside Clinic", "today": date(2026, 11, 1)},
    "sites": [{"name": "Riverside Clinic", "url": "#", "current": True}, {"name": "Hillside Clinic", "url": "#", "current": False}],
    "filters": [{"label": label, "url": "#", "current": label == "Today"} for label in ("Today", "Open", "All")],
    "visits": [VISIT, VISIT | {"number": 6, "state": CLOSED["state"], "safety": True, "compensated": True}],
    "expected": [{"id": 3, "participant": "A123456780", "time": "09:30"}, {"id": 4, "participant": "A123456781", "time": None}],
    "next_url": "#",
    "ask_back": None,
}  # fmt: skip
NEW_HERE = "A123456789 was never at clinic-1; compare the code with the person's papers. If it really is so, confirm it with a reason."
SCANNED = {
    "identifier": "K483134562451", "printed": "K 4831 3456 24-51", "url": "#", "label": "adult-3.2",
    "state": {"word": "Issued", "tone": "wait"}, "is_issued": True, "expires_on": date(2027, 5, 31), "site": "clinic-1",
}  # fmt: skip
WITHOUT_VISIT = {
    "kit": SCANNED,
    "open_visits": [{"number": 7, "participant": "A123456789"}],
    "ask_back": None,
}

VISIT_PAGES: dict[str, tuple[str, dict]] = {
    "visits": ("visits/visits.html", ARRIVALS),
    "visits_none": ("visits/visits.html", ARRIVALS | {"sites": [], "visits": [], "expected": [], "next_url": None}),
    "visits_asked": ("visits/visits.html", ARRIVALS | {"ask_back": NEW_HERE, "form": {"code": "A123456789", "scanned": "yes"}}),
    "visits_wrong": ("visits/visits.html", ARRIVALS | {"errors": {"code_again": "The two codes are not the same; key the code once more."}}),
    "visit": ("visits/visit.html", CHECKLIST | {"waiting_kit": KIT}),
    "visit_check": ("visits/visit.html", CHECKLIST | {"vault": {"knows": True, "may_ask": True}, "opened": "check", "errors": {"birth_date": "Give the birth date."}}),
    "visit_not_asked": ("visits/visit.html", CHECKLIST | {"vault": {"knows": True, "may_ask": False}}),
    "visit_consents": ("visits/visit.html", CHECKLIST | {"steps": UNSIGNED}),
    "visit_safety": ("visits/visit.html", SAFETY | {"errors": {"donated_past_week": "Answer every question; one of them is still open."}}),
    "visit_weight": ("visits/visit.html", SAFETY | {"ask_back": "This weight is very unusual; weigh again, in kilograms.", "form": {"weight": "490"}}),
    "visit_kit_waits": ("visits/visit.html", CHECKLIST | {"steps": steps("kit"), "waiting_kit": KIT}),
    "visit_labels": ("visits/visit.html", CHECKLIST | {"steps": steps("collect", (KIT, KIT | {"complete": False, "answered": 2}))}),
    "visit_goodbye": ("visits/visit.html", CHECKLIST | {"steps": steps("close", (KIT | {"labels_confirmed": True},))}),
    "visit_closed": ("visits/visit.html", CHECKLIST | {"steps": steps(None, (KIT,)), "visit": VISIT | CLOSED}),
    "visit_cancelled": ("visits/visit.html", CHECKLIST | {"visit": VISIT | CANCELLED, "opened": "restore", "errors": {"remark": "Say in a few words what the other reason is."}}),
    "visit_stopped": ("visits/visit.html", CHECKLIST | {"participant": {"code": "A123456789", "minor": False, "url": "#", "stopped": True}}),
    "visit_of_kit": ("visits/kit.html", WITHOUT_VISIT),
    "visit_of_kit_asked": ("visits/kit.html", WITHOUT_VISIT | {"ask_back": NEW_HERE}),
    "visit_of_kit_used": ("visits/kit.html", WITHOUT_VISIT | {"kit": SCANNED | {"is_issued": False, "state": {"word": "Voided", "tone": "plain"}}}),
}  # fmt: skip
