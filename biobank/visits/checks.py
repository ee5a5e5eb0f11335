"""What must hold of a visit and of what is told of one: one small function a rule."""

from collections.abc import Collection
from datetime import timedelta

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.core.personal_shapes import names_nobody
from biobank.custody.checks import InTheFuture
from biobank.custody.steps import SEEN_ALREADY, AskedBack
from biobank.visits.choices import Identifier, VisitState
from biobank.visits.inputs import Telling
from biobank.visits.models import Visit

LONGEST_REMARK = 200
IDENTIFIERS_ASKED = 2
HEAVIEST_GRAMS, LIGHTEST_GRAMS = 300_000, 500


class VisitNotOpen(Conflict):
    """Closed or cancelled: it is amended or restored first."""

    title = "Visit not open"


class OtherVisit(Conflict):
    """The kit, the participant and the visit do not belong together."""

    title = "Other visit"


class TwoIdentifiersNeeded(Invalid):
    title = "Two identifiers"


class CompensatedAlready(Conflict):
    title = "Handed out already"


class RemarkRefused(Invalid):
    title = "Remark"


def is_open(visit: Visit) -> None:
    """Raises `VisitNotOpen`."""
    if visit.state != VisitState.OPEN.value:
        todo = "restore" if visit.state == VisitState.CANCELLED.value else "amend"
        raise VisitNotOpen(
            f"Visit {visit.id} is {visit.state}; {todo} it first, or open a new one.", visit=visit.id
        )


def not_in_the_future(work: Work, told: Telling) -> None:
    skew = timedelta(minutes=work.settings.clock_skew_minutes)
    if told.at is not None and told.at.at > moments.now() + skew:
        raise InTheFuture(
            f"{told.at.at:%Y-%m-%d %H:%M} UTC has not come yet; check the time and the date.",
            field="occurred_at",
        )


def remark_told(remark: str | None, *, needed: bool) -> str | None:
    """The remark without blanks around it. Raises `RemarkRefused`, `NamesSomebody`."""
    text = (remark or "").strip()
    if needed and not text:
        raise RemarkRefused("Say in a few words what the other reason is.", field="remark")
    if len(text) > LONGEST_REMARK:
        raise RemarkRefused(f"A remark has at most {LONGEST_REMARK} characters.", field="remark")
    names_nobody("remark", text)
    return text or None


def two_identifiers(identifiers: Collection[str]) -> list[str]:
    """Without doubles, in a stable order. Raises `TwoIdentifiersNeeded`."""
    known = sorted(each.value for each in Identifier if each.value in identifiers)
    if len(known) < IDENTIFIERS_ASKED or set(identifiers) - set(Identifier):
        raise TwoIdentifiersNeeded(
            "Ask for two of: full name, birth date, photo ID, home address; tick those that agree.",
            field="identifiers",
        )
    return known


def weight_is_likely(weight_grams: int | None, told: Telling) -> None:
    """A typing error of a digit is asked back; the sentence never says the weight."""
    if weight_grams is None or LIGHTEST_GRAMS <= weight_grams <= HEAVIEST_GRAMS:
        return
    surprising(told, "unlikely_weight", "This weight is very unusual; weigh again, in kilograms.")


def surprising(told: Telling, code: str, sentence: str) -> None:
    """Raises `AskedBack` the first time; what was confirmed or comes from paper or a file is taken."""
    if told.confirmation or told.source.kind in SEEN_ALREADY:
        return
    raise AskedBack(
        f"{sentence} If it really is so, confirm it with a reason.", confirmable=True, reason_code=code
    )
