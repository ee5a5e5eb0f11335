"""The program that keeps the offline page in the browser: with exactly the files that this page needs."""

import hashlib
import json
import re
from functools import cache
from pathlib import Path

from flask import current_app

PAGE = "/offline"
PROGRAM = "offline/service_worker.js"
LINKED = re.compile(r'(?:src|href)="/static/([^"#?]+)')
FONTS = re.compile(
    r".*/(?:sourcesanspro-(?:regular|bold)-webfont|roboto-mono-v5-latin-(?:regular|700))\.woff2"
)
NEEDED_ALWAYS = frozenset({"vendor/idb/index.js", "vendor/uswds/img/usa-icons/unfold_more.svg"})
"""The queue's database, and the arrow of every list to choose from."""


def worker_script(page: str) -> str:
    """The program with its version, which changes with any file that `page` needs, and their addresses."""
    files = needed_by(page)
    named = {"version": _version(files), "page": PAGE, "files": [f"/static/{name}" for name in files]}
    return f"const KEPT = {json.dumps(named)};\n{(_static() / PROGRAM).read_text()}"


def needed_by(html: str) -> tuple[str, ...]:
    """What the page links to, the modules that these import, and the letters that it is written in."""
    linked = set(LINKED.findall(html))
    modules = {path.relative_to(_static()).as_posix() for path in (_static() / "offline").glob("*.js")}
    return tuple(sorted((linked | modules | NEEDED_ALWAYS | _fonts()) - {PROGRAM}))


@cache
def _fonts() -> set[str]:
    every = (path.relative_to(_static()).as_posix() for path in _static().rglob("*.woff2"))
    return {name for name in every if FONTS.fullmatch(name)}


@cache
def _version(files: tuple[str, ...]) -> str:
    told = hashlib.sha256()
    for name in files:
        told.update((_static() / name).read_bytes())
    for template in sorted((Path(current_app.root_path) / "templates" / "offline").iterdir()):
        told.update(template.read_bytes())
    return told.hexdigest()[:16]


def _static() -> Path:
    return Path(current_app.root_path) / "static"
