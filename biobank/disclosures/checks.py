"""What must hold before something is given out, a demand is decided, a breach is reported."""

from collections.abc import Iterable
from datetime import timedelta

from biobank.access.actors import Actor
from biobank.access.checks import at_all_sites, permitted
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.codes import is_a_code
from biobank.core.days import day_can_be, day_has_come
from biobank.core.errors import Conflict, Forbidden, Invalid
from biobank.core.personal_shapes import names_nobody
from biobank.disclosures.choices import FIELDS, LETS_OUT, Basis, BreachAbout, DemandDecision, DisclosureState
from biobank.disclosures.inputs import DecidedDemand, NewBreach, NewDemand, NewDisclosure
from biobank.disclosures.models import DemandDecided, Disclosure, LegalDemand
from biobank.disclosures.queries import state_of

LONGEST_PURPOSE = 200
LONGEST_REASON = 300
MOST_PARTICIPANTS = 100
LONGEST_NAMED = 64
A_DAY = timedelta(days=1)


class DisclosureRefused(Invalid):
    title = "Disclosure refused"


class DemandRefused(Invalid):
    title = "Legal demand refused"


class BreachRefused(Invalid):
    title = "Breach report refused"


class DemandKnown(Conflict):
    title = "Recorded already"


class DemandNotDecided(Conflict):
    """Nothing leaves under a demand before compliance recorded that it may."""

    title = "Nothing may leave"


class NotPossibleNow(Conflict):
    title = "Not possible now"


class OwnDisclosure(Forbidden):
    title = "Somebody else approves"


def is_said(field: str, text: str, longest: int) -> None:
    """Raises `DisclosureRefused`, `NamesSomebody`."""
    if not text.strip() or len(text) > longest or not text.isprintable():
        raise DisclosureRefused(f"Say in at most {longest} characters what it is.", field=field)
    names_nobody(field, text)


def fields_are_known(fields: Iterable[str], *, needed: bool = True) -> None:
    """Raises `DisclosureRefused`."""
    named = list(fields)
    unknown = sorted(set(named) - set(FIELDS))
    if unknown:
        raise DisclosureRefused(f"There is no field {unknown[0]!r}; name each from the list.", field="fields")
    if needed and not named:
        raise DisclosureRefused("Name every field, as few as will do.", field="fields")


def demand_can_be(new: NewDemand) -> None:
    """Raises `DemandRefused`, `DisclosureRefused`, `DayRefused`, `NotACode`, `NamesSomebody`."""
    is_a_code("reference", new.reference)
    is_a_code("demanded_by", new.demanded_by)
    fields_are_known(new.fields)
    day_has_come("received_on", new.received_on)
    if new.answer_by is not None:
        day_can_be("answer_by", new.answer_by)
        if new.answer_by < new.received_on:
            raise DemandRefused("It cannot be due before it came; look at both days.", field="answer_by")
    if not 1 <= len(new.participants) <= MOST_PARTICIPANTS:
        raise DemandRefused(
            f"Name 1 to {MOST_PARTICIPANTS} participants by their codes; record a longer demand in parts.",
            field="participants",
        )


def decision_can_be(demand: LegalDemand, told: DecidedDemand) -> None:
    """Raises `DemandRefused`, `DisclosureRefused`, `NotACode`, `NamesSomebody`."""
    is_said("reason", told.reason, LONGEST_REASON)
    lets_out = told.decision in LETS_OUT
    fields_are_known(told.fields, needed=lets_out)
    more = sorted(set(told.fields) - set(demand.fields.split(",")))
    if more:
        raise DemandRefused(f"{more[0]} was not asked for; give out as little as possible.", field="fields")
    if told.fields and not lets_out:
        raise DemandRefused("Nothing leaves under a demand that is refused or contested.", field="fields")
    if told.certificate_cited != bool(told.certificate):
        raise DemandRefused(
            "Give the number of the Certificate of Confidentiality where it was cited, and only then.",
            field="certificate",
        )
    if told.certificate:
        is_a_code("certificate", told.certificate)


def disclosure_can_be(new: NewDisclosure) -> None:
    """Raises `DisclosureRefused`, `NotACode`, `NamesSomebody`."""
    fields_are_known(new.fields)
    is_a_code("receiver", new.receiver)
    is_said("purpose", new.purpose, LONGEST_PURPOSE)
    if (new.basis is Basis.LEGAL_DEMAND) != (new.demand is not None):
        raise DisclosureRefused(
            "Name the legal demand when that is the ground, and only then; record it first.", field="demand"
        )


def demand_lets_it_out(
    demand: LegalDemand,
    decided: DemandDecided | None,
    participant_codes: Iterable[str],
    fields: Iterable[str],
) -> None:
    """Raises `DemandNotDecided`."""
    if decided is None:
        raise DemandNotDecided(
            f"Compliance has not decided on legal demand {demand.reference}; nothing leaves under it before."
        )
    if decided.decision == DemandDecision.REFUSED:
        raise DemandNotDecided(f"Legal demand {demand.reference} is refused; nothing leaves under it.")
    if decided.decision == DemandDecision.CONTESTED:
        raise DemandNotDecided(f"Legal demand {demand.reference} is contested; nothing leaves under it.")
    if not set(participant_codes) & set(demand.participants.split(",")):
        raise DemandNotDecided(f"Legal demand {demand.reference} does not ask for this participant.")
    more = sorted(set(fields) - set(decided.fields.split(",")))
    if more:
        raise DemandNotDecided(
            f"The decision on legal demand {demand.reference} does not let {more[0].replace('_', ' ')} out."
        )


def is_now(disclosure: Disclosure, *wanted: DisclosureState) -> None:
    """Raises `NotPossibleNow`."""
    state = state_of(disclosure)
    if state not in wanted:
        raise NotPossibleNow(_how_it_stands(disclosure.id, state))


def _how_it_stands(number: int, state: DisclosureState) -> str:
    match state:
        case DisclosureState.OPENED:
            return f"Disclosure {number} waits for its approval; nothing is handed out before."
        case DisclosureState.APPROVED:
            return f"Disclosure {number} is approved and not handed out yet; hand it out, or give it up."
        case DisclosureState.HANDED_OUT:
            return f"Disclosure {number} was handed out already; what is out cannot be taken back."
        case DisclosureState.GIVEN_UP:
            return f"Disclosure {number} was given up; open another one if something has to be given out."


def signer_may(signer: Actor, opened_by: str | None = None) -> None:
    """Compliance, and never who opened it. Raises `PermissionMissing`, `OwnDisclosure`."""
    permitted(signer, Permission.MAKE_DISCLOSURES)
    if signer.person == opened_by:
        raise OwnDisclosure(f"{signer.person} opened it; somebody else approves it.", field="signer")


def sees_everybody(by: Actor) -> None:
    """A report that left out people of other sites would leave them untold. Raises `AllSitesNeeded`."""
    at_all_sites(
        by,
        "A breach concerns participants of every site; tell somebody of compliance who works at all sites, "
        "and they report it.",
    )


def breach_can_be(told: NewBreach) -> None:
    """Raises `BreachRefused`, `DayRefused`, `NamesSomebody`."""
    if told.until_at < told.from_at:
        raise BreachRefused("It ends before it begins; look at both times.", field="until_at")
    day_has_come("found_on", told.found_on)
    day_can_be("from_at", told.from_at.date())
    _window_can_be(told)
    if (told.about is BreachAbout.WINDOW) == bool(told.named):
        raise BreachRefused(
            "Name the account, the station or the number of the token; of a time nothing is named.",
            field="named",
        )
    if told.named:
        if len(told.named) > LONGEST_NAMED:
            raise BreachRefused(f"What is named has at most {LONGEST_NAMED} characters.", field="named")
        names_nobody("named", told.named)


def _window_can_be(told: NewBreach) -> None:
    """Days of different zones are a day apart at most. Raises `BreachRefused`."""
    if told.until_at > moments.now() + A_DAY:
        raise BreachRefused(
            "That time has not come yet; a report tells what was seen until now.", field="until_at"
        )
    if told.found_on + A_DAY < told.from_at.date():
        raise BreachRefused("It was found before it began; look at both days.", field="found_on")
