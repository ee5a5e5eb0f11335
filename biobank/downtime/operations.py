"""Forms are printed ahead, given up, and entered once: what stands on paper becomes events, none refused."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import text_or_none
from biobank.core.rows import locking
from biobank.custody.steps import Alert, Source
from biobank.downtime import checks
from biobank.downtime.choices import FormVoidReason
from biobank.downtime.entering import FormAtHand, record_form
from biobank.downtime.inputs import EnteredForm, NewPack
from biobank.downtime.models import DowntimeForm
from biobank.downtime.queries import form_named
from biobank.items.identifiers import Letter, new_identifier
from biobank.kits.checks import kit_named
from biobank.kits.queries import definition_named
from biobank.ledger.operations import append_to
from biobank.participants.checks import PROVISIONAL, code_well_formed

ENTRY = "downtime_form"


def print_pack(work: Work, new: NewPack, *, by: Actor) -> list[DowntimeForm]:
    """Give out numbers for blank forms. Raises `PackRefused`, `DefinitionUnknown`, `SiteNotYours`."""
    checks.pack_can_be_printed(work, new, by)
    definition = definition_named(work, new.definition).key
    numbers = [new_identifier(Letter.FORM) for _ in range(new.count)]
    forms = [
        DowntimeForm(
            number=number, pack=numbers[0], site=new.site, definition=definition,
            printed_at=moments.now(), printed_by=by.person,
        )
        for number in numbers
    ]  # fmt: skip
    work.session.add_all(forms)
    work.flush()
    for form in forms:
        _log(work, printed_content(form))
    return forms


def void_form(work: Work, number: str, reason: FormVoidReason, *, by: Actor) -> DowntimeForm:
    """A form that will not be entered. Raises `FormNotOut` and what `form_named` raises."""
    form = _locked(work, by, number)
    checks.is_out(form)
    form.voided_at, form.voided_by, form.void_reason = moments.now(), by.person, reason.value
    work.flush()
    _log(work, voided_content(form))
    return form


def enter_form(work: Work, told: EnteredForm, *, by: Actor) -> Sequence[Alert]:
    """Record what stands on a form, with the form's number as its source; returns what has to be heard.

    Who drew is the performer, `by` the recorder. What is odd is taken with a flag. Raises `FormNotOut` for a
    form that was entered before, `EntryRefused`, `CodeRefused` and what `form_named` and `item_now` raise.
    """
    form = _locked(work, by, told.number)
    checks.not_entered(form)
    if not PROVISIONAL.fullmatch(told.participant):
        code_well_formed(told.participant, work.settings.participant_code_pattern)
    kit = kit_named(work, told.kit)
    checks.performer_is_of_the_site(work, form, told.performer)
    checks.tubes_are_of_the_kit(work, kit, told)
    odd = list(checks.odd_on_the_form(work, form, kit, told))
    alerts = record_form(work, FormAtHand(told, form.site, kit, by, Source("paper", form.number), odd))
    form = _locked(work, by, told.number)
    form.kit_id, form.entered_at, form.entered_by = kit.id, moments.now(), by.person
    work.flush()
    _log(work, entered_content(form, kit.identifier))
    return alerts


def _locked(work: Work, by: Actor, number: str) -> DowntimeForm:
    """Held until the transaction ends: of two who enter one form at once, the second is told."""
    found = form_named(work, by, number)
    return work.session.scalars(locking(select(DowntimeForm).where(DowntimeForm.id == found.id))).one()


# What the ledger says.


def printed_content(form: DowntimeForm) -> Mapping[str, Any]:
    told = {"pack": form.pack, "site": form.site, "definition": form.definition}
    return {**_content(form, "printed"), **told, "recorded_by": form.printed_by}


def voided_content(form: DowntimeForm) -> Mapping[str, Any]:
    at = text_or_none(form.voided_at)
    told = {"reason": form.void_reason, "at": at, "recorded_by": form.voided_by}
    return {**_content(form, "voided"), **told}


def entered_content(form: DowntimeForm, kit: str) -> Mapping[str, Any]:
    at = text_or_none(form.entered_at)
    return {**_content(form, "entered"), "kit": kit, "at": at, "recorded_by": form.entered_by}


def _content(form: DowntimeForm, change: str) -> dict[str, Any]:
    return {"form": form.number, "change": change}


def _log(work: Work, content: Mapping[str, Any]) -> None:
    append_to(work, subject=f"form:{content['form']}", kind=ENTRY, content=content)
