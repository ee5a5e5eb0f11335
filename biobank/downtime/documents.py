"""The pack of blank forms as a PDF, with its page of instructions in two languages."""

from collections.abc import Sequence
from pathlib import Path

from biobank.core.database import Work
from biobank.core.moments import shown
from biobank.downtime.models import DowntimeForm
from biobank.downtime.wording import form_words
from biobank.kits.queries import definition_named
from biobank.printing.blank_forms import BlankForm, BlankTube, blank_forms_drawn
from biobank.sites.queries import site_named

PAPERS = ("letter", "a4")


def pack_pdf(work: Work, forms: Sequence[DowntimeForm], paper: str) -> bytes:
    """The same forms give the same bytes. Raises `LabelsRefused`, `DefinitionUnknown`, `BadDowntimeFile`."""
    words = form_words(Path(work.settings.downtime_file))
    return blank_forms_drawn([_blank(work, form) for form in forms], words, paper)


def _blank(work: Work, form: DowntimeForm) -> BlankForm:
    site = site_named(work, form.site)
    tubes = tuple(
        BlankTube(tube.draw_order, tube.label, tube.colour, tube.code, tube.centrifuge is not None)
        for tube in definition_named(work, form.definition).tubes
    )
    return BlankForm(
        form.number,
        tubes,
        programme=work.settings.programme,
        site=site.name,
        definition=form.definition,
        printed=shown(form.printed_at, site.zone)[:10],
    )
