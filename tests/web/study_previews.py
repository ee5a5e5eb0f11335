"""The pages of approved studies, of disclosures, legal demands and breaches, with invented contexts."""

from datetime import UTC, date, datetime

AT = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
DAY = date(2026, 11, 30)
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
NOTHING = {"form": {}, "errors": {}, "ticked": []}


def option(value: str, label: str) -> dict:
    return {"value": value, "label": label, "note": None}


STUDY = {
    "number": "REQ-7", "url": "#", "study": "STUDY-A", "receiver": "UNI-1", "agreement": "MTA-2026-3",
    "purpose": "Lipids, sleep", "valid_from": DAY, "valid_until": DAY,
    "state": {"word": "Approved", "tone": "right"},
    "portions": [{"kind": "Tube", "specification": "", "most": 50, "given": 2}],
}  # fmt: skip
PIECE = {
    "printed": "T 4831 3456 24-51", "url": "#", "item": "T483134562451", "study": "STUDY-A", "receiver": "UNI-1",
    "request": "REQ-7", "at": AT, "asked_on": None, "answer": None, "answered_on": None, "reference": None, "came_back": False,
}  # fmt: skip
ANSWERED = PIECE | {"answer": "used up", "answered_on": AT.date(), "reference": "L-77"}
ANSWERS = [
    option(each, each.replace("_", " ").capitalize()) for each in ("asked", "used_up", "kept", "destroyed")
]
REQUEST = {
    "study": STUDY, "registered": {"by": "demo.lea", "at": AT}, "approved": {"by": "demo.carla", "at": AT},
    "ended": None, "handed": [{"number": 3, "url": "#", "site": "biobank-1", "closed_at": AT}], "sha256": SHA256,
    "meaning": "I approve that material is handed to this study, as this request says.", "may_approve": False,
    "may_end": True, "may_hand_over": True, "may_pick": True, "pick_lists": [{"number": 7, "url": "#"}],
    "may_export": True, "may_check": True,
    "reasons": [option("study_finished", "Study finished"), option("approval_revoked", "Approval revoked")], **NOTHING,
}  # fmt: skip
WAITS = STUDY | {"state": {"word": "Waits for its approval", "tone": "wait"}}
DISTRIBUTION = {
    "number": 3, "url": "#", "study_request": {"number": "REQ-7", "url": "#"}, "study": "STUDY-A",
    "receiver": "UNI-1", "items": [PIECE | {"sample": "S-7KQ2-M9XD"}, PIECE | {"sample": None}], "open": True, "may_tell": True,
    "dates": [option("none", "None"), option("year", "Year"), option("month", "Month")],
    "formats": [option("csv", "File for programs (CSV)"), option("pdf", "Paper (PDF)")],
}  # fmt: skip
FIELDS = [{"value": "given_name", "label": "Given name"}, {"value": "phone", "label": "Phone"}]
DISCLOSURE = {
    "number": 12, "url": "#", "participant": "A123456789", "basis": "Report required", "demand": None,
    "demand_url": None, "gives_out": ["Given name", "Phone"], "receiver": "HEALTH-DEPT", "purpose": "Report of a finding",
    "state": {"word": "Handed out", "tone": "plain"}, "opened_by": "demo.carla", "approved_by": "demo.cora",
    "made_at": AT, "made_by": "demo.iris", "told_on": None, "not_told_because": "forbidden by court",
    "look_again_on": DAY, "sha256": SHA256,
}  # fmt: skip
SHOWN = {
    "disclosure": DISCLOSURE, "meaning": "I approve that these fields, and no others, are given to this receiver.",
    "may_approve": False, "may_hand_out": False, "may_drop": False, "may_tell": True,
    "ways": [option("phone", "Phone"), option("letter", "Letter")],
    "reasons": [option("forbidden_by_court", "Forbidden by court"), option("died", "Died")], **NOTHING,
}  # fmt: skip
DEMAND = {
    "number": 4, "url": "#", "reference": "CASE-12", "kind": "Subpoena", "demanded_by": "COURT-1", "received_on": DAY,
    "answer_by": DAY, "participants": ["A123456789"], "asks_for": ["Given name", "Phone"], "sha256": SHA256,
    "state": {"word": "Refused", "tone": "plain"},
    "decisions": [{"word": "Refused", "at": AT, "decided_by": "demo.carla", "reason": "Heard with counsel.",
                   "certificate": "CC-2026-9", "lets_out": []}],
}  # fmt: skip
BREACH = {
    "number": 2, "url": "#", "about": "Account", "named": "demo.iris", "from_at": AT, "until_at": AT,
    "cause": "stolen credentials", "found_on": DAY, "untold": 1,
    "cannot_be_known": ["What somebody saw on another's screen, or on paper, is in no record."],
    "people": [{"participant": "A123456789", "shown": ["Phone"], "confirmed": [], "looks": 2, "entries": 0,
                "message": None, "told_at": None},
               {"participant": "A200000001", "shown": [], "confirmed": ["Given name"], "looks": 1, "entries": 3,
                "message": "sent", "told_at": AT}],
}  # fmt: skip
STUDY_PAGES = {
    "studies": ("distribution/requests.html", {
        "requests": [STUDY, WAITS], "to_ask": 2, "unfinished": [{"number": 3, "url": "#", "site": "biobank-1"}],
        "next_url": None, "may_register": True}),
    "studies_none": ("distribution/requests.html", {
        "requests": [], "to_ask": 0, "unfinished": [], "next_url": None, "may_register": False}),
    "study_new": ("distribution/new.html", {
        "kinds": [option("aliquot", "Aliquot"), option("tube", "Tube")], "lines": range(1, 5), **NOTHING}),
    "study": ("distribution/request.html", REQUEST),
    "study_to_approve": ("distribution/request.html", REQUEST | {
        "study": WAITS, "approved": None, "handed": [], "may_approve": True, "may_hand_over": False, "may_pick": False, "pick_lists": [],
        "may_export": False, "errors": {"signer": "demo.lea registered request REQ-7; somebody else approves it."}}),
    "study_checked": ("distribution/checked.html", {"number": "REQ-7", "items": [PIECE]}),
    "distribution": ("distribution/distribution.html", DISTRIBUTION),
    "distribution_closed": ("distribution/distribution.html", DISTRIBUTION | {"open": False}),
    "holders": ("distribution/holders.html", {"items": [PIECE], "answered": [ANSWERED], "answers": ANSWERS, **NOTHING}),
    "disclosures": ("disclosures/disclosures.html", {
        "disclosures": [DISCLOSURE], "untold": [DISCLOSURE], "next_url": None, "may_make": True,
        "undecided": [{"url": "#", "reference": "CASE-12", "answer_by": DAY}]}),
    "disclosure_new": ("disclosures/new.html", {
        "bases": [option("legal_demand", "Legal demand"), option("danger", "Danger")], "field_choices": FIELDS, **NOTHING}),
    "disclosure": ("disclosures/disclosure.html", SHOWN),
    "disclosure_to_approve": ("disclosures/disclosure.html", SHOWN | {
        "may_approve": True, "may_tell": False, "may_drop": True,
        "disclosure": DISCLOSURE | {"approved_by": None, "made_by": None, "not_told_because": None, "demand": 4,
                                    "demand_url": "#", "state": {"word": "Waits for its approval", "tone": "wait"}}}),
    "disclosure_to_hand_out": ("disclosures/disclosure.html", SHOWN | {"may_hand_out": True, "may_tell": False}),
    "handed_out": ("disclosures/handed_out.html", {
        "number": 12, "rows": [{"label": "Given name", "text": "Testa"}, {"label": "Phone", "text": "+1 555 010 0417"}]}),
    "demands": ("disclosures/demands.html", {"demands": [DEMAND], "next_url": None, "may_make": True}),
    "demand_new": ("disclosures/new_demand.html", {
        "kinds": [option("subpoena", "Subpoena"), option("court_order", "Court order")], "field_choices": FIELDS, **NOTHING}),
    "demand": ("disclosures/demand.html", {
        "demand": DEMAND, "meaning": "I decided on this legal demand as it is recorded with my signature.",
        "decisions": [option("refused", "Refused"), option("complied", "Complied")], "field_choices": FIELDS,
        "may_decide": True, **NOTHING}),
    "breaches": ("disclosures/breaches.html", {"breaches": [BREACH], "next_url": None, "may_make": True}),
    "breach_new": ("disclosures/new_breach.html", {
        "abouts": [option("account", "Account"), option("window", "Window")], "causes": [option("misuse", "Misuse")],
        "steps": [option("watch_for_calls", "Watch for calls")], "chosen_steps": [], "zone": "America/Chicago",
        "cannot_be_known": BREACH["cannot_be_known"], **NOTHING}),
    "breach": ("disclosures/breach.html", {"report": BREACH, "may_tell": True, **NOTHING}),
}  # fmt: skip
