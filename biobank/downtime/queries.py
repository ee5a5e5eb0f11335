"""Questions about downtime forms: which is which, which are out, which steps were told late."""

from collections.abc import Sequence

from sqlalchemy import Select, select

from biobank.access.actors import Actor
from biobank.access.models import Person, RoleGrant
from biobank.core.database import Work
from biobank.core.errors import Forbidden, Invalid, NotFound
from biobank.downtime.choices import FormStanding
from biobank.downtime.models import DowntimeForm, LateEntry
from biobank.items.identifiers import MEANINGS, Letter, printed, read_identifier
from biobank.sites.queries import site_called


class FormUnknown(NotFound):
    """No form bears this number."""

    title = "Form unknown"


class FormElsewhere(Forbidden):
    """The form is of another site."""

    title = "Form of another site"


class NotAForm(Invalid):
    """The code is of something else."""

    title = "Not a form"


def form_named(work: Work, by: Actor, text: str) -> DowntimeForm:
    """The form with this number, scanned or keyed, for people of its site.

    Raises `NotAForm`, `FormUnknown`, `FormElsewhere` and an `UnreadableIdentifier`.
    """
    number = read_identifier(text)
    if number[0] != Letter.FORM:
        raise NotAForm(
            f"{printed(number)} is a {MEANINGS[Letter(number[0])]}; scan the number that begins with F.",
            field="text",
        )
    form = work.session.scalar(select(DowntimeForm).where(DowntimeForm.number == number))
    if form is None:
        raise FormUnknown(f"No form has the number {printed(number)}; look at it again.", field="text")
    if not by.works_at(form.site):
        raise FormElsewhere(
            f"{printed(number)} is of {site_called(work, form.site)}; give it to them, they enter it.",
            site=form.site,
        )
    return form


def standing_of(form: DowntimeForm) -> FormStanding:
    if form.entered_at is not None:
        return FormStanding.ENTERED
    return FormStanding.OUT if form.voided_at is None else FormStanding.VOIDED


def forms_listed(by: Actor, standing: FormStanding | None = None) -> Select[DowntimeForm]:
    """Forms of the sites that `by` works at; to be read a page at a time, by `id`."""
    question: Select[DowntimeForm] = select(DowntimeForm)
    if by.sites is not None:
        question = question.where(DowntimeForm.site.in_(sorted(by.sites)))
    if standing is FormStanding.ENTERED:
        return question.where(DowntimeForm.entered_at.is_not(None))
    if standing is not None:
        question = question.where(DowntimeForm.entered_at.is_(None))
    if standing is FormStanding.VOIDED:
        return question.where(DowntimeForm.voided_at.is_not(None))
    return question.where(DowntimeForm.voided_at.is_(None)) if standing is FormStanding.OUT else question


def forms_of_pack(work: Work, by: Actor, pack: str) -> Sequence[DowntimeForm]:
    """In the order of printing. Raises what `form_named` raises."""
    first = form_named(work, by, pack)
    question = select(DowntimeForm).where(DowntimeForm.pack == first.pack).order_by(DowntimeForm.id)
    return work.session.scalars(question).all()


def other_form_of_kit(work: Work, kit_id: int, but: int) -> DowntimeForm | None:
    """Another form on which this kit was drawn."""
    question = select(DowntimeForm).where(DowntimeForm.kit_id == kit_id, DowntimeForm.id != but)
    return work.session.scalar(question.order_by(DowntimeForm.id).limit(1))


def people_of_site(work: Work, site: str) -> list[str]:
    """User names of those who have a role at a site now, or had one when the form was written."""
    question = (
        select(Person.username)
        .join(RoleGrant, RoleGrant.person == Person.username)
        .where(RoleGrant.site == site, Person.outsider.is_(False))
    )
    return list(work.session.scalars(question.distinct().order_by(Person.username)))


def late_entries(by: Actor) -> Select[LateEntry]:
    """Steps of items of the sites that `by` works at, told late; to be read a page at a time, by `id`."""
    question: Select[LateEntry] = select(LateEntry)
    return question if by.sites is None else question.where(LateEntry.site.in_(sorted(by.sites)))
