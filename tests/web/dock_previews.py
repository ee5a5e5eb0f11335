"""The dock and the receipt of a parcel with invented contexts, as their templates' heads ask for."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

CAME = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")


def after(hours: float) -> datetime:
    return (CAME + timedelta(hours=hours)).astimezone(CHICAGO)


def sign(word: str, tone: str) -> dict:
    return {"word": word, "tone": tone}


def tube(last: str, label: str = "8 mL SST", colour: str | None = "Red and gray", **more: object) -> dict:
    return {
        "identifier": f"T4831345624{last}",
        "printed": f"T 4831 3456 24-{last}",
        "url": "#",
        "label": label,
        "colour": colour,
        **more,
    }


def line(last: str, code: str, word: str, tone: str, label: str, colour: str | None, *conditions: str, note: str | None = None, held: bool = False) -> dict:  # fmt: skip
    told = [sign(condition, "late") for condition in conditions]
    return tube(
        last, label, colour, code=code, presence=sign(word, tone), conditions=told, note=note, held=held
    )


PARCEL = {
    "identifier": "X220041879012", "printed": "X 2200 4187 90-12", "url": "/shipments/X220041879012", "state": sign("Opened", "wait"),
    "receiving": True, "is_here": True, "unannounced": False, "sender": "Clinic Lakeside", "receiver": "Central biobank",
    "step": {"action": "receive", "label": "Close the receipt"}, "wrong": None, "carrier": "Courier", "tracking": "794612345678", "seal": "seal 4471",
    "logger": None, "dry_ice": "2.5 kg", "dispatched_at": after(5), "arrived_at": after(27), "expected": 7, "found": 2, "unseen": 4,
    "kits": 1, "may_count": True, "unknown_url": "#",
}  # fmt: skip
MANIFEST = [
    line("88", "unseen", "not yet seen", "wait", "Paxgene RNA", "Clear/Red"),
    line(
        "63", "missing", "not in the parcel", "wrong", "4 mL EDTA", "Lavender",
        note="Look again before it is called lost.",
    ),
    line("51", "found", "found", "right", "8 mL SST", "Red and gray", "low volume", "haemolysed", held=True),
]  # fmt: skip
EXTRA = [
    line("19", "extra", "not on the manifest", "ask", "Urine 10 mL", "Yellow", note="The sender is asked.")
]
CHOICES = [
    {"value": value, "label": label, "is_so": value == "low_volume"}
    for value, label in (
        *(("broken", "broken"), ("leaked", "leaked"), ("low_volume", "low volume")),
        *(("haemolysed", "haemolysed"), ("too_warm", "too warm"), ("mislabelled", "mislabelled")),
        *(("label_unreadable", "label unreadable"), ("expired", "expired")),
    )
]
FIRST = {
    "tubes": [
        tube("41", phase="late", sign=sign("Too late", "wrong"), need="Centrifuge", until=after(-2)),
        tube("42", phase="hurry", sign=sign("Now, before others", "late"), need="Centrifuge", until=after(30)),
        tube("43", "Paxgene RNA", "Clear/Red", phase="ready", sign=sign("In time", "wait"), need="Freeze as it is", until=after(90)),
        tube("44", phase="unknown", sign=sign("Collection time not known", "ask"), need="Aliquot", until=None),
    ],
    "more": 3,
}  # fmt: skip
RECEIPT = {
    "parcel": PARCEL, "in_hand": MANIFEST[2] | {"choices": CHOICES}, "first": FIRST, "lines": MANIFEST, "extra": EXTRA, "closing": None,
    "print_link": {"label": "Print label", "url": "#"}, "voided": None, "ask_back": None, "form": {}, "errors": {},
}  # fmt: skip
NOTHING = {"tubes": [], "more": 0}
KINDS = [{"value": "1ED04", "label": "4 mL EDTA (1ED04)", "note": None}] * 8
SITES = [{"value": "c", "label": "Clinic Lakeside", "note": None}, {"value": "d", "label": "Clinic Harbour", "note": None}]  # fmt: skip


def parcel(last: str, **more: object) -> dict:
    return {
        "identifier": f"X2200418790{last}", "printed": f"X 2200 4187 90-{last}", "url": "#", "state": sign("Arrived", "wait"),
        "sender": "Clinic Lakeside", "receiver": "Central biobank", "dispatched_at": after(1), "since": after(2), **more,
    }  # fmt: skip


DOCK = {
    "mode": "arrive", "a_list": 40, "ask_back": None, "form": {}, "errors": {},
    "overdue": [parcel("12", carrier="FedEx", tracking="794612345678", due_on=after(20).date())],
    "coming": [parcel("13", carrier=None, tracking=None, due_on=None, dispatched_at=None)],
    "arrived": [parcel("14", arrived_at=after(27), unannounced=True), parcel("15", arrived_at=None, unannounced=False)],
    "drafts": [parcel("16", arrived_at=after(26), unannounced=False, begun_by="Testa Technician", begun_at=after(27), found=12, lines=40)],
    "received": [parcel("17", received_at=after(28))] * 41,
    "first": FIRST["tubes"],
}  # fmt: skip
EMPTY = {"overdue": [], "coming": [], "arrived": [], "drafts": [], "received": [], "first": []}

DOCK_PAGES = {
    "dock": ("shipments/dock.html", DOCK),
    "dock_open": ("shipments/dock.html", DOCK | EMPTY | {"mode": "open"}),
    "unannounced": ("shipments/unannounced.html", {"docks": SITES[:1], "senders": SITES, "carriers": SITES, "form": {}, "errors": {}}),
    "unannounced_wrong": ("shipments/unannounced.html", {"docks": SITES, "senders": SITES, "carriers": SITES, "form": {}, "errors": {"carrier": "Say which carrier this tracking number is of."}}),
    "unknown_tube": ("shipments/unknown_tube.html", {"parcel": PARCEL, "kinds": KINDS, "form": {}, "errors": {}}),
    "parcel": ("shipments/parcel.html", RECEIPT),
    "parcel_wrong": ("shipments/parcel.html", RECEIPT | {"in_hand": None, "lines": MANIFEST[:1], "extra": [], "first": NOTHING, "parcel": PARCEL | {"wrong": {"step": "open", "label": "Wrong parcel: it is not open"}}}),
    "parcel_closing": ("shipments/parcel.html", RECEIPT | {"closing": 4}),
    "parcel_counted_wrong": ("shipments/parcel.html", RECEIPT | {"in_hand": None, "errors": {"pieces": "You counted 9 and the manifest names 7; scan each tube."}}),
    "parcel_asked": ("shipments/parcel.html", RECEIPT | {"ask_back": {"url": "#", "told": {"text": "T483134562451"}, "reason_code": "unexpected_step"}}),
    "parcel_unannounced": ("shipments/parcel.html", RECEIPT | {"lines": [], "in_hand": None, "first": NOTHING, "parcel": PARCEL | {"unannounced": True, "expected": 0, "found": 0, "unseen": 0, "sender": "an unknown sender", "may_count": False}}),
    "parcel_closed": ("shipments/parcel.html", RECEIPT | {"in_hand": None, "extra": [], "first": NOTHING, "parcel": PARCEL | {"receiving": False, "is_here": False, "arrived_at": None, "carrier": None, "step": None, "may_count": False}}),
}  # fmt: skip
