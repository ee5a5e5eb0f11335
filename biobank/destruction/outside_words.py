"""The words of the certificate for what ended outside: who had it, how that is known, what they answered."""

from collections.abc import Sequence

from biobank.destruction.choices import Grade, LineEnd
from biobank.destruction.signed_records import Record

METHODS = {"autoclave": "Autoclave", "incineration": "Incineration", "chemical": "Chemical"}
ROLES = {
    "director": "director",
    "laboratory_manager": "laboratory manager",
    "quality_manager": "quality manager",
    "biosafety_officer": "biosafety officer",
    "waste_officer": "waste officer",
}
GIVEN_TO = {"family": "the family", "tribe": "the tribe"}
HOLDER_ANSWERS = {
    "used_up": "it is used up",
    "kept": "it is kept and cannot be given back",
    "destroyed": "it was destroyed there, which nobody here can confirm",
    "returned": "it was sent back",
}


def day(text: str | None) -> str:
    return text or "on a day nobody knows"


def custodian(line: Record) -> str:
    told = line["custodian"]
    return f"{told['organisation']} ({told['custodian']})"


def way(told: Record) -> str:
    return f"{METHODS.get(told['method'], told['method'])}, {told['reference']}"


def proof(told: Record) -> str:
    """By which word it is known, and who took it."""
    accepted = f"accepted by {told['accepted']['printed_name']}"
    if told["grade"] == Grade.REPORTED:
        return f"reported; line {told['file_line']} of file {told['document']}, {accepted}"
    role = ROLES.get(told["signer_role"], told["signer_role"])
    return f"attested; document {told['document']}, signed by its {role}, {accepted}"


def distributed(line: Record) -> str:
    """P8: what researchers have cannot be got back; to whom it went, when, what they answered."""
    told = line.get("distribution")
    before = line["outcome"] == LineEnd.DISTRIBUTED_EARLIER
    if told is None:
        return f"{_researchers_had_it(before=before)} It cannot be got back."
    had = _receiver_got_it(told["receiver"], told["study"], before=before)
    return f"{had} It cannot be got back. {_answer(told)}"


def _researchers_had_it(*, before: bool) -> str:
    if before:
        return "Researchers had it before the decision."
    return "Researchers had it after the decision and before it was entered; this was reported."


def _receiver_got_it(receiver: str, study: str, *, before: bool) -> str:
    if before:
        return f"Receiver {receiver} got it for study {study} before the decision."
    return (
        f"Receiver {receiver} got it for study {study} after the decision and before it was entered; "
        "this was reported."
    )


def _answer(told: Record) -> str:
    if told["answer"]:
        said = HOLDER_ANSWERS.get(told["answer"], told["answer"].replace("_", " "))
        return f"Asked, they answered ({day(told['answered_on'])}): {said}."
    if told["asked_on"]:
        return f"They were asked ({day(told['asked_on'])}) and had not answered."
    return "They had not been asked yet."


def given_back(line: Record) -> str:
    told = line.get("given_back")
    if told is None:
        return "It was given back for good."
    whom = GIVEN_TO.get(told["given_to"], "who asked for it")
    return f"It was given back for good to {whom} (code {told['receiver']})."


def counted(lines: Sequence[Record]) -> list[str]:
    """How many were destroyed where nobody of us saw it, by how that is known."""
    numbers = [
        (sum(line["outcome"] == end and line["grade"] != Grade.WITNESSED for line in lines), sentence)
        for end, sentence in COUNTED
    ]
    return [sentence(number) for number, sentence in numbers if number]


def _by_a_contractor(number: int) -> str:
    if number == 1:
        return "1 was destroyed by a contractor, as its returned manifest attests."
    return f"{number} were destroyed by a contractor, as its returned manifest attests."


def _as_a_document_attests(number: int) -> str:
    if number == 1:
        return "1 was destroyed by its custodian, as a document attests."
    return f"{number} were destroyed by their custodian, as a document attests."


def _as_a_file_reports(number: int) -> str:
    if number == 1:
        return "1 was destroyed by its custodian, as a file reports."
    return f"{number} were destroyed by their custodian, as a file reports."


COUNTED = (
    (LineEnd.DESTROYED, _by_a_contractor),
    (LineEnd.DESTROYED_BY_CUSTODIAN, _as_a_document_attests),
    (LineEnd.REPORTED_BY_FILE, _as_a_file_reports),
)


def contractor_way(batch: Record) -> str:
    return f"; manifest {batch['manifest']}, {batch['contractor']}" if batch.get("contractor") else ""


def contractor_when(batch: Record) -> str | None:
    """The day on which a contractor destroyed a container, as its manifest says."""
    returned = batch.get("returned")
    return day(returned["destroyed_on"]) if returned else None
