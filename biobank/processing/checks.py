"""What must hold before a tube is centrifuged or something is made of a specimen."""

import math

from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.core.moments import from_microseconds
from biobank.custody.codes import bearer_of, names_no_person, on_another
from biobank.custody.free_text import own_names_are_not_in
from biobank.custody.queries import CODE_ON_ANOTHER
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import Attempt, Flag
from biobank.items.identifiers import printed
from biobank.kits.definitions import CentrifugeWindow
from biobank.kits.queries import specification_of_tube
from biobank.participants.choices import Scope
from biobank.participants.queries import consent_for
from biobank.processing.amounts import adds_up
from biobank.processing.choices import (
    LONGEST_NAME,
    NUMBERS,
    Brake,
    Kept,
    Rotor,
    read_children,
    scopes_of_derivatives,
)
from biobank.processing.inputs import NewProgramme
from biobank.processing.models import CentrifugeProgramme
from biobank.processing.plans import todays_plans
from biobank.processing.queries import ends_at, foreseen, newest_spin, scopes_by_participant, scopes_of

PROGRAMME = ("g", "minutes", "temperature_celsius")


class ProgrammeRefused(Invalid):
    """A centrifuge programme that cannot be so."""

    title = "Programme refused"


class ProgrammeExists(Conflict):
    title = "Programme exists"


class SpinRefused(Invalid):
    """What was told of a centrifuge run cannot be so."""

    title = "Centrifuge"


def spin_is_understood(_: Work, attempt: Attempt) -> None:
    """The programme of the run in whole numbers, the rotor from the list; either may be left out."""
    rotor, programme = attempt.details.get("rotor"), attempt.details.get("programme", {})
    if rotor is not None and rotor not in list(Rotor):
        raise SpinRefused(f"The rotor is one of {', '.join(sorted(Rotor))}.", field="details.rotor")
    brake, kept = attempt.details.get("brake"), attempt.details.get("kept_at")
    if brake is not None and brake not in list(Brake):
        raise SpinRefused("The brake is on or off, or left out.", field="details.brake")
    if kept is not None and kept not in list(Kept):
        raise SpinRefused(f"It was kept at one of {', '.join(Kept)}.", field="details.kept_at")
    numbers = programme.items() if isinstance(programme, dict) else [("programme", None)]
    if any(type(value) is not int for name, value in numbers if name != "name"):
        raise SpinRefused(
            f"A programme is told in whole numbers: {', '.join(PROGRAMME)}, with its name if it has one.",
            field="details.programme",
        )


def spun_after_it_was_collected(_: Work, attempt: Attempt) -> list[Flag]:
    after = minutes_after_collection(attempt)
    if after is None or after >= 0:
        return []
    minutes = math.ceil(-after)
    return attempt.ask_back(
        "spun_before_collected",
        f"{printed(attempt.item.identifier)} went into the centrifuge {minutes} minutes before it was "
        "collected.",
    )


def spun_in_time(work: Work, attempt: Attempt) -> list[Flag]:
    """Every tube with a window is checked; being outside it is kept with the event and refuses nothing."""
    specification = specification_of_tube(work, attempt.item)
    if specification is None or specification.centrifuge is None:
        return []
    minutes = minutes_after_collection(attempt)
    if minutes is None:
        told = "when it was collected" if attempt.at else "when it went into the centrifuge"
        return [_warning("centrifuge_time_unknown", f"{specification.label}: nobody knows {told}.")]
    return _outside(specification.label, specification.centrifuge, minutes)


def spun_once(work: Work, attempt: Attempt) -> list[Flag]:
    """A gel that was spun is not spun again: asked back, and taken when it was."""
    earlier = newest_spin(work, attempt.item.id)
    if earlier is None:
        return []
    tube, began_at = printed(attempt.item.identifier), earlier.began_at
    sentence = (
        f"{tube} was centrifuged already, on {began_at:%Y-%m-%d %H:%M} UTC."
        if began_at
        else f"{tube} was centrifuged already."
    )
    return attempt.ask_back("centrifuged_twice", sentence)


def spin_is_foreseen(work: Work, attempt: Attempt) -> list[Flag]:
    """At a clinic only some tubes are centrifuged; the biobank spins what it works on."""
    specification = specification_of_tube(work, attempt.item)
    code = attempt.item.specification
    if attempt.item.state is not State.COLLECTED or specification is None or foreseen(specification, code):
        return []
    sentence = f"{specification.label} is not centrifuged at a clinic; take it out."
    return attempt.ask_back("spin_not_foreseen", sentence)


def spun_before_it_is_packed(work: Work, attempt: Attempt) -> list[Flag]:
    """Being packed unspun is kept with the event, so that the biobank knows."""
    item = attempt.item
    if item.kind is not Kind.TUBE or item.state is not State.COLLECTED:
        return []
    specification = specification_of_tube(work, item)
    if specification is None or not foreseen(specification, item.specification) or newest_spin(work, item.id):
        return []
    return [_warning("packed_unspun", f"{specification.label} was packed without having been centrifuged.")]


def spin_is_over_when_it_is_packed(work: Work, attempt: Attempt) -> list[Flag]:
    """Who packs a tube whose run is not over took it out too soon, or has another tube in the hand."""
    item = attempt.item
    run = newest_spin(work, item.id) if item.kind is Kind.TUBE and item.state is State.COLLECTED else None
    end = ends_at(run) if run else None
    if end is None or end <= (attempt.at.at if attempt.at else attempt.recorded_at):
        return []
    return attempt.ask_back(
        "packed_while_spinning",
        f"{printed(item.identifier)} is in the centrifuge until {end:%Y-%m-%d %H:%M} UTC.",
    )


def programme_can_be(new: NewProgramme) -> None:
    """Raises `ProgrammeRefused`."""
    if not new.name.strip() or len(new.name.strip()) > LONGEST_NAME or not new.name.isprintable():
        raise ProgrammeRefused(
            f"A programme has a name of at most {LONGEST_NAME} characters, as it stands on the centrifuge.",
            field="name",
        )
    for name, (least, most) in NUMBERS.items():
        value = getattr(new, name)
        if value is not None and not least <= value <= most:
            unit = name.replace("_", " ")
            raise ProgrammeRefused(f"{value} cannot be {unit}; give {least} to {most}.", field=name)


def programme_is_new(work: Work, new: NewProgramme) -> None:
    """Raises `ProgrammeExists`."""
    asked = select(CentrifugeProgramme.id).where(
        CentrifugeProgramme.site == new.site, CentrifugeProgramme.name == new.name.strip()
    )
    if work.session.scalar(asked) is not None:
        raise ProgrammeExists(
            f"{new.site} has a programme {new.name.strip()} already; a name is never used again.",
            field="name",
        )


def children_are_told(work: Work, attempt: Attempt) -> None:
    """What they are called stands on labels: a word that no plan has is no name of a participant.

    Raises `ChildrenRefused`, `OwnNameWritten`.
    """
    told = read_children(attempt.details.get("children"))
    if attempt.source.kind in ("file", "system"):
        return
    for typed in sorted({child.specification for child in told} - set(todays_plans(work.settings).materials)):
        own_names_are_not_in(work, attempt.by, attempt.item, typed, "details.children")


def codes_are_on_nothing_else(work: Work, attempt: Attempt) -> list[Flag]:
    """A tube that bears a code already known is another thing: asked back, and its child is held."""
    sentences = []
    for child in read_children(attempt.details["children"]):
        if child.alias is None:
            continue
        names_no_person(work, child.alias)
        bearer = bearer_of(work, child.alias)
        if bearer is not None:
            sentences.append(on_another(child.alias, bearer, attempt.by))
    return attempt.ask_back(CODE_ON_ANOTHER, " ".join(sentences)[:400]) if sentences else []


def consent_covers_it(work: Work, attempt: Attempt) -> list[Flag]:
    """Working on a specimen needs its participant's consent for such material, in force when it is done."""
    item = attempt.item
    asked = _asked_of(work, attempt)
    if None in asked or not asked:
        return attempt.ask_back("no_participant", f"Nobody knows of whom {printed(item.identifier)} is.")
    at = attempt.at.at if attempt.at else attempt.recorded_at
    lacking = {
        scope
        for code, scopes in asked.items()
        for scope in scopes
        if code is not None and not consent_for(work, code, scope, at)
    }
    if not lacking:
        return []
    whose = item.participant or "everybody in it"
    made = MADE_BY[attempt.action]
    return attempt.ask_back(
        "no_consent",
        f"There is no consent of {whose} for {' and '.join(sorted(lacking))} in force; {made} may not be "
        "made.",
    )


MADE_BY = {Action.ALIQUOT: "aliquots", Action.DERIVE: "derivatives", Action.POOL: "pools"}


def _asked_of(work: Work, attempt: Attempt) -> dict[str | None, set[Scope]]:
    """Which consent is asked of whom; of a specimen that has a participant, of that one."""
    further = scopes_of_derivatives(attempt.details) if attempt.action is Action.DERIVE else set()
    if attempt.item.participant is not None:
        return {attempt.item.participant: further.union(scopes_of(work, attempt.item))}
    return {code: scopes | further for code, scopes in scopes_by_participant(work, attempt.item).items()}


def enough_is_in_it(work: Work, attempt: Attempt) -> list[Flag]:
    """Nine aliquots of 1 mL from an 8 mL tube: asked back, recorded once confirmed, and looked into."""
    known = [child.volume_microlitres or 0 for child in read_children(attempt.details["children"])]
    return adds_up(work, attempt, sum(known))


def minutes_after_collection(attempt: Attempt) -> float | None:
    """Between collection and this step; None when either time is unknown."""
    if attempt.at is None or attempt.item.collected_at is None:
        return None
    return (attempt.at.at - from_microseconds(attempt.item.collected_at)).total_seconds() / 60


def _outside(label: str, window: CentrifugeWindow, after: float) -> list[Flag]:
    """Part of a minute outside is told as outside: never 240 minutes where 240 is the most."""
    minutes = math.floor(after) if after < window.earliest_minutes else math.ceil(after)
    so_far = f"{label}: into the centrifuge {minutes} minutes after collection"
    if minutes < window.earliest_minutes:
        return [_warning("centrifuged_early", f"{so_far}; {window.earliest_minutes} is the least.")]
    if minutes > window.latest_minutes:
        return [_warning("centrifuged_late", f"{so_far}; {window.latest_minutes} is the most.")]
    return []


def _warning(code: str, sentence: str) -> Flag:
    return Flag(code, sentence, is_doubt=False)
