"""Blank forms for a clinic whose computers are down: what is written at the chair and entered later.

Each form has a number of its own, as bars and to be keyed. It has room for codes, times and ticks only; there
is no line for a participant's name and none for an answer about health.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from labels.errors import LabelError
from labels.fonts import BOLD, MONO_BOLD, SANS, width_in_ems
from labels.model import MM_PER_INCH, POINTS_PER_INCH, Align, Text
from labels.paper import Page, pages_pdf, size_of
from labels.proof import prove_pages
from labels.spelling import readable

MARGIN_MM = 12.0
HEADER_MM = 31.0
PERSON_MM = 37.0
ASKED_MM = 28.0
HEAD_MM = 9.0
ROW_MM = 10.8
END_MM = 31.0
FOOTER_MM = 5.0

BARS_MM = (38.0, 11.0)
"""Width with the quiet zones, and height."""

BOX_MM = 3.6
STICKER_MM = (84.0, 30.0)
"""Room for the label of a kit's box."""

COLUMNS_MM = (70.0, 15.0, 32.0, 27.0, 22.0, 20.0)
"""What to draw; full; short and how much; not drawn and why; time; time into the centrifuge."""

READABLE_POINTS = 7.0


@dataclass(frozen=True, slots=True)
class BlankTube:
    """One tube in draw order; its colour is the word for the stopper's."""

    order: int
    specimen: str
    colour: str = ""
    code: str = ""
    spins: bool = False


@dataclass(frozen=True, slots=True)
class BlankForm:
    """A form with the tubes of one kit definition, for one site."""

    number: str
    tubes: tuple[BlankTube, ...]
    programme: str = ""
    site: str = ""
    definition: str = ""
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Instructions:
    """What to do, in one language: a title, and one paragraph a step."""

    title: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormWords:
    """The words on the forms by their names in `CAPTIONS`, the reasons by number, the page before them."""

    captions: Mapping[str, str]
    identifiers: tuple[str, ...]
    reasons: tuple[str, ...]
    instructions: tuple[Instructions, ...]


CAPTIONS = frozenset(
    {
        "title", "number", "sticker", "participant", "identifiers", "cleared", "yes", "no", "date", "by",
        "tube", "full", "short", "not_drawn", "time", "spun", "reasons", "labels_confirmed", "compensation",
        "parcel", "footer",
    }
)  # fmt: skip
"""Each has to be there."""


def blank_forms_pdf(
    forms: Sequence[BlankForm], words: FormWords, *, paper: str = "letter", dpi: int = 300
) -> bytes:
    """The page of instructions, then a page a form.

    Raises LabelError for no form, a form without tubes or with too many, other paper, a word that is missing,
    and what would not fit.
    """
    return pages_pdf(_drawn(forms, words, paper, dpi), f"Downtime forms, {dpi} dpi")


def prove_blank_forms(
    pdf: bytes, forms: Sequence[BlankForm], words: FormWords, *, paper: str = "letter", dpi: int = 300
) -> None:
    """Each form bears its own number alone, and its words. Raises ProofFailed."""
    drawn = _drawn(forms, words, paper, dpi)
    prove_pages(pdf, [(*page.size, page.marks) for page in drawn], dpi)


def _drawn(forms: Sequence[BlankForm], words: FormWords, paper: str, dpi: int) -> list[Page]:
    lacking = sorted(CAPTIONS - words.captions.keys())
    if not forms or lacking:
        raise LabelError(f"Forms need {', '.join(lacking) or 'a number each'}; add what is missing.")
    first = _instructions(words, Page(*size_of(paper), dpi))
    return [first, *(_form(form, words, Page(*size_of(paper), dpi)) for form in forms)]


def _instructions(words: FormWords, page: Page) -> Page:
    """The languages side by side, each in a column of its own."""
    gap = 8.0
    wide = (page.width_mm - 2 * MARGIN_MM - gap) / 2
    for column, told in enumerate(words.instructions):
        left, top = MARGIN_MM + column * (wide + gap), MARGIN_MM + 14
        page.write((left, MARGIN_MM, wide, 9), Text("{title}", 16, font=BOLD), title=told.title)
        for number, step in enumerate(told.steps, 1):
            page.write((left, top, 7, 5), Text("{number}", 11, font=BOLD), number=f"{number}.")
            top = _paragraph(page, (left + 7, top, wide - 7), step) + 3.2
    return page


def _paragraph(page: Page, place: tuple[float, float, float], text: str, points: float = 10.5) -> float:
    """Lines of whole words from the top on; returns where the next one may begin."""
    left, top, width = place
    for line in _lines(text, width - 2, points):
        page.write((left, top, width, 5), Text("{line}", points), line=line)
        top += 5
    if top > page.height_mm - MARGIN_MM:
        raise LabelError("The instructions do not fit on their page; shorten them.")
    return top


def _lines(text: str, width_mm: float, points: float) -> Iterator[str]:
    room = width_mm * POINTS_PER_INCH / MM_PER_INCH / points
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and width_in_ems(longer, SANS) > room:
            yield line
            longer = word
        line = longer
    yield line


def _form(form: BlankForm, words: FormWords, page: Page) -> Page:
    said = words.captions
    _header(page, form, said)
    top = MARGIN_MM + HEADER_MM
    _person(page, said, top)
    top += PERSON_MM
    _asked(page, words, top)
    top += ASKED_MM
    _refuse_too_many(page, form, top)
    _head(page, said, top)
    top += HEAD_MM
    for tube in form.tubes:
        _tube(page, tube, top)
        top += ROW_MM
    page.across(MARGIN_MM, top, sum(COLUMNS_MM))
    _end(page, words, page.height_mm - MARGIN_MM - FOOTER_MM - END_MM)
    foot = (MARGIN_MM, page.height_mm - MARGIN_MM - 4, page.width_mm - 2 * MARGIN_MM, 4)
    page.write(foot, Text("{footer}", 8), footer=said["footer"])
    return page


def _refuse_too_many(page: Page, form: BlankForm, top: float) -> None:
    room = page.height_mm - MARGIN_MM - FOOTER_MM - END_MM - top - HEAD_MM
    if not 1 <= len(form.tubes) <= int(room // ROW_MM):
        raise LabelError(
            f"A form has room for 1 to {int(room // ROW_MM)} tubes, and this kit has {len(form.tubes)}; "
            "choose another kit definition."
        )


def _header(page: Page, form: BlankForm, said: Mapping[str, str]) -> None:
    left, top, width = MARGIN_MM, MARGIN_MM, page.width_mm - 2 * MARGIN_MM
    beside = width - BARS_MM[0] - 4
    page.write((left, top, beside, 7), Text("{title}", 15, font=BOLD), title=said["title"])
    about = ", ".join(text for text in (form.programme, form.site, form.definition, form.printed) if text)
    page.write((left, top + 8, beside, 5), Text("{about}", 9), about=about)
    page.write((left, top + 15, beside, 4), Text("{number}", 8.5), number=said["number"])
    page.write((left, top + 19, beside, 9), Text("{id}", 19, font=MONO_BOLD), id=readable(form.number))
    page.bars((left + width - BARS_MM[0], top + 9, *BARS_MM), form.number)


def _person(page: Page, said: Mapping[str, str], top: float) -> None:
    """Room for the kit's label, and ten boxes for the participant's code."""
    page.frame(page.box((MARGIN_MM, top, *STICKER_MM)))
    page.write((MARGIN_MM + 2, top + 1, STICKER_MM[0] - 4, 4), Text("{words}", 8), words=said["sticker"])
    left, width = MARGIN_MM + STICKER_MM[0] + 6, 8.6
    room = page.width_mm - MARGIN_MM - left
    page.write((left, top + 1, room, 4), Text("{words}", 8), words=said["participant"])
    for number in range(10):
        page.frame(page.box((left + number * width, top + 6, width - 0.8, 10)))
    page.write((left, top + 19, room, 9), Text("{words}", 8.5, write_mm=30), words=said["date"])


def _asked(page: Page, words: FormWords, top: float) -> None:
    said, width = words.captions, page.width_mm - 2 * MARGIN_MM
    page.write((MARGIN_MM, top, width, 5), Text("{words}", 9), words=said["identifiers"])
    _ticks(page, MARGIN_MM, top + 5.5, width, words.identifiers)
    page.write((MARGIN_MM, top + 12, 112, 5), Text("{words}", 9), words=said["cleared"])
    _ticks(page, MARGIN_MM + 114, top + 12, 44, (said["yes"], said["no"]))
    page.write((MARGIN_MM, top + 17.5, width, 9), Text("{words}", 9, write_mm=40), words=said["by"])


def _ticks(page: Page, left: float, top: float, width: float, told: Sequence[str]) -> None:
    each = width / len(told)
    for number, text in enumerate(told):
        _tick(page, left + number * each, top, each, text)


def _tick(page: Page, left: float, top: float, width: float, text: str) -> None:
    page.frame(page.box((left, top + 0.7, BOX_MM, BOX_MM)))
    page.write((left + BOX_MM + 1, top, width - BOX_MM - 1, 5), Text("{text}", 8.5), text=text)


def _head(page: Page, said: Mapping[str, str], top: float) -> None:
    left = MARGIN_MM
    for name, width in zip(("tube", "full", "short", "not_drawn", "time", "spun"), COLUMNS_MM, strict=True):
        for line, words in enumerate(said[name].split(" / ")):
            place = (left, top + 0.6 + 3.9 * line, width, 3.9)
            page.write(place, Text("{words}", 7.5, font=BOLD if line == 0 else SANS), words=words)
        left += width


def _tube(page: Page, tube: BlankTube, top: float) -> None:
    """One row: what to draw, then a box or a line in each column."""
    page.across(MARGIN_MM, top, sum(COLUMNS_MM))
    what, full, short, missing, time, spun = _edges()
    page.write(
        (what, top + 0.8, COLUMNS_MM[0] - 2, 5),
        Text("{order}. {specimen}", 10.5, font=BOLD),
        Text("{code}", 9, font=MONO_BOLD, align=Align.RIGHT),
        order=str(tube.order), specimen=tube.specimen, code=tube.code,
    )  # fmt: skip
    page.write((what, top + 5.6, COLUMNS_MM[0] - 2, 4), Text("{colour}", 8.5), colour=tube.colour)
    for left in (full, short, missing):
        page.frame(page.box((left, top + 3.2, BOX_MM + 0.6, BOX_MM + 0.6)))
    page.write((short + 6, top + 1, COLUMNS_MM[2] - 9, 8.6), Text("{words}", 8, write_mm=10), words="mL")
    page.write((missing + 6, top + 1, COLUMNS_MM[3] - 9, 8.6), Text("{words}", 8, write_mm=8), words="#")
    _clock(page, time, top)
    if tube.spins:
        _clock(page, spun, top)


def _clock(page: Page, left: float, top: float) -> None:
    """Two digits, a colon, two digits."""
    for shift in (0.0, 4.0, 9.6, 13.6):
        page.frame(page.box((left + shift, top + 2, 4.0, 6.4)))
    for dot in (3.8, 5.8):
        page.frame(page.box((left + 8.5, top + dot, 0.5, 0.5)))


def _edges() -> tuple[float, ...]:
    return tuple(MARGIN_MM + sum(COLUMNS_MM[:number]) for number in range(len(COLUMNS_MM)))


def _end(page: Page, words: FormWords, top: float) -> None:
    said, width = words.captions, page.width_mm - 2 * MARGIN_MM
    _tick(page, MARGIN_MM, top, width * 0.62, said["labels_confirmed"])
    _tick(page, MARGIN_MM + width * 0.62, top, width * 0.38, said["compensation"])
    page.write((MARGIN_MM, top + 5.5, width, 9), Text("{words}", 9, write_mm=40), words=said["parcel"])
    page.write((MARGIN_MM, top + 16, width, 4), Text("{words}", 8, font=BOLD), words=said["reasons"])
    row = -(-len(words.reasons) // 3)
    for number in range(3):
        told = words.reasons[number * row : (number + 1) * row]
        if told:
            place = (MARGIN_MM, top + 20 + number * 3.6, width, 3.6)
            page.write(place, Text("{words}", READABLE_POINTS), words=" · ".join(told))
