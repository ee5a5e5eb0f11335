"""The words of the certificate: what each code of its record means, in plain sentences."""

from datetime import datetime

from biobank.core.moments import shown
from biobank.destruction.choices import Outcome
from biobank.destruction.records import Record
from biobank.items.identifiers import printed

OUTCOMES = {
    Outcome.DESTROYED: "Destroyed",
    Outcome.DESTROYED_EARLIER: "Destroyed before this order",
    Outcome.CONSUMED_EARLIER: "Used up before the decision",
    Outcome.CONSUMED_BEFORE_ENTRY: "Used up after the decision, before it was entered",
    Outcome.CONSUMED_AFTER_DECISION: "Used up after the decision",
    Outcome.BROKEN_EARLIER: "Broken before the decision",
    Outcome.BROKEN_AFTER_DECISION: "Broken after the decision",
    Outcome.LOST: "Lost",
    Outcome.NEVER_RECEIVED: "Never received",
    Outcome.NEVER_COLLECTED: "Never collected",
    Outcome.NEVER_USED: "Label never used",
    Outcome.LINKED_ELSEWHERE: "Another participant's",
    Outcome.GIVEN_ANEW: "Given under a new consent",
}
REASONS = {
    Outcome.DESTROYED_EARLIER: "It had been destroyed before this order was opened; the log says when.",
    Outcome.CONSUMED_EARLIER: "Nothing of it was left when the decision was made.",
    Outcome.CONSUMED_BEFORE_ENTRY: (
        "It was used up after the decision was made and before it was entered; this was reported."
    ),
    Outcome.CONSUMED_AFTER_DECISION: "It was used up although the decision had been made; this was reported.",
    Outcome.BROKEN_EARLIER: "It broke before the decision was made; nothing could be kept.",
    Outcome.BROKEN_AFTER_DECISION: "It broke before it could be destroyed; nothing could be kept.",
    Outcome.LOST: "Looked for and not found. If it turns up, it is destroyed and this certificate replaced.",
    Outcome.NEVER_RECEIVED: "Never arrived. If it turns up, it is destroyed and this certificate replaced.",
    Outcome.NEVER_COLLECTED: "The tube was not filled.",
    Outcome.NEVER_USED: "A label was made and given up; no tube was filled.",
    Outcome.GIVEN_ANEW: "It was empty when this was decided, and was filled after a new consent was signed.",
    Outcome.LINKED_ELSEWHERE: "It turned out to be another participant's and is accounted for there.",
}
UNBROKEN = "\u00a0"
"""A space at which no line is broken."""
METHODS = {
    "autoclave": "Autoclave, cycle",
    "incineration": "Incineration, container",
    "chemical": "Chemical,",
}
ANSWERS = {"keep": "keep", "remove": "remove", "destroy": "destroy", "undecided": "not decided"}


def when(text: str | None, zone: str) -> str:
    return shown(datetime.fromisoformat(text), zone) if text else "at a time nobody knows"


def quantity(microlitres: int | None) -> str:
    if microlitres is None:
        return "unknown: not measured"
    return f"{microlitres / 1000:g} mL" if microlitres >= 1000 else f"{microlitres} µL"  # noqa: PLR2004 (a millilitre)


def material(line: Record) -> str:
    made_of = ", ".join(printed(parent).replace(" ", UNBROKEN) for parent in line["parents"])
    late = " (came late)" if line["late"] else ""
    named = f"{line['kind']} {line['specification'] or ''}".strip() + late
    return f"{named}, of {made_of}" if made_of else named


def place(line: Record) -> str:
    last = line["last_place"]
    if last is None:
        return "never told"
    return f"{printed(last['place'])} {last['position'] or ''}".strip()


def way(batch: Record) -> str:
    return f"{METHODS.get(batch['method'], batch['method'])} {batch['cycle']}"


def statement(record: Record) -> str:
    lines = record["lines"]
    destroyed = sum(line["outcome"] == Outcome.DESTROYED for line in lines)
    others = len(lines) - destroyed
    whose = f"Of {len(lines)} specimens of participant {record['participant']}"
    first = f"{whose}, {destroyed} {'was' if destroyed == 1 else 'were'} destroyed before a witness."
    if not others:
        return f"{first} Nothing of this order is left."
    verb = "was" if others == 1 else "were"
    return f"{first} {others} {verb} not destroyed under this order, for the reasons given below."


def handling(record: Record, zone: str) -> str:
    told = record["handling"]
    if told["instruction"] == "none":
        return "No handling instruction was given."
    return f"Followed: the ceremony was held before destruction, recorded {when(told['settled_at'], zone)}."


def legal_hold(record: Record) -> str:
    held = record["legal_holds"]
    if not held:
        return "No legal hold stood on any of these specimens when the order was confirmed."
    return f"A legal hold stood on {', '.join(printed(item) for item in held)}."
