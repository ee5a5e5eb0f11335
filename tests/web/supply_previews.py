"""Previews of the pages about mailed kits."""

from datetime import UTC, date, datetime

AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
STOP = {"word": "Withdrew or died: mail nothing", "tone": "wrong"}
LATE = {"word": "Late", "tone": "late"}
FILTERS = [
    {"label": label, "url": "#", "current": not at}
    for at, label in enumerate(
        ("Open", "To be mailed", "Participant withdrew or died", "Late", "Back without a sample")
    )
]
ROW = {
    "number": "999999", "url": "#", "participant": "A123456789", "participant_url": "#", "product": "GenoTek DNA Kit",
    "barcode": "SABR90160121IN", "ordered_on": date(2026, 11, 2), "state": {"word": "Mailed", "tone": "wait"}, "since": AT,
    "warnings": [],
}  # fmt: skip
TOLD = {
    "number": 2, "who": "The carrier", "way": "To the participant", "status": "IN_TRANSIT", "finding": None, "state": ROW["state"],
    "tracking_number": "P12435464423", "flags": [], "recorded_at": AT, "recorded_by": "prog.system",
}  # fmt: skip
WAY = {
    "label": "To the participant", "carrier": "USPS", "tracking_number": "P12435464423", "status": "IN_TRANSIT",
    "expected_on": date(2026, 11, 23), "at": AT,
}  # fmt: skip
SUPPLY_PAGES = {
    "supplies": (
        "supplies/orders.html",
        {
            "filters": FILTERS,
            "orders": [
                ROW | {"warnings": [LATE]},
                ROW | {"number": "W-17", "participant_url": None, "barcode": None, "product": None, "ordered_on": None,
                       "state": {"word": "Ordered", "tone": "wait"}, "warnings": [STOP]},
            ],
            "next_url": "#",
        },
    ),
    "supplies_none": ("supplies/orders.html", {"filters": FILTERS, "orders": [], "next_url": None}),
    "supply_order": (
        "supplies/order.html",
        {
            "order": ROW | {"warnings": [LATE]},
            "asked": {"supplier": "GenoTek", "order_type": "salivary pilot", "quantity": 2, "fulfilment": "Y1A0A0AZ"},
            "kit": {"printed": "K 4831 3456 24-51", "url": "#", "label": "as-ordered"},
            "ways": [WAY, WAY | {"label": "Back to the biobank", "at": None, "carrier": None, "expected_on": None}],
            "versions": [
                TOLD | {"flags": ["It is told as mailed after it was delivered; it stays so."]},
                TOLD | {"number": 1, "who": "The supplier", "way": None, "tracking_number": None, "status": "shipped"},
            ],
            "may_open": True,
        },
    ),
    "supply_order_new": (
        "supplies/order.html",
        {
            "order": ROW | {"barcode": None, "state": {"word": "Ordered", "tone": "wait"}},
            "asked": {"supplier": None, "order_type": None, "quantity": 1, "fulfilment": None},
            "kit": None, "ways": [], "versions": [TOLD | {"number": 1, "who": "Seen here", "status": None, "finding": "No sample was in it."}], "may_open": False,
        },
    ),
}  # fmt: skip
