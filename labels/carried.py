"""What any symbol here may carry: a code of printable ASCII, as keyboards and scanners have it."""

from labels.errors import LabelError


def refuse_uncarriable(text: str, symbology: str) -> None:
    if not text:
        raise LabelError("A label needs a code; this one is empty.")
    if not (text.isascii() and text.isprintable()):
        raise LabelError(f"{symbology} carries printable ASCII only, and {text!r} holds something else.")
