"""The pages of an outage with invented contexts."""

from datetime import UTC, datetime

AT = datetime(2026, 11, 2, 8, 10, tzinfo=UTC)
OUT, OVER = {"word": "Out of service", "tone": "wrong"}, {"word": "Over, waits for a lead", "tone": "late"}


def code(last: str, name: str) -> dict:
    return {
        "identifier": f"R4831345624{last}", "printed": f"R 4831 3456 24-{last}", "url": "#", "label": name,
        "colour": None, "state": {"word": "In service", "tone": "right"}, "name": name,
    }  # fmt: skip


STANDS = {
    "number": 3, "url": "/outages/3", "unit": code("51", "Freezer 7"), "stands": True, "state": OUT, "began_at": AT,
    "declared_at": AT, "declared_by": "bio.tess", "ended_at": None, "ended_by": None, "temperature": -71,
    "warmest": -52, "moved": 17, "pieces": 40, "undecided": 34560, "specimens": 34560,
}  # fmt: skip
ENDED = STANDS | {
    "stands": False, "state": OVER, "ended_at": AT, "ended_by": "bio.tess", "began_at": None, "temperature": None,
    "moved": 40,
}  # fmt: skip
INSIDE = [{"name": "Freezer 7", "url": "#"}, {"name": "Shelf 2", "url": "#"}, {"name": "A3", "url": None}]
SPARE = {
    **code("58", "Spare shelf"), "place": [{"name": "Freezer 9", "url": "#"}, {"name": "Spare shelf", "url": None}],
    "position": "B2", "celsius": -80, "is_warm": False,
}  # fmt: skip
CHEST = SPARE | {
    "place": [{"name": "Chest 1", "url": None}],
    "position": None,
    "celsius": None,
    "is_warm": True,
}


def to_carry(last: str, name: str, spot: dict | None) -> dict:
    return {**code(last, name), "place": INSIDE, "spot": spot}


def row(last: str, name: str, **more: object) -> dict:
    rest = {"specimens": 864, "moved_at": None, "moved_by": None, "minutes": None, "joined": False}
    return {**code(last, name), "place": INSIDE, **rest, **more}


FILTERS = [
    {"label": "Still inside", "url": "#", "current": True},
    {"label": "Carried out", "url": "#", "current": False},
]
LEFT = [to_carry("51", "Rack 18", SPARE), to_carry("52", "Rack 19", CHEST), to_carry("53", "Rack 20", None)]
MOVED = [row("54", "Rack 17", moved_at=AT, moved_by="bio.tess", minutes=34)]
ENDINGS = [
    {"value": "back_in_service", "label": "Back in service", "note": None},
    {"value": "given_up", "label": "Given up", "note": None},
]
DECISIONS = [
    {"number": 2, "url": "#", "sign": {"word": "Released", "tone": "right"}, "signed_by": None, "items": None},
    {
        "number": 1, "url": "#", "sign": {"word": "Ended by accident", "tone": "wrong"}, "signed_by": "bio.lea",
        "items": 864,
    },
]  # fmt: skip
PAGE = {
    "outage": STANDS, "filters": FILTERS, "rows": [row("55", "Rack 18"), row("56", "Rack 30", joined=True)],
    "next_url": "#", "may_carry": True, "may_decide": True, "endings": ENDINGS, "decisions": [],
}  # fmt: skip
STATION = {"outage": STANDS, "piece": None, "newest": MOVED, "left": LEFT}
GROUPS = [
    {
        "code": "R4831345624" + last, "name": name, "specimens": 864, "minutes": minutes,
        "outcomes": [{"sign": {"word": "Not decided", "tone": "wait"}, "count": 864}],
    }
    for last, name, minutes in (("51", "Rack 1", (12, 12)), ("52", "Rack 2", None))
]  # fmt: skip
OUTCOMES = [
    {"value": "released", "label": "Release", "note": "They may be used again."},
    {"value": "ended", "label": "End by accident", "note": "They are lost, and the record says how."},
]
JUDGE = {
    "outage": ENDED,
    "filters": FILTERS,
    "grouping": "rack",
    "groups": GROUPS,
    "chosen": [],
    "outcomes": OUTCOMES,
}
DECISION = {
    "outage": ENDED, "sha256": "4f" * 32, "meaning": "I have judged these specimens after the outage and decide so.",
    "may_sign": True, "may_drop": True, "ending": None,
    "decision": {
        "number": 2, "url": "/outages/3/decisions/2", "sign": {"word": "Released", "tone": "right"},
        "grouping": "By rack", "groups": ["Rack 1", "Rack 2"], "reason": "Twelve minutes, below -60 °C all along.",
        "items": 1728, "proposed_by": "bio.lea", "proposed_at": AT, "approved_by": None, "approved_at": None,
        "dropped": False,
        "kinds": [
            {"kind": "aliquot", "specification": "plasma", "count": 1720},
            {"kind": "tube", "specification": None, "count": 8},
        ],
    },
}  # fmt: skip
ENDING = DECISION | {
    "ending": 1700,
    "decision": DECISION["decision"] | {"sign": {"word": "Ended by accident", "tone": "wrong"}},
}
SIGNED = DECISION | {
    "may_sign": False, "may_drop": False,
    "decision": DECISION["decision"] | {"approved_by": "bio.lea", "approved_at": AT, "items": 1},
}  # fmt: skip
PAGES = {
    "outages": ("outages/outages.html", {"filters": FILTERS, "outages": [STANDS, ENDED], "next_url": "#", "may_declare": True}),
    "outages_none": ("outages/outages.html", {"filters": [], "outages": [], "next_url": None, "may_declare": False}),
    "outage_declare": ("outages/declare.html", {"unit": code("51", "Freezer 7")}),
    "outage": ("outages/outage.html", PAGE),
    "outage_over": ("outages/outage.html", PAGE | {"outage": ENDED, "rows": MOVED, "may_carry": False, "decisions": DECISIONS}),
    "outage_carry": ("outages/carry.html", STATION),
    "outage_place": ("outages/carry.html", STATION | {"piece": LEFT[0] | {"listed": True}}),
    "outage_place_none": ("outages/carry.html", STATION | {"piece": LEFT[2] | {"listed": False}, "left": [], "newest": []}),
    "outage_carry_over": ("outages/carry.html", STATION | {"outage": ENDED, "left": []}),
    "outage_places": ("outages/places.html", {"outage": STANDS, "rows": LEFT, "lacking": 1, "warm": 2}),
    "outage_places_none": ("outages/places.html", {"outage": STANDS, "rows": [], "lacking": 0, "warm": 0}),
    "outage_judge": ("outages/judge.html", JUDGE),
    "outage_decision": ("outages/decision.html", DECISION),
    "outage_decision_ending": ("outages/decision.html", ENDING),
    "outage_decision_signed": ("outages/decision.html", SIGNED),
}  # fmt: skip
