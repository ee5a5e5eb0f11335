"""ZPL II for thermal printers: the ink of the PDF, in the printer's own bars and typeface."""

from collections.abc import Sequence
from string import ascii_letters, digits

from labels.errors import LabelError
from labels.layout import ink, refuse_unknown_resolution
from labels.model import Align, Block, Ink, Label, Stock, Symbol, Symbology, Words
from labels.pdf import own_roll
from labels.rows import dots

PLAIN = (ascii_letters + digits + " ").encode()

JUSTIFIED = {Align.CENTRE: "C", Align.RIGHT: "R"}


def zpl(labels: Sequence[Label], *, dpi: int = 203, stock: Stock | None = None) -> bytes:
    """One `^XA ... ^XZ` a label in UTF-8, on `stock`, or each in the size its template was drawn for."""
    refuse_unknown_resolution(dpi)
    if not labels:
        raise LabelError("There is no label to print; choose at least one item.")
    return "".join(_label(label, stock or own_roll(label), dpi) for label in labels).encode()


def _label(label: Label, stock: Stock, dpi: int) -> str:
    width, height = stock.label_width_mm, stock.label_height_mm
    fields = "\n".join(_field(mark) for mark in ink(label, width, height, dpi))
    # ^CI28: text is UTF-8.
    return f"^XA\n^CI28\n^PW{dots(width, dpi)}\n^LL{dots(height, dpi)}\n^LH0,0\n{fields}\n^XZ\n"


def _field(mark: Ink) -> str:
    match mark:
        case Block():
            return _block(mark)
        case Symbol():
            return _symbol(mark)
        case _:
            return _words(mark)


def _symbol(symbol: Symbol) -> str:
    way = "R" if symbol.turned else "N"
    if symbol.symbology is Symbology.DATA_MATRIX:
        modules = symbol.width // symbol.module
        command = f"^BX{way},{symbol.module},200,{modules},{modules}{_escape(symbol.text)}"
    else:
        # Mode A: the printer packs digits in pairs, as our own symbol does; each character is itself.
        length = symbol.width if symbol.turned else symbol.height
        command = f"^BY{symbol.module}^BC{way},{length},N,N,N,A"
    return f"^FO{symbol.x},{symbol.y}{command}^FH^FD{hexed(symbol.text)}^FS"


def _escape(text: str) -> str:
    """Printers take `~`, older ones `_`, for the start of a control sequence, unless told another sign."""
    if set(text).isdisjoint("~_"):
        return ""
    # A code of at most 44 characters leaves one of these over.
    return ",," + next(sign for sign in "|!#%" + ascii_letters if sign not in text)


def _block(block: Block) -> str:
    # ^GB draws a frame; as thick as its shorter side, it is filled.
    thickness = min(block.width, block.height)
    return f"^FO{block.x},{block.y}^GB{block.width},{block.height},{thickness}^FS"


def _words(words: Words) -> str:
    """On its baseline (`^FT`) in the printer's scalable font, which is narrower than the one measured."""
    font = f"^A0{'R' if words.turned else 'N'},{round(words.size)},{round(words.size)}"
    reverse = "^FR" if words.white else ""
    # In a field block a backslash commands; such text starts where it was measured to start.
    if words.align is Align.LEFT or "\\" in words.text:
        place = f"^FT{words.x},{words.baseline}"
    else:
        place = f"^FT{words.x},{words.baseline}^FB{words.width},1,0,{JUSTIFIED[words.align]}"
    return f"{place}{font}{reverse}^FH^FD{hexed(words.text)}^FS"


def hexed(text: str) -> str:
    """For a field after `^FH`: plain letters, digits and spaces as they are, all other bytes as `_XX`."""
    return "".join(chr(byte) if byte in PLAIN else f"_{byte:02X}" for byte in text.encode())
