"""ZPL drawn as a thermal printer would: npm's zpl-renderer-js in the version of zpl/package-lock.json."""

import base64
import fcntl
import io
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labels import Label, Stock, zpl

FOLDER = Path(__file__).parent / "zpl"

DOTS_A_MM = {203: 8, 300: 12, 600: 24}
"""As printers are sold; a label's dots are counted by `dpi`, so that the picture has just as many."""


def install() -> None:
    """Fetch the renderer once, into a folder that git ignores; two workers wait for each other."""
    with (FOLDER / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _installed():
            return
        command = ["npm", "ci", "--loglevel=error", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=FOLDER, check=True, capture_output=True, text=True)


def _installed() -> bool:
    made = FOLDER / "node_modules" / ".package-lock.json"
    wanted = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    return made.exists() and json.loads(made.read_text())["packages"].items() <= wanted.items()


@pytest.fixture(scope="session")
def printer(request):
    """Draws (label, stock, dpi) in one process. Without node or the renderer the test says so and is left out."""
    absent = [tool for tool in ("node", "npm") if not shutil.which(tool)]
    if absent:
        pytest.skip(f"not found: {', '.join(absent)}; ZPL is not drawn")
    try:
        install()
    except subprocess.CalledProcessError as problem:
        if "campaign" in request.config.option.markexpr.replace("not campaign", ""):
            raise
        pytest.skip(f"npm could not fetch the ZPL renderer: {problem.stderr.strip().partition(chr(10))[0]}")
    return drawn


def drawn(jobs: Sequence[tuple[Label, Stock, int]]) -> list[np.ndarray]:
    """Each label in grey, one pixel a dot."""
    forms = [_form(*job) for job in jobs]
    command = ["node", "render.mjs"]
    answer = subprocess.run(
        command, cwd=FOLDER, input=json.dumps(forms).encode(), capture_output=True, check=True
    )
    pictures = [Image.open(io.BytesIO(base64.b64decode(line))) for line in answer.stdout.split()]
    assert len(pictures) == len(jobs)
    return [np.asarray(picture.convert("L")) for picture in pictures]


def _form(label: Label, stock: Stock, dpi: int) -> dict[str, str | float]:
    width, height = (round(size * dpi / 25.4) for size in (stock.label_width_mm, stock.label_height_mm))
    a_mm = DOTS_A_MM[dpi]
    form = zpl([label], dpi=dpi, stock=stock).decode()
    return {"zpl": form, "width": width / a_mm, "height": height / a_mm, "dpmm": a_mm}
