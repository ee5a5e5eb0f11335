"""Previews of the pages about the programme's feeds."""

from datetime import UTC, datetime

from biobank.feeds.formats import COLUMNS

AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
RECORDED = {"word": "Recorded", "tone": "right"}
KNOWN = {"word": "Known before", "tone": "plain"}
DELIVERY = {
    "number": 12, "url": "#", "file": "report_2026-10_withdrawals.csv", "received_at": AT, "received_by": "comp.cleo",
    "rows": 3, "outcomes": [{"sign": RECORDED, "count": 2}, {"sign": KNOWN, "count": 1}],
}  # fmt: skip
ROW = {
    "line": 2, "participant": "A123456789", "url": "#", "withdrew_at": AT, "entered_at": AT, "decision": 57, "sign": RECORDED,
    "sentence": "The withdrawal is recorded.", "new_participant": False, "ceremony_differs": False, "death": False,
}  # fmt: skip
LISTS = [{"label": "Decisions", "url": "#"}, {"label": "Deaths", "url": "#"}]
FEED_PAGES = {
    "feeds": (
        "feeds/feeds.html",
        {"deliveries": [DELIVERY, DELIVERY | {"file": None}], "acknowledged_at": AT, "lists": LISTS, "columns": COLUMNS},
    ),
    "feeds_none": (
        "feeds/feeds.html",
        {
            "deliveries": [],
            "acknowledged_at": None,
            "lists": LISTS,
            "columns": COLUMNS,
            "errors": {"file": "Nothing was taken: line 3, column withdrawal_time: this is no time with its zone."},
        },
    ),
    "delivery": (
        "feeds/delivery.html",
        {
            "delivery": DELIVERY,
            "rows": [
                ROW | {"new_participant": True, "death": True},
                ROW | {"sign": KNOWN, "sentence": "The participant had left already; nothing changed.", "ceremony_differs": True},
                ROW | {
                    "sign": {"word": "Not ours", "tone": "ask"}, "url": None, "entered_at": None, "decision": None,
                    "sentence": "The code is of another environment; nothing was recorded.",
                },
            ],
        },
    ),
}  # fmt: skip
