"""The pages of cases with invented contexts."""

from datetime import UTC, datetime

from biobank.discrepancies.choices import SEPARATION, CaseState, Resolution
from biobank.web.case_words import ANSWERS, KINDS, RESOLUTIONS, STATES, choices_of, ends_offered

AT = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
SITES = [
    {"value": "clinic-1", "label": "Clinic", "note": None},
    {"value": "biobank-1", "label": "Biobank", "note": None},
]
ITEM = {
    "identifier": "T483134562451", "printed": "T 4831 3456 24-51", "url": "#", "label": "8 mL SST",
    "colour": "Red and gray", "state": {"word": "In transit", "tone": "wait"},
}  # fmt: skip


def case(number: int, state: CaseState = CaseState.OPEN, **more: object) -> dict:
    return {
        "number": number, "url": f"/discrepancies/{number}", "kind": KINDS["not_in_parcel"],
        "sentence": "T 4831 3456 24-51 was not in the parcel.", "item": ITEM, "site": "Clinic", "found_at": "Biobank",
        "state": STATES[state], "late": None, "owner": None, "due_at": AT, "opened_at": AT, **more,
    }  # fmt: skip


LATE = {"word": "Overdue", "tone": "late"}
LIST = {
    "views": [{"label": "All that stand", "url": "#", "current": True}, {"label": "Overdue", "url": "#", "current": False}],
    "cases": [case(41, late=LATE), case(42, CaseState.ASKED, owner="Testa Lea"), case(43, CaseState.ANSWERED, site=None)],
    "next_url": "#", "filter": "kind=not_in_parcel", "is_narrowed": True, "kinds": choices_of(KINDS), "sites": SITES,
    "states": choices_of({state: STATES[state]["word"] for state in CaseState}),
    "ages": [{"value": "7", "label": "Over 7 days"}], "asked": {"kind": "not_in_parcel", "owner": ""},
    "ends": ends_offered(""), "me": "demo.lea", "most": 500, "may_change": True, "form": {}, "errors": {},
}  # fmt: skip
NONE = dict.fromkeys(("assign", "ask", "answer", "resolve", "separate", "reopen"), False)
OPEN = {
    "stands": True, "site_code": "clinic-1", "answer": None, "answer_sentence": None, "resolved_as": None,
    "resolution": None, "resolved_by": None, "resolved_at": None,
}  # fmt: skip
LIFE = [
    {
        "word": "Opened",
        "at": AT,
        "by": "Testa Tess",
        "code": None,
        "sentence": None,
        "owner": None,
        "heir": None,
    }
]
ONE = {
    "case": case(41, late=LATE) | OPEN, "place": [], "may": NONE | {"assign": True, "ask": True, "resolve": True},
    "me": "demo.tess", "sites": SITES, "answers": choices_of(ANSWERS), "ends": ends_offered("not_in_parcel"),
    "holds": [{"value": "discrepancy", "label": "Discrepancy", "note": None}, {"value": "temperature", "label": "Temperature", "note": None}],
    "separation": None, "outcomes": [], "meaning": SEPARATION, "life": LIFE, "others": [case(44)], "form": {}, "errors": {},
}  # fmt: skip
ASKED = ONE | {
    "case": case(42, CaseState.ASKED) | OPEN, "may": NONE | {"assign": True, "answer": True}, "others": [],
    "life": [{**LIFE[0], "word": "Site asked", "sentence": "In the rack by the door?"}, *LIFE],
    "errors": {"found_out": "found_out seems to hold a phone number; write it without anything about a person."},
}  # fmt: skip
TWO = ONE | {
    "case": case(45, kind=KINDS["two_with_one_code"]) | OPEN, "may": NONE | {"assign": True, "separate": True},
    "holds": [], "others": [],
    "outcomes": [{"value": each.value, "label": RESOLUTIONS[each][0], "note": RESOLUTIONS[each][1]} for each in (Resolution.CODES_SEPARATED, Resolution.MISTAKE)],
    "separation": {"outcome": "Codes separated", "sentence": "The fuller one is of the kit", "other": {"printed": "T 4831 3456 24-52", "url": "#"}, "by": "Testa Tess", "at": AT, "approved_by": None, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "is_own": True},
}  # fmt: skip
OVER = ONE | {
    "case": case(46, CaseState.RESOLVED, due_at=None) | OPEN | {"stands": False, "answer": "It is here", "answer_sentence": "In the rack", "resolved_as": "Found", "resolution": "It came by courier", "resolved_by": "demo.lea", "resolved_at": AT},
    "may": NONE | {"reopen": True}, "holds": [], "others": [],
    "life": [{**LIFE[0], "word": "Resolved", "code": "Found", "sentence": "It came by courier", "heir": {"printed": "T 4831 3456 24-53", "url": "#"}}, {**LIFE[0], "word": "Given to somebody", "owner": "demo.lea"}, *LIFE],
}  # fmt: skip

CASE_PAGES = {
    "cases": ("discrepancies/cases.html", LIST),
    "cases_none": ("discrepancies/cases.html", LIST | {"cases": [], "next_url": None, "is_narrowed": False}),
    "cases_resolved": ("discrepancies/cases.html", LIST | {"cases": [case(46, CaseState.RESOLVED, due_at=None)], "asked": {"show": "resolved", "owner": ""}}),
    "cases_refused": ("discrepancies/cases.html", LIST | {"form": {"sentence": "x"}, "errors": {"cases": "Choose at least one case."}}),
    "cases_read": ("discrepancies/cases.html", LIST | {"may_change": False}),
    "case": ("discrepancies/case.html", ONE),
    "case_asked": ("discrepancies/case.html", ASKED),
    "case_two": ("discrepancies/case.html", TWO),
    "case_over": ("discrepancies/case.html", OVER),
}  # fmt: skip
