"""What must hold before forms are printed, voided or entered, and what is odd on a form that is entered."""

from collections.abc import Iterator

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.custody.steps import Attempt, Flag, ItemNow
from biobank.downtime.choices import FormStanding
from biobank.downtime.inputs import EnteredForm, NewPack
from biobank.downtime.models import DowntimeForm
from biobank.downtime.queries import other_form_of_kit, people_of_site, standing_of
from biobank.items.identifiers import printed
from biobank.items.queries import tubes_of_kit
from biobank.sites.queries import site_called, site_named

MOST_FORMS = 100
OTHER_DEFINITION = "other_definition"
MERELY_NOTED = frozenset({OTHER_DEFINITION})
"""Flags that nobody has to explain."""


class PackRefused(Invalid):
    title = "Forms not printed"


class FormNotOut(Conflict):
    """A form is entered once, and voided while nobody has entered it."""

    title = "Form not out any more"


class EntryRefused(Invalid):
    """What was typed cannot be what stands on the form."""

    title = "Form not entered"


def pack_can_be_printed(work: Work, new: NewPack, by: Actor) -> None:
    """Raises `SiteUnknown`, `SiteNotYours`, `PackRefused`."""
    at_own_site(by, site_named(work, new.site).code)
    if not 1 <= new.count <= MOST_FORMS:
        raise PackRefused(f"1 to {MOST_FORMS} forms are printed at once, not {new.count}.", field="count")


def not_entered(form: DowntimeForm) -> None:
    """Raises `FormNotOut`, which says who entered it when."""
    if form.entered_at is not None:
        raise FormNotOut(
            f"{printed(form.number)} was entered by {form.entered_by} at {form.entered_at:%Y-%m-%d %H:%M} "
            "UTC; compare it with what is recorded, and correct there what is wrong.",
            form=form.number,
        )


def is_out(form: DowntimeForm) -> None:
    """Raises `FormNotOut`."""
    not_entered(form)
    if standing_of(form) is FormStanding.VOIDED:
        raise FormNotOut(
            f"{printed(form.number)} was voided by {form.voided_by} at {form.voided_at:%Y-%m-%d %H:%M} UTC; "
            "nothing is left to do.",
            form=form.number,
        )


def performer_is_of_the_site(work: Work, form: DowntimeForm, performer: str) -> None:
    """Raises `EntryRefused`."""
    if performer not in people_of_site(work, form.site):
        raise EntryRefused(
            f"Nobody at {site_called(work, form.site)} has this user name; choose who drew from the list.",
            field="performer",
        )


def tubes_are_of_the_kit(work: Work, kit: ItemNow, told: EnteredForm) -> None:
    """Raises `EntryRefused`."""
    known = {tube.identifier for tube in tubes_of_kit(work, kit.id)}
    for tube in told.tubes:
        if tube.tube not in known:
            raise EntryRefused(f"{printed(tube.tube)} is not in {printed(kit.identifier)}.", field="kit")
    if not told.tubes:
        raise EntryRefused("Say of at least one tube what became of it.", field="tubes")


def odd_on_the_form(
    work: Work, form: DowntimeForm, kit: ItemNow, told: EnteredForm
) -> Iterator[dict[str, str]]:
    """What is taken all the same, with a flag."""
    number = printed(form.number)
    if form.voided_at is not None:
        yield odd("voided_form", f"{number} was voided by {form.voided_by} and has been entered after all.")
    other = other_form_of_kit(work, kit.id, form.id)
    if other is not None:
        yield odd(
            "kit_on_two_forms",
            f"{printed(kit.identifier)} is on {number} and on {printed(other.number)}, entered before.",
        )
    if kit.specification != form.definition:
        yield odd(
            OTHER_DEFINITION, f"{number} was printed for {form.definition}; the kit is {kit.specification}."
        )
    code = told.participant
    if kit.participant is not None and kit.participant != code:
        yield odd(
            "other_participant_on_paper",
            f"{number} says {code}, and {printed(kit.identifier)} is assigned to {kit.participant}.",
        )


def odd(code: str, sentence: str) -> dict[str, str]:
    return {"code": code, "sentence": sentence}


def what_the_paper_says(_work: Work, attempt: Attempt) -> list[Flag]:
    """The oddities of a form, as flags of the first event that comes of it."""
    if attempt.source.kind != "paper":
        return []
    return [
        Flag(str(each["code"]), str(each["sentence"]), is_doubt=each["code"] not in MERELY_NOTED)
        for each in _told(attempt.details.get("odd"))
    ]


def _told(found: object) -> list[dict[str, str]]:
    """What stations send beside is no oddity of a form."""
    if not isinstance(found, list):
        return []
    return [each for each in found if isinstance(each, dict) and {"code", "sentence"} <= each.keys()]
