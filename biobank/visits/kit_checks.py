"""What must hold before a kit is assigned in a visit, and before blood is collected in one."""

from collections.abc import Callable
from datetime import datetime

from biobank.core.database import Work
from biobank.core.errors import Conflict
from biobank.custody.states import Kind, State
from biobank.custody.steps import Attempt, Flag
from biobank.items.identifiers import printed
from biobank.kits.checks import DetailMissing, answered
from biobank.kits.definitions import KitDefinition
from biobank.kits.queries import definitions, kit_of, specification_of_tube
from biobank.participants.checks import ConsentMissing
from biobank.participants.choices import Signer
from biobank.participants.models import Participant
from biobank.participants.queries import consent_for, participant_named
from biobank.visits.blood_limits import (
    LEAST_GRAMS,
    blood_in,
    bound_of,
    is_blood,
    is_pediatric,
    kit_for_weight,
    most_in_eight_weeks,
)
from biobank.visits.checks import OtherVisit, is_open
from biobank.visits.choices import DRAWN
from biobank.visits.models import Visit
from biobank.visits.queries import answers_of, clearance_of, visit_numbered, visit_of_kit
from biobank.visits.volumes import blood_of_eight_weeks, blood_still_to_draw


class IdentityNotAttested(Conflict):
    title = "Who is it?"


class NotCleared(Conflict):
    """Blood is not drawn before the safety questions, or after answers that forbid it."""

    title = "No blood"


class KitTooLarge(Conflict):
    """The kit takes more blood than the weight of the day allows."""

    title = "Wrong kit for the weight"


class VolumeLimit(Conflict):
    title = "Too much blood"


class GuardianMissing(ConsentMissing):
    title = "Guardian's consent missing"


def fits_its_visit(work: Work, attempt: Attempt) -> list[Flag]:
    """Nothing where no visit is named: whoever assigns over the API may keep visits of their own.

    Raises `VisitUnknown`, `DetailMissing`, `VisitNotOpen`, `OtherVisit`, `IdentityNotAttested`,
    `NotCleared`, `KitTooLarge`, `VolumeLimit`, `GuardianMissing`.
    """
    if attempt.item.kind is not Kind.KIT or attempt.details.get("visit") is None:
        return []
    number = attempt.details["visit"]
    if not isinstance(number, int) or isinstance(number, bool):
        raise DetailMissing("details.visit is the number of a visit.", field="details.visit")
    visit = visit_numbered(work, number)
    participant = participant_named(work, str(attempt.details["participant"]))
    questions: tuple[tuple[str, Callable[[], object]], ...] = (
        ("visit_not_open", lambda: is_open(visit)),
        ("other_visit", lambda: _belong_together(work, attempt, visit, participant)),
        ("identity_not_attested", lambda: _identity_attested(visit)),
        ("not_cleared", lambda: _cleared(work, attempt, visit)),
        ("wrong_kit_for_weight", lambda: _fits_weight(work, attempt, visit, participant)),
        ("volume_limit", lambda: _within_limit(work, attempt, visit, participant)),
        ("guardian_missing", lambda: _guardian_consented(work, attempt, participant)),
    )
    return [flag for code, question in questions for flag in answered(attempt, code, question)]


def _belong_together(work: Work, attempt: Attempt, visit: Visit, participant: Participant) -> None:
    if participant_named(work, visit.participant).code != participant.code:
        raise OtherVisit(
            f"Visit {visit.id} is of another participant; scan the kit in the right visit.", visit=visit.id
        )
    if attempt.item.site not in (None, visit.site):
        raise OtherVisit(
            f"{printed(attempt.item.identifier)} is of {attempt.item.site} and visit {visit.id} is at "
            f"{visit.site}; take a kit of your site.",
            visit=visit.id,
        )


def _identity_attested(visit: Visit) -> None:
    if visit.identity_attested_at is None:
        raise IdentityNotAttested(
            "Ask for two identifiers first, and tick those that agree; then scan the kit again.",
            visit=visit.id,
        )


def _definition(work: Work, attempt: Attempt) -> KitDefinition | None:
    return definitions(work).get(attempt.item.specification or "")


def _cleared(work: Work, attempt: Attempt, visit: Visit) -> None:
    """A kit that holds urine too is assigned without clearance for blood; its blood tubes stay empty."""
    definition, clearance = _definition(work, attempt), clearance_of(work, visit)
    if definition is None or not blood_in(definition) or clearance in DRAWN:
        return
    if clearance is None:
        raise NotCleared("Ask the safety questions first; then scan the kit again.", visit=visit.id)
    if all(is_blood(tube) for tube in definition.tubes):
        raise NotCleared(
            f"No blood is drawn today, and {printed(attempt.item.identifier)} is for blood alone; "
            "take a urine kit.",
            visit=visit.id,
        )


def _draws_blood(work: Work, attempt: Attempt, visit: Visit) -> KitDefinition | None:
    """The kit's definition, when blood is going to be drawn with it."""
    definition = _definition(work, attempt)
    if definition is None or not blood_in(definition) or clearance_of(work, visit) not in DRAWN:
        return None
    return definition


def _fits_weight(work: Work, attempt: Attempt, visit: Visit, participant: Participant) -> None:
    """The sentence says which kit to take, never what the child weighs."""
    definition = _draws_blood(work, attempt, visit)
    if definition is None or not (participant.minor or is_pediatric(definition)):
        return
    weight = _weight(work, visit)
    proposed = kit_for_weight(definitions(work), weight)
    if (
        weight is None
        or weight < LEAST_GRAMS
        or proposed is None
        or bound_of(definition) > bound_of(proposed)
    ):
        instead = f"take {proposed.key}" if proposed else "draw no blood"
        raise KitTooLarge(
            f"{printed(attempt.item.identifier)} is not the kit for the weight of the day; {instead}, "
            "or weigh the child again.",
            visit=visit.id,
        )


def _within_limit(work: Work, attempt: Attempt, visit: Visit, participant: Participant) -> None:
    definition, weight = _draws_blood(work, attempt, visit), _weight(work, visit)
    if definition is None or weight is None or not (participant.minor or is_pediatric(definition)):
        return
    answers = answers_of(work, visit)
    drawn = blood_of_eight_weeks(work, participant.code, _moment(attempt))
    drawn += blood_still_to_draw(work, visit) + (answers.drawn_elsewhere_microlitres if answers else 0)
    if drawn + blood_in(definition) > most_in_eight_weeks(weight):
        raise VolumeLimit(
            f"With {printed(attempt.item.identifier)} more blood than is allowed within eight weeks would be "
            "drawn from this child; take a urine kit, or a kit with less blood.",
            visit=visit.id,
        )


def _weight(work: Work, visit: Visit) -> int | None:
    answers = answers_of(work, visit)
    return answers.weight_grams if answers else None


def _guardian_consented(work: Work, attempt: Attempt, participant: Participant) -> None:
    """Of a minor; who signed each consent is asked beside whether it is in force."""
    definition = _definition(work, attempt)
    if not participant.minor or definition is None:
        return
    for scope in dict.fromkeys(tube.scope for tube in definition.tubes):
        consent = consent_for(work, participant.code, scope, _moment(attempt))
        if consent is not None and consent.signed_by != Signer.GUARDIAN:
            raise GuardianMissing(
                f"{participant.code} is a minor and no guardian signed the consent for {scope}; record the "
                "guardian's consent first.",
                participant=participant.code,
                scope=scope,
            )


def _moment(attempt: Attempt) -> datetime:
    return attempt.at.at if attempt.at else attempt.recorded_at


def blood_was_cleared(work: Work, attempt: Attempt) -> list[Flag]:
    """What was drawn is recorded; blood that was not cleared is asked back once."""
    tube, kit = specification_of_tube(work, attempt.item), kit_of(work, attempt.item)
    if tube is None or kit is None or not is_blood(tube) or attempt.item.state is not State.EXPECTED:
        return []
    visit = visit_of_kit(work, kit)
    if visit is None or clearance_of(work, visit) in DRAWN:
        return []
    return attempt.ask_back(
        "not_cleared", f"No blood was cleared in this visit, and {printed(attempt.item.identifier)} is blood."
    )
