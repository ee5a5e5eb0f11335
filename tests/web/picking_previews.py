"""The pages of pick lists and of what is out, with invented contexts."""

from datetime import UTC, datetime

AT = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
NOTHING = {"form": {}, "errors": {}}


def option(value: str, label: str) -> dict:
    return {"value": value, "label": label, "note": None}


def path(*names: str) -> list:
    return [{"name": name, "url": "#"} for name in names]


def piece(last: str, position: str, **more: object) -> dict:
    return {
        "identifier": f"T4831345624{last}", "printed": f"T 4831 3456 24-{last}", "url": "#", "position": position,
        "kind": "aliquot", "specification": "plasma", "volume": "0.5 mL", **more,
    }  # fmt: skip


def sign(word: str, tone: str) -> dict:
    return {"word": word, "tone": tone}


ROW = {
    "number": 7, "url": "/pick-lists/7", "state": sign("To pick", "wait"), "purpose": "For a study",
    "goes_to": "UNI-1", "to_pick": 12, "pieces": 40, "made_at": AT,
}  # fmt: skip
BOX = path("Central biobank", "Freezer 12", "Shelf 2", "Rack 3", "Box 07-35")
HERE = {
    "path": BOX,
    "count": 3,
    "code": "X1",
    "pieces": [piece("51", "A9"), piece("15", "A10"), piece("33", "H12", volume=None)],
}
GAP = {
    "identifier": "T483134562460", "printed": "T 4831 3456 24-60", "url": "#", "why": "not there", "looked_up": True,
    "instead": [piece("78", "C4", path=[*BOX, {"name": "C4", "url": None}])],
}  # fmt: skip
OUT = [
    piece("81", "", by="testa.technician", due_at=AT, late=True),
    piece("82", "", by="testa.other", due_at=AT, late=False),
]
LIST = {
    "listed": ROW, "study": {"number": "REQ-7", "study": "STUDY-A", "url": "#"}, "doors": 2, "left": 12, "short": 3,
    "picks": True, "here": HERE, "next": [{"path": BOX, "count": 8, "code": "X2"}, {"path": BOX, "count": 1, "code": "X3"}], "more_stops": 4,
    "gone": [piece("90", "B1", why="under a hold")], "out": OUT, "out_in_all": 2, "may_hand_over": True,
    "gaps": [GAP, GAP | {"instead": [], "why": "left storage"}, GAP | {"instead": [], "looked_up": False}],
    "may_send_out": False, "reasons": [option("not_needed", "Not needed"), option("made_by_mistake", "Made by mistake")],
    **NOTHING,
}  # fmt: skip
DONE = LIST | {
    "listed": ROW | {"state": sign("Done", "right"), "to_pick": 0}, "here": None, "next": [], "more_stops": 0, "gone": [],
    "gaps": [], "out": [], "out_in_all": 0, "left": 0, "doors": 0, "short": 0, "may_hand_over": False,
}  # fmt: skip
TO_LAB = {"listed": ROW | {"purpose": "For a laboratory outside", "goes_to": "LAB-1"}, "study": None}
NEW = {
    "study": None, "portions": [], "sites": [option("biobank-1", "Central biobank")], "clinics": [],
    "purposes": [option("bench", "Bench"), option("contract_work", "Contract work")], "custodians": ["LAB-1", "LAB-2"],
    "kinds": [option("aliquot", "Aliquot"), option("tube", "Tube")],
    "rules": [option("oldest", "Oldest first"), option("whole_boxes", "From the fullest boxes")], **NOTHING,
    "form": {"rule": "oldest"},
}  # fmt: skip
CARD = {
    "identifier": "T483134562481", "printed": "T 4831 3456 24-81", "url": "#", "label": "4 mL EDTA", "colour": "Lavender",
}  # fmt: skip
OUT_ROW = CARD | {
    "since": AT, "due_at": AT, "late": True, "by": "testa.technician", "list": {"number": 7, "url": "#"},
    "goes_to": "BENCH-4",
}  # fmt: skip
DID = [option("analysed", "Analysed"), option("part_taken", "Part taken"), option("not_used", "Not used")]
OUT_PAGE = {
    "out": [OUT_ROW, OUT_ROW | {"late": False, "list": None, "by": None, "goes_to": None}], "late": 1, "more": True,
    "takes_scans": True, "piece": None, "did": DID, "ask_back": None, **NOTHING,
}  # fmt: skip
PIECE = CARD | {"at_lab": False, "before": True, "path": [*BOX, {"name": "A9", "url": None}]}
PICKING_PAGES = {
    "pick_lists": ("retrieval/lists.html", {
        "lists": [ROW, ROW | {"number": 6, "state": sign("Picked, still out", "late")}], "next_url": "#", "may_make": True}),
    "pick_lists_none": ("retrieval/lists.html", {"lists": [], "next_url": None, "may_make": False}),
    "pick_new": ("retrieval/new.html", NEW),
    "pick_new_study": ("retrieval/new.html", NEW | {
        "study": {"number": "REQ-7", "study": "STUDY-A"}, "portions": [{"name": "count_1", "label": "Tube, any", "left": 12}],
        "sites": [option("biobank-1", "Central biobank"), option("biobank-2", "Second biobank")],
        "errors": {"count_1": "Type a whole number."}}),
    "pick_list": ("retrieval/list.html", LIST),
    "pick_list_lab": ("retrieval/list.html", LIST | TO_LAB | {"may_hand_over": False, "may_send_out": True, "short": 0}),
    "pick_list_done": ("retrieval/list.html", DONE),
    "check_outs": ("retrieval/out.html", OUT_PAGE),
    "check_outs_none": ("retrieval/out.html", OUT_PAGE | {"out": [], "late": 0, "more": False}),
    "check_outs_piece": ("retrieval/out.html", OUT_PAGE | {"piece": PIECE}),
    "check_outs_elsewhere": ("retrieval/out.html", OUT_PAGE | {
        "piece": PIECE | {"path": [], "before": False}, "errors": {"taken": "Type a number, such as 3.5."}}),
    "check_outs_lab": ("retrieval/out.html", OUT_PAGE | {"piece": PIECE | {"at_lab": True, "path": []}}),
    "check_outs_asked": ("retrieval/out.html", OUT_PAGE | {
        "ask_back": {"url": "/check-outs/back", "told": {"item": "T483134562481"}, "reason_code": "position_taken"}}),
}  # fmt: skip
