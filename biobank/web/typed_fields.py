"""What people type into the fields of a form, as it is understood: one of some words, codes, an amount."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from biobank.access.inputs import Signing
from biobank.core.errors import Invalid
from biobank.core.quantities import NotAnAmount, plainly, thousandths
from biobank.items.aliases import AliasRefused, read_alias
from biobank.processing.choices import LARGEST_MICROLITRES, Kept
from biobank.web.words import spoken

MOST_DIGITS = 5
Form = Mapping[str, str]
Word = TypeVar("Word", bound=str)
MOST_THOUSANDTHS = 10_000_000
"""Ten litres, or ten tonnes: no tube, parcel or person comes near."""


class FieldRefused(Invalid):
    """What was typed into one field of a form cannot be so."""

    title = "Look at this field"


def kept_typed(form: Form) -> Kept | None:
    """How warm a specimen stood until now; None where nobody says. Raises `FieldRefused`."""
    sentence = "Choose how warm it was kept, or leave it open."
    return chosen(form, "kept_at", Kept, sentence) if form.get("kept_at", "").strip() else None


def choices(values: Iterable[StrEnum]) -> tuple[Mapping[str, str | None], ...]:
    return tuple(
        {"value": value.value, "label": spoken(value.value).capitalize(), "note": None} for value in values
    )


def chosen(form: Form, name: str, known: Iterable[Word], sentence: str) -> Word:
    """Which of the known words a field has. Raises `FieldRefused` with this sentence for any other."""
    typed = form.get(name, "")
    for word in known:
        if word == typed:
            return word
    raise FieldRefused(sentence, field=name)


def signing_typed(form: Form) -> Signing:
    """As `forms.signature` asks for it."""
    return Signing(
        username=form.get("signer", ""), password=form.get("password", ""), sha256=form.get("sha256", "")
    )


def codes_typed(form: Form) -> list[str]:
    """What was scanned into `codes`, each a code of the maker in `issuer`. Raises `FieldRefused`."""
    codes = form.get("codes", "").split()
    for code in codes:
        try:
            read_alias(form.get("issuer", ""), code)
        except AliasRefused as refusal:
            field = "issuer" if refusal.extra["field"] == "details.issuer" else "codes"
            raise FieldRefused(refusal.detail, field=field) from refusal
    return codes


def whole_typed(form: Form, name: str, most: int | None = None) -> int:
    """A number above 0 of at most five digits. Raises `FieldRefused`."""
    text = form.get(name, "").strip()
    if not text.isdecimal() or len(text) > MOST_DIGITS or not int(text):
        raise FieldRefused("Type a whole number above 0.", field=name)
    if most is not None and int(text) > most:
        raise FieldRefused(f"Type a whole number from 1 to {most}.", field=name)
    return int(text)


def thousandths_typed(form: Form, name: str, *, least: int = 1, most: int = MOST_THOUSANDTHS) -> int | None:
    """Microlitres of millilitres, grams of kilograms; None where it is not known. Raises `FieldRefused`."""
    text = form.get(name, "").strip()
    if not text or form.get(f"{name}_unknown"):
        return None
    try:
        number = thousandths(text)
    except NotAnAmount as problem:
        raise FieldRefused(problem.detail, field=name) from problem
    if not least <= number <= most:
        raise FieldRefused(
            f"Type a number from {plainly(least)} to {plainly(most)}, or leave the field empty.", field=name
        )
    return number


def millilitres_typed(form: Form, name: str) -> int | None:
    """Microlitres of what a bench has in hand; None where it is not known. Raises `FieldRefused`."""
    try:
        return thousandths_typed(form, name, most=LARGEST_MICROLITRES)
    except FieldRefused as problem:
        raise FieldRefused(
            "Type millilitres from 0.001 to 1000, such as 0.5 for 500 µL, or leave the field empty.",
            field=name,
        ) from problem
