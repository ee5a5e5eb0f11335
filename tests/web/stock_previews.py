"""The pages of stock, recalls and reports with invented contexts."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

from biobank.web.report_tables import Column, Row, Table

AT = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
EXPIRED, SOON = {"word": "Expired", "tone": "wrong"}, {"word": "Expires soon", "tone": "late"}


def shelf(
    lot: str | None, *signs: dict, expires_on: date | None = date(2027, 3, 1), confirm: bool = False
) -> dict:
    return {
        "site": "clinic-1", "site_name": "Clinic", "definition": "adult-3.2", "lot": lot or "", "kits": 12,
        "expires_on": expires_on, "signs": list(signs), "url": "#", "newest": 41, "may_confirm": confirm,
    }  # fmt: skip


def kit(last: str) -> dict:
    return {
        "identifier": f"K4831345624{last}", "printed": f"K 4831 3456 24-{last}", "url": "#", "label": "adult-3.2",
        "colour": None, "state": {"word": "Issued", "tone": "wait"}, "place": [{"name": "Clinic", "url": None}],
        "expires_on": date(2027, 3, 1), "since": AT,
    }  # fmt: skip


SITES = [
    {"value": "clinic-1", "label": "Clinic", "note": None},
    {"value": "clinic-2", "label": "Other clinic", "note": None},
]
STOCK = {
    "filters": [], "several": False, "summaries": [],
    "low": [{"site_name": "Clinic", "kit": "adult", "usable": 3, "lowest": 10}],
    "coming": [shelf("L 77", confirm=True), shelf(None, expires_on=None)],
    "shelves": [shelf("L 70", EXPIRED), shelf("L 71", SOON, {"word": "Recalled", "tone": "wrong"}), shelf("L 72")],
    "warning_days": 30, "gone_days": 30,
    "gone": [SimpleNamespace(definition="adult-3.2", used=9, voided=1, returned=2)],
    "levels": [{"site_name": "Clinic", "kit": "adult", "lowest": 10}],
    "level_sites": SITES[:1], "level_kits": [{"value": "adult", "label": "adult", "note": None}],
    "takes_scans": True,
}  # fmt: skip
EVERY_SITE = STOCK | {
    "filters": [{"label": "All sites", "url": "#", "current": True}, {"label": "Clinic", "url": "#", "current": False}],
    "several": True, "coming": [], "shelves": [], "level_sites": SITES,
    "summaries": [
        {"name": "Clinic", "url": "#", "kits": 36, "coming": 12, "expires_on": date(2026, 12, 1), "signs": [SOON]},
        {"name": "Other clinic", "url": "#", "kits": 4, "coming": 0, "expires_on": None, "signs": []},
    ],
}  # fmt: skip
NO_STOCK = STOCK | {
    "low": [], "coming": [], "shelves": [], "gone": [], "levels": [], "level_sites": [], "takes_scans": False,
}  # fmt: skip
SHELF = {
    "site_name": "Clinic", "coming": False, "definition": "adult-3.2", "lot": "L 72", "back_url": "#",
    "items": [kit("51"), kit("52")], "next_url": "#",
}  # fmt: skip
OUT = {
    "action": "return",
    "actions": [{"label": "Give back to the biobank", "url": "#", "current": True}, {"label": "Void here", "url": "#", "current": False}],
    "reasons": [{"value": each, "label": each.capitalize(), "note": None} for each in ("expired", "damaged", "surplus")],
    "form": {"reason": "damaged"}, "errors": {}, "ask_back": None,
}  # fmt: skip
RECALL = {
    "number": 3, "url": "#", "lot": "DEMO-1", "specification": "1ED04", "cause": "Maker's notice", "notice": "FSN 2026-11",
    "state": {"word": "Standing", "tone": "wrong"}, "stands": True, "opened_at": AT, "opened_by": "demo.lead",
    "lifted_at": None, "lifted_by": None, "lifted_because": None, "left": 11, "items": 120,
}  # fmt: skip
LIFTED = RECALL | {
    "state": {"word": "Lifted", "tone": "plain"}, "stands": False, "lifted_at": AT, "lifted_by": "demo.lead",
    "lifted_because": "The maker took its notice back.", "specification": "",
}  # fmt: skip
COUNTS = [
    {"site": "Clinic", "state": {"word": "Issued", "tone": "wait"}, "items": 4},
    {"site": None, "state": {"word": "Lost", "tone": "wrong"}, "items": 1},
]
PARTS = [
    {"label": "To find", "tone": "wait", "count": 11},
    {"label": "Found and put aside", "tone": "right", "count": 9},
]
TOLD = {
    "recall": RECALL, "takes_scans": True, "may_lift": True, "chosen": "Clinic", "next_url": "#",
    "counts": [
        {"site": "Clinic", "url": "#", "left": 11, "total": 20, "parts": PARTS},
        {"site": "Central biobank", "url": "#", "left": 0, "total": 3, "parts": PARTS[1:]},
    ],
    "items": [kit("51"), kit("52") | {"colour": "Lavender", "label": "4 mL EDTA"}],
}  # fmt: skip
LOOKED = {
    "lot": "DEMO-1", "specification": "", "kits": COUNTS, "tubes": COUNTS, "made": COUNTS, "total": 15,
    "causes": [{"value": "recalled_by_maker", "label": "Recalled by maker", "note": None}], "form": {}, "errors": {},
}  # fmt: skip
DAYS = tuple(Row(f"2026-11-{day:02}", (day % 7 * 1.5, None if day == 3 else day / 2)) for day in range(1, 15))
FILL = Table(
    "Freezer", "percent of its positions",
    (Column("Percent full"), Column("Taken", drawn=False), Column("Free", drawn=False)),
    (Row("Freezer 1", (62.5, 6000, 3600), is_name=True), Row("Freezer 2 by the door", (97.1, 9322, 278), is_name=True), Row("Store", (4.0, 384, 9216), is_name=True)),
)  # fmt: skip
FLOOR_REPORTS = [
    {"label": label, "url": "#", "current": label == "How full freezers are"}
    for label in ("Collections", "Turnaround", "Short and not collected", "Late and missing", "Receipts", "Cases opened", "How full freezers are", "Held for temperature")
]  # fmt: skip
REPORT = {
    "title": "Turnaround", "note": "Hours from the collection until nine of ten tubes, and half of them, were so far.",
    "reports": [{"label": "Collections", "url": "#", "current": False}, {"label": "Turnaround", "url": "#", "current": True}],
    "periods": [{"label": "7 days", "url": "#", "current": False}, {"label": "28 days", "url": "#", "current": True}],
    "site_choices": SITES, "action": "/reports/turnaround", "file_url": "#",
    "form": {"first": "2026-11-01", "last": "2026-11-14", "site": "clinic-1"}, "errors": {},
    "table": Table("Day", "hours since the collection", (Column("Sent, median"), Column("Sent, nine of ten", dashed=True)), DAYS, "lines"),
}  # fmt: skip
SHORTFALLS = Table("Reason", "tubes", (Column("Tubes"),), (Row("Fainted", (7,)), Row("Short", (3,))))

PAGES = {
    "stock": ("kits/stock.html", STOCK),
    "stock_every_site": ("kits/stock.html", EVERY_SITE),
    "stock_none": ("kits/stock.html", NO_STOCK),
    "stock_shelf": ("kits/shelf.html", SHELF),
    "stock_shelf_empty": ("kits/shelf.html", SHELF | {"items": [], "coming": True, "lot": "", "next_url": None}),
    "stock_out": ("kits/out.html", OUT),
    "stock_out_asked": ("kits/out.html", OUT | {"ask_back": {"url": "#", "told": {"text": "K1"}, "reason_code": "unexpected_step"}}),
    "recalls": ("recalls/recalls.html", {"filters": REPORT["periods"], "recalls": [RECALL, LIFTED], "next_url": "#", "may_look": True}),
    "recalls_none": ("recalls/recalls.html", {"filters": [], "recalls": [], "next_url": None, "may_look": False}),
    "recall_look": ("recalls/look.html", LOOKED),
    "recall_look_nothing": ("recalls/look.html", LOOKED | {"kits": [], "tubes": [], "made": [], "total": 0, "specification": "1ED04", "errors": {"cause": "Choose why the lot is recalled."}}),
    "recall": ("recalls/recall.html", TOLD),
    "recall_done": ("recalls/recall.html", TOLD | {"items": [], "next_url": None, "chosen": None}),
    "recall_lifted": ("recalls/recall.html", TOLD | {"recall": LIFTED, "takes_scans": False, "may_lift": False, "counts": [], "items": []}),
    "report": ("reports/report.html", REPORT),
    "report_bars": ("reports/report.html", REPORT | {"table": SHORTFALLS, "site_choices": SITES[:1]}),
    "report_now": ("reports/report.html", REPORT | {"periods": [], "title": "How full freezers are", "note": "Positions of each freezer that are taken now, and those that are free.", "reports": FLOOR_REPORTS, "table": FILL}),
    "report_now_empty": ("reports/report.html", REPORT | {"periods": [], "table": Table("Freezer", "percent of its positions", (Column("Percent full"),), ())}),
    "report_empty": ("reports/report.html", REPORT | {"table": Table("Reason", "tubes", (Column("Tubes"),), ())}),
}  # fmt: skip
