"""The program that keeps the offline page in the browser: with exactly the files that this page needs."""

import hashlib
import json
import re
from functools import cache
from pathlib import Path

from flask import current_app

from biobank.web.static_files import FOLDER, address_of, folder_mark

PAGE = "/offline"
PROGRAM = "offline/service_worker.js"
LINKED = re.compile(r'(?:src|href)="/static/[0-9a-f]+/([^"#?]+)')
FONTS = re.compile(
    r".*/(?:sourcesanspro-(?:regular|bold)-webfont|roboto-mono-v5-latin-(?:regular|700))\.woff2"
)
NEEDED_ALWAYS = frozenset({"vendor/idb/index.js", "vendor/uswds/img/usa-icons/unfold_more.svg"})
"""The queue's database, and the arrow of every list to choose from."""


def worker_script(page: str) -> str:
    """The program with its version, which changes with any file, and their addresses."""
    files = [address_of(name) for name in needed_by(page)]
    named = {"version": _version(), "page": PAGE, "mark": folder_mark(), "files": files}
    return f"const KEPT = {json.dumps(named)};\n{(FOLDER / PROGRAM).read_text()}"


def needed_by(html: str) -> tuple[str, ...]:
    """What the page links to, the modules that these import, and the letters that it is written in."""
    linked = set(LINKED.findall(html))
    modules = {path.relative_to(FOLDER).as_posix() for path in (FOLDER / "offline").glob("*.js")}
    return tuple(sorted((linked | modules | NEEDED_ALWAYS | _fonts()) - {PROGRAM}))


@cache
def _fonts() -> set[str]:
    every = (path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.woff2"))
    return {name for name in every if FONTS.fullmatch(name)}


@cache
def _version() -> str:
    told = hashlib.sha256(folder_mark().encode())
    for template in sorted((Path(current_app.root_path) / "templates" / "offline").iterdir()):
        told.update(template.read_bytes())
    return told.hexdigest()[:16]
