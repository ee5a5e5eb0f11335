"""The pages of custodians outside and of what they attest, with invented contexts."""

from datetime import UTC, date, datetime

AT = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def option(value: str, label: str, note: str | None = None) -> dict:
    return {"value": value, "label": label, "note": note}


def tube(last: str) -> dict:
    return {
        "identifier": f"T4831345624{last}", "printed": f"T 4831 3456 24-{last}", "url": "#", "label": "8 mL SST",
        "colour": "Red and gray", "state": {"word": "Sent out", "tone": "wait"}, "since": AT,
    }  # fmt: skip


LAB = {
    "code": "LAB-1", "url": "#", "kind": "Contract lab", "organisation": "Invented Laboratories",
    "agreement": "AG-2026-7", "state": {"word": "In use", "tone": "right"}, "in_use": True, "holds": 2,
}  # fmt: skip
BURNER = LAB | {
    "code": "WASTE-1",
    "kind": "Waste contractor",
    "organisation": "Invented Incineration",
    "holds": 0,
}
KINDS = [option("contract_lab", "Contract lab"), option("repository", "Repository")]
METHODS = [option("autoclave", "Autoclave"), option("incineration", "Incineration")]
ROLES = [option(each, each.replace("_", " ").capitalize()) for each in ("director", "quality_manager")]
WANTED = [
    option("keep_unused", "Keep it and use nothing of it"),
    option("return", "Send it back"),
    option("destroy", "Destroy it and attest that"),
]
ORDER = {"printed": "N 3310 8842 17-60", "url": "#"}
ASKED = {"wanted": "Destroy it and attest that", "asked_at": AT, "due_at": AT}
NOT_ASKED = {"wanted": None, "asked_at": None, "due_at": None}


def line(last: str, word: str, tone: str, attestation_url: str | None = None, *, asked: dict = ASKED) -> dict:
    state = {"word": word, "tone": tone}
    return tube(last) | asked | {"order": ORDER, "state": state, "attestation_url": attestation_url}


LINES = [
    line("51", "Ask the custodian", "late", asked=NOT_ASKED),
    line("52", "No answer in time", "wrong"),
    line("53", "Attested, to be accepted", "wait", "#"),
]
ATTESTATION = {
    "number": 7, "url": "#", "grade": "Attested", "custodian": "LAB-1", "organisation": "Invented Laboratories",
    "document": "DOC-2026-9", "document_sha256": SHA256, "signer_role": "Quality manager", "received_at": AT,
    "received_by": "bio.lea", "pieces": 2, "state": {"word": "Waits for compliance", "tone": "wait"}, "sha256": SHA256,
}  # fmt: skip
PIECE = {
    "printed": "T 4831 3456 24-51", "url": "#", "label": "8 mL SST", "orders": [ORDER], "destroyed_on": date(2026, 11, 1),
    "method": "Autoclave", "reference": "RUN-77", "file_line": None,
}  # fmt: skip
CONTAINER = {
    "printed": "H 9000 1200 44-08", "url": "#", "contractor": "WASTE-1", "manifest": "M-2026-1", "handed_over_at": AT,
    "returned_url": None, "enter_url": "#",
}  # fmt: skip
ENTERING = {
    "custodian": {"code": "LAB-1", "organisation": "Invented Laboratories"}, "batch": None, "items": [tube("51"), tube("52")],
    "roles": ROLES, "methods": METHODS, "ticked": set(), "problems": [],
}  # fmt: skip
BAG = {
    "identifier": "H900012004408",
    "printed": "H 9000 1200 44-08",
    "contractor": "WASTE-1",
    "manifest": "M-2026-1",
}
DECIDING = {
    "attestation": ATTESTATION, "pieces": [PIECE, PIECE | {"file_line": 3}], "batch": None, "end": None, "may_decide": True,
    "meaning": "I checked this against its document, and I accept that these specimens are destroyed.",
    "reasons": [option("not_signed", "Not signed"), option("it_came_back", "It came back")],
}  # fmt: skip
REFUSED = {"word": "Refused", "tone": "wrong"}
OUTSIDE = {
    "custodians": [{"code": "LAB-1", "organisation": "Invented Laboratories", "url": "#", "attest_url": "#", "lines": LINES}],
    "waiting": [ATTESTATION], "containers": [CONTAINER], "wanted": WANTED, "may_ask": True, "may_attest": True,
    "ticked": set(),
}  # fmt: skip
PAGES = {
    "custodians": ("custodians/custodians.html", {"custodians": [LAB, BURNER], "kinds": KINDS, "may_add": True, "outside_url": "#"}),
    "custodians_none": ("custodians/custodians.html", {"custodians": [], "kinds": KINDS, "may_add": False, "outside_url": None, "errors": {"code": "Such a code cannot be."}}),
    "custodian": ("custodians/custodian.html", {
        "custodian": LAB, "purposes": [option("contract_work", "Contract work"), option("storage", "Storage")], "items": [tube("51")],
        "next_url": "#", "may_change": True, "attest_url": "#", "form": {"organisation": "Invented Laboratories", "agreement": "AG-2026-7"},
    }),
    "custodian_bare": ("custodians/custodian.html", {"custodian": BURNER, "purposes": [], "items": [], "next_url": None, "may_change": False, "attest_url": None}),
    "outside": ("custodians/outside.html", OUTSIDE),
    "outside_none": ("custodians/outside.html", OUTSIDE | {"custodians": [], "waiting": [], "containers": []}),
    "attest": ("custodians/attest.html", ENTERING),
    "attest_refused": ("custodians/attest.html", ENTERING | {"problems": ["Line 3, column code: it stands in line 2 already."]}),
    "attest_manifest": ("custodians/attest.html", ENTERING | {"batch": BAG, "items": []}),
    "attestation": ("custodians/attestation.html", DECIDING),
    "attestation_refused": ("custodians/attestation.html", DECIDING | {
        "attestation": ATTESTATION | {"state": REFUSED, "signer_role": None}, "end": {"by": "comp.cora", "at": AT, "because": "Not signed"},
        "may_decide": False, "batch": {"printed": BAG["printed"], "url": "#"},
    }),
}  # fmt: skip
