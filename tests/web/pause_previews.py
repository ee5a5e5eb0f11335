"""Previews of legal holds, ceremonies, pieces to look for again and pools."""

from datetime import UTC, date, datetime

AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
ORDERS = [
    {"identifier": f"N33108842176{number}", "printed": f"N 3310 8842 17-6{number}", "url": "#"}
    for number in range(2)
]
HOLD = {
    "number": 4, "reason": "Court order", "reference": "docket 4711", "placed_at": AT, "placed_by": "comp.cleo",
    "lifted_at": None, "lifted_by": None, "lifted_because": None,
}  # fmt: skip
REASONS = [{"value": "court_order", "label": "Court order"}, {"value": "subpoena", "label": "Subpoena"}]
PAUSES = {
    "printed": ORDERS[0]["printed"], "url": "#", "may_hold": True, "reasons": REASONS,
    "endings": [{"value": "duty_ended", "label": "Duty ended"}], "at_clinics": False, "by_setting": False, "lifting": None,
}  # fmt: skip
CEREMONY = {
    "number": 3, "on": date(2026, 12, 1), "place": "A place outside", "state": {"word": "Planned", "tone": "wait"},
    "planned": True, "orders": ORDERS,
}  # fmt: skip
CEREMONIES = {
    "waiting": ORDERS, "places": [{"value": "outside", "label": "A place outside"}, {"value": "biobank-1", "label": "Biobank"}],
    "today": "2026-12-01", "settling": None, "chosen": [],
}  # fmt: skip
PIECE = {
    "identifier": "T483134562451", "printed": "T 4831 3456 24-51", "url": "#", "label": "8 mL SST", "colour": "Tiger", "state": None,
    "sign": {"word": "To look for", "tone": "wrong"}, "open": True, "last_place": "B 4410 2291 07-35 A3", "checked_at": None,
    "checked_by": None,
}  # fmt: skip
LOOKED = PIECE | {
    "identifier": "T483134562452", "sign": {"word": "Looked for, not there", "tone": "right"}, "open": False, "last_place": None,
    "checked_at": AT, "checked_by": "bio.tess",
}  # fmt: skip
RECHECK = {"printed": "W 2200 1199 31-04", "url": "#", "batch_url": "#", "may_tell": True}
PAUSE_PAGES = {
    "pauses": ("destruction/pauses.html", PAUSES | {"holds": [HOLD]}),
    "pauses_lifted": ("destruction/pauses.html", PAUSES | {
        "holds": [HOLD | {"lifted_at": AT, "lifted_by": "comp.cleo", "lifted_because": "Duty ended"}], "may_hold": False,
        "at_clinics": True, "by_setting": True,
    }),
    "pauses_none": ("destruction/pauses.html", PAUSES | {"holds": [], "errors": {"because": "Say whose duty it is to keep it."}}),
    "ceremonies": ("destruction/ceremonies.html", CEREMONIES | {"ceremonies": [CEREMONY, CEREMONY | {"number": 2, "planned": False, "state": {"word": "Held", "tone": "right"}}]}),
    "ceremonies_none": ("destruction/ceremonies.html", CEREMONIES | {"ceremonies": [], "waiting": []}),
    "rechecks": ("destruction/rechecks.html", {"batches": [{"printed": "W 2200 1199 31-04", "url": "#", "total": 7, "left": 5}]}),
    "rechecks_none": ("destruction/rechecks.html", {"batches": []}),
    "recheck": ("destruction/recheck.html", RECHECK | {"left": 1, "lines": [PIECE, LOOKED]}),
    "recheck_done": ("destruction/recheck.html", RECHECK | {"left": 0, "may_tell": False, "lines": [LOOKED]}),
    "pool": ("processing/pool.html", {"zone": "America/Chicago", "question": None, "errors": {"specification": "Say what it is, such as serum pool."}}),
    "pool_asked": ("processing/pool.html", {"zone": "America/Chicago", "question": "T 4831 3456 24-51 is under a hold (withdrawal). It may not be used.", "form": {"parts": "T483134562451", "used_up": "yes"}}),
}  # fmt: skip
