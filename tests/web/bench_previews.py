"""The pages of the biobank's bench with an invented context; `previews.PAGES` takes them in."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from biobank.processing.bench_pages import PHASES
from biobank.processing.choices import Phase

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 3, 15, 30, tzinfo=UTC).astimezone(CHICAGO)


def tube(last: str, label: str, phase: Phase, minutes: int | None, colour: str | None = "Lavender") -> dict:
    until = NOW + timedelta(minutes=minutes) if minutes is not None else None
    return {
        "identifier": f"T4831345624{last}", "printed": f"T 4831 3456 24-{last}", "url": "#", "label": label,
        "colour": colour, "state": {"word": "Received", "tone": "right"}, "phase": phase,
        "opens_at": NOW - timedelta(hours=20) if until else None,
        "hurry_at": until - timedelta(minutes=30) if until else None, "closes_at": until,
    }  # fmt: skip


def option(value: str, label: str) -> dict:
    return {"value": value, "label": label, "note": None}


SIGNS = [{"code": phase.value, "sign": sign} for phase, sign in PHASES.items()]
KEPT = [option("room_temperature", "Room temperature"), option("2_to_10_degrees", "2 to 10 degrees")]
FREEZE = {
    "count": 2,
    "tubes": [
        tube("11", "serum", Phase.LATE, -20, None),
        tube("12", "plasma", Phase.HURRY, 12, None),
    ],
}
BENCH = {
    "freeze": FREEZE,
    "spin": {"count": 1, "tubes": [tube("13", "8 mL SST", Phase.UNKNOWN, None, "Red and gray")]},
    "aliquot": {"count": 41, "tubes": [tube("14", "10 mL EDTA", Phase.READY, 190)]},
    "phases": SIGNS,
    "now": NOW,
}
NOTHING = {"count": 0, "tubes": []}
ITEM = {
    "identifier": "T483134562414", "printed": "T 4831 3456 24-14", "url": "#", "kind": "tube",
    "state": {"word": "Received", "tone": "right"},
    "specification": {"code": "1ED10", "label": "10 mL EDTA", "colour": "Lavender"},
}  # fmt: skip
VIALS = [
    {"number": number, "material": material, "celsius": -80, "volume": "0.5 mL", "source": "A choice"}
    for number, material in enumerate(["plasma"] * 3 + ["buffy coat"] * 2)
]
ALIQUOTS = {
    "item": ITEM, "holds": [], "alerts": [], "vials": VIALS, "kept": KEPT, "made": [], "print_url": None,
    "facts": {"volume": "10 mL", "planned": "5 mL", "unspun": False, "thaws": 0},
    "plan": {"key": "aliquots-1", "source": "A choice"},
    "materials": [option("plasma", "Plasma"), option("serum", "Serum")],
    "reasons": [option("not_enough_material", "Not enough material"), option("no_buffy_coat", "No buffy coat")],
    "zone": "America/Chicago", "ask_back": None,
    "form": {f"made-{number}": "yes" for number in range(5)} | {f"volume-{number}": "0.5" for number in range(5)},
}  # fmt: skip
MADE = [
    {"printed": f"S 5517 2094 36-{last}", "url": "#", "label": "plasma", "volume": "0.5 mL"}
    for last in (71, 72)
]
SPUN = {
    "number": 7, "url": "#", "centrifuge": "Rotina 2", "programme": "Plasma", "tubes": 12, "began_at": NOW,
    "done_at": NOW + timedelta(minutes=15), "ended_at": None, "sign": {"word": "Spins", "tone": "wait"},
}  # fmt: skip
RUNS = {
    "programmes": [
        {"value": "3", "label": "Plasma", "g": 1300, "minutes": 15, "temperature": 20, "rotor": "swinging bucket"}
    ],
    "balances": [option("each_opposite_another", "Each opposite another"), option("with_balance_tubes", "With balance tubes")],
    "kept": KEPT, "runs": [SPUN], "zone": "America/Chicago", "ask_back": None, "bench_url": "#",
}  # fmt: skip
RUN = {
    "run": SPUN, "balance": "each opposite another", "people": {"begun": "Testa Technician", "ended": None},
    "now": NOW, "zone": "America/Chicago", "bench_url": "#",
    "tubes": [tube("13", "8 mL SST", Phase.READY, 10) | {"odd": {"word": "Went in too late", "tone": "late"}}],
}  # fmt: skip
FACTS = {
    "sprec": "SER-SST-C-B-N-B-D",
    "thaws": 3,
    "thaws_at_most": 2,
    "plan_url": "#",
    "measures": [("Concentration", "50.2 ng/µL"), ("In all", "5.02 µg")],
    "elements": [
        {"name": "Type of sample", "code": "SER", "facts": []},
        {
            "name": "Before the centrifuge",
            "code": "C",
            "facts": [
                {"label": "collected", "at": NOW, "text": None},
                {"label": "kept at", "at": None, "text": "room temperature"},
                {"label": "processed", "at": None, "text": None},
            ],
        },
    ],
}
REFUSED = {
    "errors": {"volume-1": "Type a number, such as 3.5.", "not_made": "Choose why vials were not made."}
}
PAGES = {
    "bench": ("processing/bench.html", BENCH),
    "bench_empty": (
        "processing/bench.html",
        BENCH | {"freeze": NOTHING, "spin": NOTHING, "aliquot": NOTHING},
    ),
    "freezing": (
        "processing/freezing.html",
        {"freeze": FREEZE, "phases": SIGNS, "now": NOW, "ask_back": None},
    ),
    "freezing_asked": (
        "processing/freezing.html",
        {
            "freeze": NOTHING,
            "phases": SIGNS,
            "now": NOW,
            "ask_back": {"url": "#", "told": {}, "reason_code": "x"},
        },
    ),
    "aliquots": ("processing/aliquots.html", ALIQUOTS),
    "aliquots_wrong": ("processing/aliquots.html", ALIQUOTS | REFUSED),
    "aliquots_made": (
        "processing/aliquots.html",
        ALIQUOTS
        | {
            "made": MADE,
            "print_url": "#",
            "plan": None,
            "vials": [],
            "facts": {"volume": None, "planned": None, "unspun": True, "thaws": 1},
            "holds": [{"reason": "withdrawal", "sentence": "The participant withdrew. It may not be used."}],
        },
    ),
    "runs": ("processing/runs.html", RUNS),
    "runs_asked_back": (
        "processing/runs.html",
        RUNS | {"ask_back": {"url": "#", "told": {}, "reason_code": "unbalanced"}, "form": {"tubes": "T13"}},
    ),
    "runs_empty": ("processing/runs.html", RUNS | {"runs": [], "programmes": []}),
    "run": ("processing/run.html", RUN),
    "run_ended": (
        "processing/run.html",
        RUN | {"run": SPUN | {"ended_at": NOW, "began_at": None, "done_at": None}},
    ),
}
