"""What must hold before a kit is issued, assigned or given up, and what is asked when a tube is collected."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from enum import StrEnum

from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.custody.queries import item_now
from biobank.custody.states import Kind, State
from biobank.custody.steps import SEEN_ALREADY, Attempt, Flag, ItemNow
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.kits.choices import Fill, NotCollectedReason, ReturnReason, VoidReason
from biobank.kits.queries import definitions, kit_of, specification_of_tube, specifications_of_kit
from biobank.participants import checks as participant_checks
from biobank.participants.models import Participant
from biobank.participants.operations import lock
from biobank.participants.queries import consent_for, participant_named, standing
from biobank.sites.queries import site_called, site_named

WERE_DONE = SEEN_ALREADY - {"system"}
"""Sources that tell what hands did: also a decision is a fact by then."""


class DetailMissing(Invalid):
    """The step needs an answer that was not given, or not from its list."""

    title = "Detail missing"


class KitExpired(Conflict):
    """Nothing in it may be used any more."""

    title = "Kit expired"


class GoesWithItsKit(Conflict):
    """A tube is issued and assigned with its kit, never alone."""

    title = "Scan the kit"


class BadCount(Invalid):
    title = "Number of kits"


class NotAKit(Invalid):
    title = "Not a kit"


def kit_named(work: Work, text: str) -> ItemNow:
    """The kit that bears `text`. Raises `NotAKit`, `UnknownItem`, `UnreadableIdentifier`."""
    found = item_now(work, text)
    is_a_kit(found)
    return found


def is_a_kit(item: ItemNow) -> None:
    """Raises `NotAKit`."""
    if item.kind is not Kind.KIT:
        raise NotAKit(
            f"{printed(item.identifier)} is a {item.kind.replace('_', ' ')}; scan the code of the kit.",
            item=item.identifier,
        )


# Details.


def detail(attempt: Attempt, name: str, what: str) -> str:
    """A text in the step's details. Raises `DetailMissing`."""
    value = attempt.details.get(name)
    if not isinstance(value, str) or not value.strip():
        action = attempt.action.replace("_", " ").capitalize()
        raise DetailMissing(f"{action} needs {what}; give it as details.{name}.", field=f"details.{name}")
    return value.strip()


def one_of(attempt: Attempt, name: str, choices: type[StrEnum]) -> None:
    """Raises `DetailMissing`."""
    value = attempt.details.get(name)
    if value not in list(choices):  # a list: what was sent need not be hashable
        raise DetailMissing(
            f"details.{name} has to be one of {', '.join(choices)}; choose one.", field=f"details.{name}"
        )


# Issuing, giving up.


def goes_to_a_known_site(work: Work, attempt: Attempt) -> None:
    """Raises `DetailMissing`, `SiteUnknown`."""
    site_named(work, detail(attempt, "site", "the code of the site that gets the kit"))


def reason_for_giving_up_is_known(_work: Work, attempt: Attempt) -> None:
    """Raises `DetailMissing`; no reason at all is taken."""
    if "reason" in attempt.details:
        one_of(attempt, "reason", VoidReason)


def reason_for_giving_back_is_known(_work: Work, attempt: Attempt) -> None:
    """Raises `DetailMissing`."""
    if attempt.item.kind is Kind.KIT:
        one_of(attempt, "reason", ReturnReason)


def kit_came_where_it_was_sent(work: Work, attempt: Attempt) -> list[Flag]:
    """A kit turns up at another site than it was issued to: taken, and the site that waits for it is told."""
    item, here = attempt.item, attempt.bench_site
    expected = item.sent_to or item.site
    if item.kind is not Kind.KIT or here is None or expected in (None, here):
        return []
    sentence = (
        f"{printed(item.identifier)} was sent to {site_called(work, expected)}, not to "
        f"{site_called(work, here)}. "
        "Put it aside and tell them, or ask the biobank to issue it to you."
    )
    return [Flag("came_to_another_site", sentence)]


def goes_with_its_kit(work: Work, attempt: Attempt) -> None:
    """Raises `GoesWithItsKit` for a tube whose kit was not issued or assigned just so before."""
    if attempt.item.kind is not Kind.TUBE:
        return
    kit = kit_of(work, attempt.item)
    told = {name: attempt.details[name] for name in ("site", "participant") if name in attempt.details}
    follows = kit is not None and all(getattr(kit, name) == value for name, value in told.items())
    changes = any(getattr(attempt.item, name) != value for name, value in told.items())
    if not told or not follows or not changes:
        raise GoesWithItsKit(
            f"{printed(attempt.item.identifier)} is issued and assigned with its kit; scan the kit.",
            item=attempt.item.identifier,
            kit=kit.identifier if kit else None,
        )


def kit_not_expired(work: Work, attempt: Attempt) -> list[Flag]:
    """Raises `KitExpired`."""
    kit = _kit(work, attempt)
    if kit is None or not _expired(kit, attempt):
        return []
    refusal = KitExpired(
        f"{printed(kit.identifier)} expired on {kit.expires_on}; take another kit and void this one.",
        item=kit.identifier,
    )
    return told_or_refused(attempt, "kit_expired", refusal)


def _kit(work: Work, attempt: Attempt) -> Item | None:
    if attempt.item.kind is Kind.KIT:
        return work.session.get(Item, attempt.item.id)
    return kit_of(work, attempt.item)


def _expired(kit: Item, attempt: Attempt) -> bool:
    return kit.expires_on is not None and kit.expires_on < day_of(attempt)


def day_of(attempt: Attempt) -> date:
    """The day on the calendar of whoever did it; without a time, our clock's."""
    if attempt.at is None:
        return attempt.recorded_at.date()
    return (attempt.at.at + timedelta(minutes=attempt.at.offset_minutes)).date()


def told_or_refused(attempt: Attempt, code: str, refusal: Conflict) -> list[Flag]:
    """A decision is refused; one that a form or a file tells of was taken, and is kept with a flag."""
    if attempt.source.kind in WERE_DONE:
        return [Flag(code, refusal.detail)]
    raise refusal


# Assigning.


def participant_may_give(work: Work, attempt: Attempt) -> list[Flag]:
    """Locks the participant.

    Raises `ParticipantUnknown`, `CollectionStopped`, `AgeMismatch`, `ConsentMissing`.
    """
    if attempt.item.kind is not Kind.KIT:
        return []
    participant = lock(work, detail(attempt, "participant", "the code of the participant"))
    if participant.provisional and attempt.source.kind in WERE_DONE:
        return [_consent_unknown(participant)]
    questions: tuple[tuple[str, Callable[[], object]], ...] = (
        ("collection_stopped", lambda: participant_checks.collection_open(participant)),
        (
            "wrong_age",
            lambda: participant_checks.kit_fits_age(participant, pediatric=_pediatric(work, attempt)),
        ),
        ("outside_consent", lambda: _consented_to_all(work, attempt, participant)),
    )
    return [flag for code, question in questions for flag in answered(attempt, code, question)]


def _consent_unknown(participant: Participant) -> Flag:
    """Nobody has to explain it: consents come with the biobank id."""
    sentence = f"{participant.code} has no biobank id yet, so no consent is known; do not use it until it is."
    return Flag("consent_unknown", sentence, is_doubt=False)


def answered(attempt: Attempt, code: str, question: Callable[[], object]) -> list[Flag]:
    """What a question of an assignment refuses is refused, or told with a flag when hands were faster."""
    try:
        question()
    except Conflict as refusal:
        return told_or_refused(attempt, code, refusal)
    return []


def _pediatric(work: Work, attempt: Attempt) -> bool:
    definition = definitions(work).get(attempt.item.specification or "")
    # A kit as ordered says nothing of age, so it fits.
    return definition is None or definition.name.startswith("pediatric")


def _consented_to_all(work: Work, attempt: Attempt, participant: Participant) -> None:
    at = attempt.at.at if attempt.at else attempt.recorded_at
    for scope in dict.fromkeys(tube.scope for tube in specifications_of_kit(work, attempt.item)):
        participant_checks.consented(work, participant, scope, at)


# Collecting.


def kit_is_assigned(work: Work, attempt: Attempt) -> list[Flag]:
    kit = kit_of(work, attempt.item)
    if kit is not None and kit.state == State.ASSIGNED.value and attempt.item.participant:
        return []
    return attempt.ask_back(
        "kit_not_assigned",
        f"The kit of {printed(attempt.item.identifier)} is not assigned to a participant.",
    )


def kit_was_not_expired(work: Work, attempt: Attempt) -> list[Flag]:
    """By the date of the tube itself: one from the shelf has its own."""
    expires_on = work.session.get_one(Item, attempt.item.id).expires_on
    if expires_on is None or expires_on >= day_of(attempt):
        return []
    return attempt.ask_back("kit_expired", f"{printed(attempt.item.identifier)} expired on {expires_on}.")


def participant_could_give(work: Work, attempt: Attempt) -> list[Flag]:
    """What was drawn is recorded whatever the participant's standing; the flag makes it a held tube."""
    code = attempt.item.participant
    if code is None:
        return []
    participant = participant_named(work, code)
    if standing(participant).collection_stopped:
        sentence = "Its participant gives nothing more (withdrew or is deceased); do not use this tube."
        return [Flag("collection_stopped", sentence)]
    tube = specification_of_tube(work, attempt.item)
    at = attempt.at.at if attempt.at else attempt.recorded_at
    if tube and consent_for(work, participant.code, tube.scope, at):
        return []
    if participant.provisional:
        return [_consent_unknown(participant)]
    kind = tube.scope if tube else f"what {attempt.item.specification} holds"
    return [Flag("outside_consent", f"No consent of its participant for {kind} was in force; do not use it.")]


def fill_is_understood(work: Work, attempt: Attempt) -> Iterable[Flag]:
    """Raises `DetailMissing` for a fill or a volume that is none; a volume in whole microlitres."""
    if "fill" in attempt.details:
        one_of(attempt, "fill", Fill)
    volume = attempt.details.get("volume_microlitres")
    if volume is None:
        return []
    if not isinstance(volume, int) or isinstance(volume, bool) or volume < 1:
        raise DetailMissing(
            "details.volume_microlitres is a whole number above 0; leave it out when nobody knows.",
            field="details.volume_microlitres",
        )
    tube = specification_of_tube(work, attempt.item)
    nominal = tube.nominal_volume_microlitres if tube else None
    if nominal is None or volume <= nominal:
        return []
    return attempt.ask_back(
        "more_than_it_holds",
        f"{printed(attempt.item.identifier)} holds {nominal / 1000:g} mL, not {volume / 1000:g} mL.",
    )


def reason_for_not_collecting_is_known(_work: Work, attempt: Attempt) -> None:
    """Raises `DetailMissing`."""
    one_of(attempt, "reason", NotCollectedReason)


# Linking.


def participant_to_link_is_known(work: Work, attempt: Attempt) -> None:
    """Locks whose it was and whose it is, in the order of their codes, as a decision of either locks them.

    Raises `DetailMissing`, `ParticipantUnknown`.
    """
    told = {detail(attempt, "participant", "the code that the item is linked to"), attempt.item.participant}
    for code in sorted({participant_named(work, code).code for code in told if code is not None}):
        lock(work, code)
