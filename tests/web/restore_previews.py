"""Previews of what a restore left: the page while nothing may be written, and what is entered again after it."""

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ENTRY = dict.fromkeys(("certificate", "sha256", "settlement", "held_on", "site", "because", "reference"))
ORDER = {"order": "D 3310 8842 17-60", "url": "#"}
ENTRIES = [
    ENTRY | ORDER | {"what": "certificate", "certificate": "C 5512 0092 61-20", "sha256": SHA256},
    ENTRY | ORDER | {
        "what": "ceremony_settled", "settlement": "held", "held_on": "2026-11-20", "site": "biobank-1", "url": None,
    },
    ENTRY | ORDER | {"what": "legal_hold_placed", "because": "court order", "reference": "docket 4711", "url": None},
]  # fmt: skip
RESTORE_PAGES = {
    **{
        f"restore_{cause}": ("journal/restore.html", {"cause": cause, "entering": entering})
        for cause, entering in (
            ("older_than_journal", 2), ("journal_unreadable", 0), ("older_than_checkpoint", 0), (None, 0),
        )
    },
    "to_enter": ("journal/to_enter.html", {"entries": ENTRIES}),
    "to_enter_nothing": ("journal/to_enter.html", {"entries": []}),
}  # fmt: skip
