"""The few large buttons at the chair, each with its key: what may be said of a tube, and of the kit."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from biobank.core.errors import Invalid
from biobank.custody.states import Action, State
from biobank.kits.choices import OF_BLOOD_ALONE, BrokenReason, Fill, NotCollectedReason, ReplacedReason
from biobank.kits.inputs import TubeAnswer
from biobank.web.words import millilitres, spoken

Shown = dict[str, Any]
KEYS = ("F2", "F4", "F6", "F7", "F8", "F9", "F10")
"""Of a list of choices, in their order; the browser keeps the others for itself."""
R = NotCollectedReason
OF_BLOOD = (R.NO_VEIN, R.FLOW_STOPPED, R.FAINTED, R.UNWELL, R.REFUSED, R.NOT_CLEARED, R.VOLUME_LIMIT)
OF_ANY = (R.TUBE_DEFECTIVE, R.TUBE_MISSING, R.TIME, R.COLLECTED_BEFORE, R.UNKNOWN)
REASONS: Mapping[str | None, tuple[R, ...]] = {
    "blood": (*OF_BLOOD, *OF_ANY),
    "urine": (R.NO_URINE, R.REFUSED, *OF_ANY),
    None: (*OF_BLOOD, R.NO_URINE, *OF_ANY),
}
OF_THE_REST = (
    *(R.FAINTED, R.UNWELL, R.REFUSED, R.NO_VEIN, R.FLOW_STOPPED, R.TIME, R.COLLECTED_BEFORE),
    *(R.NOT_CLEARED, R.VOLUME_LIMIT, R.UNKNOWN),
)
WORDS: Mapping[str, str] = {
    R.NO_VEIN: "No vein found",
    R.FLOW_STOPPED: "Flow stopped",
    R.FAINTED: "Participant fainted",
    R.UNWELL: "Participant unwell",
    R.REFUSED: "Participant refused",
    R.NOT_CLEARED: "Not cleared by the safety questions",
    R.VOLUME_LIMIT: "Volume limit reached",
    R.NO_URINE: "No urine",
    R.TUBE_DEFECTIVE: "Tube defective",
    R.TUBE_MISSING: "Tube missing",
    R.TIME: "No time left",
    R.COLLECTED_BEFORE: "Collected before",
    R.UNKNOWN: "Reason not known",
    BrokenReason.DROPPED: "Dropped",
    BrokenReason.CRACKED: "Cracked",
    BrokenReason.LEAKING: "Leaking",
    ReplacedReason.NO_VACUUM: "No vacuum",
    ReplacedReason.LABEL_DAMAGED: "Label damaged",
}


class AnswerUnclear(Invalid):
    """The form said nothing that can be recorded."""

    title = "Nothing recorded"


def reason_word(reason: str) -> str:
    return WORDS.get(reason) or spoken(reason).capitalize()


def tube_buttons(kit_url: str, tube: Shown) -> list[Shown]:
    """What may be said of a tube now; those with an address ask further."""
    state, level = tube["state"], tube["level"]
    if state not in (State.EXPECTED, State.COLLECTED, State.NOT_COLLECTED, State.BROKEN):
        return []
    here = f"{kit_url}?tube={tube['identifier']}&ask="
    buttons = [
        {"code": "full", "label": "Full", "key": "F2", "icon": "check", "answer": "full"},
        _asking("fill", "Not full", "F4", "remove_circle", here),
        _asking("not_collected", "Not collected", "F7", "do_not_disturb", here),
        _asking("tube", "Bad tube", "F8", "report", here),
    ]
    left_out = {"full"} if state == State.COLLECTED and level == "full" else set()
    left_out |= {"tube"} if state == State.BROKEN else set()
    return [button for button in buttons if button["code"] not in left_out]


def _asking(code: str, label: str, key: str, icon: str, here: str) -> Shown:
    return {"code": code, "label": label, "key": key, "icon": icon, "url": f"{here}{code}"}


def choices(ask: str, tube: Shown | None) -> list[Shown]:
    """The answers to what a button asked, each with its key as far as there are keys."""
    if ask == "rest":
        return _keyed((reason.value, _word_of_rest(reason)) for reason in OF_THE_REST)
    if ask == "replace" and tube is not None:
        return [{"value": value, "label": label, "note": None} for value, label in REPLACED_FOR.items()]
    return _keyed(_of_the_tube(ask, tube)) if tube is not None else []


def _of_the_tube(ask: str, tube: Shown) -> Iterable[tuple[str, str]]:
    if ask == "fill":
        return _fills(tube["nominal_microlitres"])
    if ask == "not_collected":
        reasons = REASONS.get(tube["specimen"], REASONS[None])
        return ((f"not_collected:{reason.value}", reason_word(reason)) for reason in reasons)
    if ask == "tube":
        return ((f"broken:{reason.value}", BROKE[reason]) for reason in BrokenReason)
    return ()


BROKE: Mapping[str, str] = {
    BrokenReason.DROPPED: "It broke: dropped",
    BrokenReason.CRACKED: "It broke: cracked",
    BrokenReason.LEAKING: "It broke: it leaks",
}
REPLACED_FOR: Mapping[str, str] = {
    ReplacedReason.NO_VACUUM: "No vacuum",
    ReplacedReason.BROKEN: "Broken",
    ReplacedReason.MISSING: "Missing from the kit",
    ReplacedReason.EXPIRED: "Expired",
    ReplacedReason.LABEL_DAMAGED: "Label damaged",
}


def _word_of_rest(reason: R) -> str:
    return BLOOD_ALONE[reason] if reason in OF_BLOOD_ALONE else reason_word(reason)


BLOOD_ALONE: Mapping[str, str] = {
    R.NO_VEIN: "No vein found (blood only)",
    R.FLOW_STOPPED: "Flow stopped (blood only)",
    R.NOT_CLEARED: "Blood not cleared (blood only)",
    R.VOLUME_LIMIT: "Volume limit reached (blood only)",
}


def _keyed(told: Iterable[tuple[str, str]]) -> list[Shown]:
    return [
        {"value": value, "label": label, "key": KEYS[at] if at < len(KEYS) else None}
        for at, (value, label) in enumerate(told)
    ]


def _fills(nominal: int | None) -> list[tuple[str, str]]:
    """About a quarter, a half, three quarters of what the tube takes, in round millilitres."""
    volumes = [_rounded(nominal * part // 4) for part in (1, 2, 3)] if nominal else []
    return [
        *((f"short:{volume}", f"About {millilitres(volume)}") for volume in dict.fromkeys(volumes)),
        ("short", "Short, amount not known"),
        ("unknown", "Nobody knows how full"),
    ]


ROUNDED_TO = ((1000, 500), (250, 250), (0, 50))
"""Above so many microlitres an eye tells such steps apart."""


def _rounded(microlitres: int) -> int:
    step = next(step for above, step in ROUNDED_TO if microlitres > above)
    return max(step, round(microlitres / step) * step)


def answer_told(answer: str, volume: int | None) -> TubeAnswer:
    """`short:2000`, `not_collected:fainted`, `broken:dropped`, `full`. Raises `AnswerUnclear`."""
    word, _, more = answer.partition(":")
    if answer == AMOUNT:
        return _so_much(volume)
    if word in set(Fill):
        amount = int(more) if more.isdecimal() and len(more) < LONGEST_AMOUNT else volume
        told = {"volume_microlitres": amount} if amount and word == Fill.SHORT else {}
        return TubeAnswer(Action.COLLECT, {"fill": word} | told)
    if word == "not_collected" and _is_one_of(more, NotCollectedReason):
        return TubeAnswer(Action.MARK_NOT_COLLECTED, {"reason": more})
    if word == "broken" and _is_one_of(more, BrokenReason):
        return TubeAnswer(Action.BREAK, {"reason": more})
    raise AnswerUnclear("Choose one of the answers; nothing was recorded.")


AMOUNT = "amount"
"""How full by the number that was typed beside the button."""


def _so_much(volume: int | None) -> TubeAnswer:
    if volume is None:
        raise AnswerUnclear(
            "Type how much is in the tube, in millilitres; nothing was recorded.", field="volume"
        )
    return TubeAnswer(Action.COLLECT, {"fill": Fill.SHORT.value, "volume_microlitres": volume})


LONGEST_AMOUNT = 8


def reason_told(text: str) -> NotCollectedReason:
    """Raises `AnswerUnclear`."""
    if not _is_one_of(text, NotCollectedReason):
        raise AnswerUnclear("Choose why the rest is not collected; nothing was recorded.")
    return NotCollectedReason(text)


def _is_one_of(text: str, kind: type[StrEnum]) -> bool:
    return text in set(kind)
