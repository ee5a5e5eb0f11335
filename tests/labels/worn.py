"""A label as a scanner meets it: blurred, faded, scratched, printed with a dead dot, wrapped around a tube.

Everything in millimetres. The camera of a hand scanner sees the whole label with 800 pixels, at most 16 a
millimetre, a little out of focus and with some noise; that is the ground on which each wear is laid.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

PIXELS_A_MM, PIXELS = 16, 800
FOCUS_MM, NOISE = 0.03, 3.0
TUBE_MM = 12.5
GROUND = 0.75
FINER = 3
VISIBLE = 0.99
"""Of a tube's radius; what lies beyond turns away from the camera."""
BARELY = 4


@dataclass(frozen=True, slots=True)
class Wear:
    """One way in which a label is met; `around` and `along` tell which way its text runs on the tube."""

    blur_mm: float = FOCUS_MM
    contrast: float = 1.0
    scratches: int = 0
    dead_dots: int = 0
    turned: bool = False
    """Printed on stock that is higher than wide: the feed, and what dead dots leave white, runs across the bars."""
    turn: float = 3
    """Degrees at most from upright, either way."""
    tilt: float = 0
    around: bool = False
    along: bool = False


WEARS: Mapping[str, Wear] = {
    "fresh": Wear(),
    "any angle": Wear(turn=180),
    "tilted by 30°": Wear(tilt=30),
    "tilted by 50°": Wear(tilt=50),
    "blur of 0.10 mm": Wear(blur_mm=0.10),
    "blur of 0.15 mm": Wear(blur_mm=0.15),
    "blur of 0.20 mm": Wear(blur_mm=0.20),
    "contrast of 20 %": Wear(contrast=0.2),
    "contrast of 10 %": Wear(contrast=0.1),
    "3 scratches": Wear(scratches=3),
    "10 scratches": Wear(scratches=10),
    "1 dead dot": Wear(dead_dots=1),
    "3 dead dots": Wear(dead_dots=3),
    "3 dead dots, stock turned": Wear(dead_dots=3, turned=True),
    "on a tube, as a ladder": Wear(along=True),
    "on a tube, across": Wear(around=True),
}


Aim = tuple[float, float]
"""Millimetres from the label's middle, to the right and down."""

MIDDLE: Aim = 0, 0


def met(printed: np.ndarray, dpi: int, wear: Wear, drawn: Random, aim: Aim = MIDDLE) -> np.ndarray:
    """The picture of one printed label (grey, a pixel a dot), worn and seen as `wear` says.

    A tube is turned so that the `aim` faces the camera.
    """
    picture = _scratched(_with_dead_dots(printed, wear, drawn), wear.scratches, dpi, drawn)
    a_mm = min(PIXELS_A_MM, PIXELS * dpi / 25.4 / max(printed.shape))
    light = _seen(picture, dpi, a_mm, wear, aim, drawn)
    faded = 0.5 + wear.contrast * (light - 0.5)
    blur = ImageFilter.GaussianBlur(wear.blur_mm * a_mm)
    blurred = Image.fromarray((255 * faded).astype(np.uint8)).filter(blur)
    noise = np.random.default_rng(drawn.getrandbits(32)).normal(0, NOISE, light.shape)
    return np.clip(np.asarray(blurred) + noise, 0, 255).astype(np.uint8)


def _with_dead_dots(printed: np.ndarray, wear: Wear, drawn: Random) -> np.ndarray:
    """Neighbouring dots of the head that do not burn: a white line along the feed, somewhere in the print."""
    worn = printed.copy()
    fed = worn.T if wear.turned else worn
    if wear.dead_dots:
        inked = np.flatnonzero((fed < 128).any(axis=0))
        first = drawn.randint(int(inked[0]), int(inked[-1]) - wear.dead_dots)
        fed[:, first : first + wear.dead_dots] = 255
    return worn


def _scratched(printed: np.ndarray, scratches: int, dpi: int, drawn: Random) -> np.ndarray:
    """White scratches of 0.1 to 0.4 mm across the label, each a straight line between two of its points."""
    picture = Image.fromarray(printed)
    pen = ImageDraw.Draw(picture)
    for _ in range(scratches):
        ends = [(drawn.uniform(0, picture.width), drawn.uniform(0, picture.height)) for _ in range(2)]
        pen.line(ends, fill=255, width=round(drawn.uniform(0.1, 0.4) * dpi / 25.4) or 1)
    return np.asarray(picture)


def _seen(picture: np.ndarray, dpi: int, a_mm: float, wear: Wear, aim: Aim, drawn: Random) -> np.ndarray:
    """From the camera's pixels back to the label: turned, tilted, wrapped, on a grey ground."""
    height, width = (size * 25.4 / dpi for size in picture.shape)
    turn = np.radians(drawn.uniform(-wear.turn, wear.turn))
    x, y = np.meshgrid(*(_pixels(reach, a_mm, drawn) for reach in _reach(width, height, turn)))
    across = x * np.cos(turn) + y * np.sin(turn)
    down = (y * np.cos(turn) - x * np.sin(turn)) / np.cos(np.radians(wear.tilt))
    shade = np.ones_like(x)
    if wear.around:
        across, shade = _unrolled(across, aim[0], drawn)
    if wear.along:
        down, shade = _unrolled(down, aim[1], drawn)
    return _sampled(picture, dpi, across + width / 2, down + height / 2) * shade


def _reach(width: float, height: float, turn: float) -> tuple[float, float]:
    """Half of what the turned label takes of the picture, and a little around it."""
    along, beside = abs(np.cos(turn)), abs(np.sin(turn))
    return (width * along + height * beside) / 2 + 2, (width * beside + height * along) / 2 + 2


def _pixels(reach: float, a_mm: float, drawn: Random) -> np.ndarray:
    return np.arange(-reach, reach, 1 / a_mm, dtype=np.float32) + np.float32(drawn.random() / a_mm)


def _unrolled(place: np.ndarray, aim_mm: float, drawn: Random) -> tuple[np.ndarray, np.ndarray]:
    """Where on the paper of a tube's label each pixel looks, and how bright it is; held up to 15° askew."""
    radius = TUBE_MM / 2
    sine = place / radius
    angle = np.arcsin(np.clip(sine, -VISIBLE, VISIBLE))
    askew = aim_mm + radius * np.radians(drawn.uniform(-15, 15))
    paper = np.where(np.abs(sine) < VISIBLE, radius * angle + askew, np.inf)
    return paper, 0.4 + 0.6 * np.cos(angle)


def _sampled(picture: np.ndarray, dpi: int, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """What is nearest to each place (in millimetres), of the dots drawn out so that edges keep their places."""
    height, width = (FINER * size for size in picture.shape)
    fine = Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR)
    framed = np.pad(np.asarray(fine), 1, constant_values=round(255 * GROUND))
    row, column = (
        np.clip(place * (FINER * dpi / 25.4) + 1, 0, size + 1).astype(np.int32)
        for place, size in ((down, height), (across, width))
    )
    return framed[row, column].astype(np.float32) / 255


def barely_legible(bits: str, blur_modules: float, noise: np.random.Generator) -> np.ndarray:
    """The bars alone at four pixels a module, blurred along them, with the noise of a poor camera."""
    quiet = "0" * 12
    row = np.repeat([float(bit == "0") for bit in quiet + bits + quiet], BARELY)
    reach = np.arange(-12, 13)
    lens = np.exp(-((reach / (blur_modules * BARELY)) ** 2) / 2)
    blurred = np.convolve(row, lens / lens.sum(), "same")
    rows = 60 + 140 * np.tile(blurred, (24, 1))
    return np.clip(rows + noise.normal(0, 8, rows.shape), 0, 255).astype(np.uint8)
