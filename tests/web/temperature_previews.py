"""The pages of temperature loggers with invented contexts."""

from datetime import UTC, datetime

from biobank.web.report_tables import Column, Row, Table

AT = datetime(2026, 11, 2, 8, 10, tzinfo=UTC)
PARCEL = {"identifier": "X483134562451", "printed": "X 4831 3456 24-51", "url": "#", "logger": "TL-7"}
FILE = {
    "number": 4, "url": "/temperatures/4", "parcel": PARCEL, "logger": "TL-7", "lowest": "−1.5", "highest": "21.3",
    "state": {"word": "Beyond a limit", "tone": "wrong"}, "mean_kinetic": "9.8", "first_at": AT, "last_at": AT,
    "taken_at": AT, "taken_by": "bio.tess", "count": 288, "beyond": 3, "open": 2, "confirmation": None,
    "layout": "Onset HOBO (HOBOware)",
}  # fmt: skip
FINE = FILE | {
    "state": {"word": "Within the limits", "tone": "right"}, "beyond": 0, "open": 0, "logger": None,
    "confirmation": "It lay in this parcel.",
}  # fmt: skip
LAYOUTS = [
    {"value": name, "label": name}
    for name in ("hoboware", "one_wire", "temptale", "elpro", "elitech", "plain", "x")
]
ZONES = [{"value": "America/Chicago", "label": "America/Chicago"}, {"value": "UTC", "label": "UTC"}]
LIST = {
    "parcel": None, "files": [FILE, FINE], "next_url": "#", "may_read": True, "asked": False, "layouts": LAYOUTS,
    "zones": ZONES, "kept": None,
}  # fmt: skip
OF_ONE = LIST | {"parcel": PARCEL, "files": [], "next_url": None}
ASKED = OF_ONE | {
    "asked": True, "kept": {"name": "box4.csv", "content": "YQ=="}, "parcel": PARCEL | {"logger": None},
    "errors": {"": "Nobody told the number of a logger when this parcel was packed."},
}  # fmt: skip


def excursion(last: str, **more: object) -> dict:
    return {
        "identifier": f"T4831345624{last}", "printed": f"T 4831 3456 24-{last}", "url": "#", "label": "Urine 10 mL",
        "colour": "Yellow", "state": {"word": "Received", "tone": "right"}, "limit": "Warmer than 8 °C",
        "meaning": "Urine without a preservative is at room temperature for at most two hours.", "allowed": 120,
        "minutes": 540, "peak": "21.3", "peak_at": AT, "released_at": None, "released_by": None, "reason": None,
        **more,
    }  # fmt: skip


TABLE = Table(
    "From", "degrees Celsius", (Column("Lowest"), Column("Highest", dashed=True)),
    tuple(Row(f"2026-11-02 {hour:02}:00", (hour / 2 - 1.5, hour - 1.7)) for hour in range(24)), "lines",
)  # fmt: skip
ONE = {
    "file": FILE, "table": TABLE, "zone": "America/Chicago", "file_url": "#", "may_release": True, "chosen": [],
    "excursions": [
        excursion("51"), excursion("52", meaning=None),
        excursion("53", released_at=AT, released_by="bio.lea", reason="It was collected into ice."),
    ],
}  # fmt: skip
PAGES = {
    "logger_files": ("temperatures/files.html", LIST),
    "logger_files_of_parcel": ("temperatures/files.html", OF_ONE),
    "logger_file_asked": ("temperatures/files.html", ASKED),
    "logger_files_seen": ("temperatures/files.html", OF_ONE | {"may_read": False}),
    "logger_file": ("temperatures/file.html", ONE),
    "logger_file_fine": (
        "temperatures/file.html",
        ONE | {"file": FINE, "excursions": [], "may_release": False},
    ),
}
