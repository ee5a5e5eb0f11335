"""The words of the certificate: what each code of its record means, in plain sentences."""

from datetime import datetime

from biobank.core.moments import shown
from biobank.destruction import outside_words
from biobank.destruction.choices import CALLED_DESTROYED, Grade, LineEnd
from biobank.destruction.signed_records import Record
from biobank.items.identifiers import printed

OUTCOMES = {
    LineEnd.DESTROYED: "Destroyed",
    LineEnd.DESTROYED_EARLIER: "Destroyed before this order",
    LineEnd.CONSUMED_EARLIER: "Used up before the decision",
    LineEnd.CONSUMED_BEFORE_ENTRY: "Used up after the decision, before it was entered",
    LineEnd.CONSUMED_AFTER_DECISION: "Used up after the decision",
    LineEnd.BROKEN_EARLIER: "Broken before the decision",
    LineEnd.BROKEN_AFTER_DECISION: "Broken after the decision",
    LineEnd.LOST: "Lost",
    LineEnd.NEVER_RECEIVED: "Never received",
    LineEnd.NEVER_COLLECTED: "Never collected",
    LineEnd.NEVER_USED: "Label never used",
    LineEnd.CODE_REPLACED: "Goes on under another code",
    LineEnd.DESTROYED_BY_CUSTODIAN: "Destroyed by its custodian",
    LineEnd.REPORTED_BY_FILE: "Reported destroyed by its custodian",
    LineEnd.DISTRIBUTED_EARLIER: "Given to researchers before the decision",
    LineEnd.DISTRIBUTED_BEFORE_ENTRY: "Given to researchers after the decision, before it was entered",
    LineEnd.GIVEN_BACK: "Given back",
    LineEnd.LINKED_ELSEWHERE: "Another participant's",
    LineEnd.GIVEN_ANEW: "Given under a new consent",
    LineEnd.POOLED: "In a pool that is kept",
}
REASONS = {
    LineEnd.DESTROYED_EARLIER: "It had been destroyed before this order was opened; the log says when.",
    LineEnd.CONSUMED_EARLIER: "Nothing of it was left when the decision was made.",
    LineEnd.CONSUMED_BEFORE_ENTRY: (
        "It was used up after the decision was made and before it was entered; this was reported."
    ),
    LineEnd.CONSUMED_AFTER_DECISION: "It was used up although the decision had been made; this was reported.",
    LineEnd.BROKEN_EARLIER: "It broke before the decision was made; nothing could be kept.",
    LineEnd.BROKEN_AFTER_DECISION: "It broke before it could be destroyed; nothing could be kept.",
    LineEnd.LOST: "Looked for and not found. If it turns up, it is destroyed and this certificate replaced.",
    LineEnd.NEVER_RECEIVED: "Never arrived. If it turns up, it is destroyed and this certificate replaced.",
    LineEnd.NEVER_COLLECTED: "The tube was not filled.",
    LineEnd.NEVER_USED: "A label was made and given up; no tube was filled.",
    LineEnd.CODE_REPLACED: (
        "Two tubes bore this code, so it was given up; what was in it has another code and a line of its own."
    ),
    LineEnd.POOLED: (
        "It had been mixed with samples of others before the decision. By the programme's rule the pool is "
        "kept, and it is used no more."
    ),
    LineEnd.GIVEN_ANEW: "It was empty when this was decided, and was filled after a new consent was signed.",
    LineEnd.LINKED_ELSEWHERE: "It turned out to be another participant's and is accounted for there.",
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
    named = f"{METHODS.get(batch['method'], batch['method'])} {batch['cycle']}"
    return named + outside_words.contractor_way(batch)


def accepted_outside(record: Record) -> list[Record]:
    """Every word of somebody outside that compliance accepted for an order."""
    lines = [line["custodian"] for line in record["lines"] if line.get("custodian")]
    return [*lines, *(batch["returned"] for batch in record["batches"] if batch.get("returned"))]


def statement(record: Record) -> str:
    lines = record["lines"]
    others = sum(line["outcome"] not in CALLED_DESTROYED for line in lines)
    left = _not_destroyed(others) if others else "Nothing of this order is left."
    return " ".join([_before_a_witness(record), *outside_words.counted(lines), left])


def _before_a_witness(record: Record) -> str:
    lines, whose = record["lines"], record["participant"]
    witnessed = (LineEnd.DESTROYED, Grade.WITNESSED)
    destroyed = sum((line["outcome"], line["grade"]) == witnessed for line in lines)
    if destroyed == 1:
        return f"Of {len(lines)} specimens of participant {whose}, 1 was destroyed before a witness."
    return f"Of {len(lines)} specimens of participant {whose}, {destroyed} were destroyed before a witness."


def _not_destroyed(others: int) -> str:
    if others == 1:
        return "1 was not destroyed under this order, for the reason given below."
    return f"{others} were not destroyed under this order, for the reasons given below."


def why(line: Record) -> str:
    """Why a line was not destroyed under its order."""
    outcome = LineEnd(line["outcome"])
    if outcome in (LineEnd.DISTRIBUTED_EARLIER, LineEnd.DISTRIBUTED_BEFORE_ENTRY):
        return outside_words.distributed(line)
    return outside_words.given_back(line) if outcome is LineEnd.GIVEN_BACK else REASONS[outcome]


def handling(record: Record, zone: str) -> str:
    told = record["handling"]
    if told["instruction"] == "none":
        return "No handling instruction was given."
    return f"Followed: the ceremony was held before destruction, recorded {when(told['settled_at'], zone)}."


def legal_hold(record: Record, zone: str) -> str:
    held, periods = record["legal_holds"], record.get("legal_hold_periods", ())
    if held:
        return f"A legal hold stood on {', '.join(printed(item) for item in held)}."
    now = "No legal hold stood on any of these specimens when the order was confirmed."
    if not periods:
        return now
    stood = "; ".join(
        f"from {when(period['placed_at'], zone)} to {when(period['lifted_at'], zone)}" for period in periods
    )
    return f"A legal hold stood on this order {stood}. Nothing was destroyed meanwhile. {now}"
