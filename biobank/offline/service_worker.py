"""The program that keeps the offline page in the browser: with exactly the files that this page needs."""

import hashlib
import json
import re
from functools import cache
from pathlib import Path

from flask import current_app

PAGE = "/offline"
PROGRAM = "offline/service_worker.js"
DATABASE = "vendor/idb/index.js"
LINKED = re.compile(r'(?:src|href)="/static/([^"#?]+)')
FONTS = re.compile(
    r"vendor/uswds/fonts/(?:source-sans-pro|roboto-mono)/[^/]*(?:regular|bold|700)[^/]*\.woff2"
)
ITALIC = "italic"


def worker_script(page: str) -> str:
    """The program with its version, which changes with any file that `page` needs, and their addresses."""
    files = needed_by(page)
    named = {"version": _version(files), "page": PAGE, "files": [f"/static/{name}" for name in files]}
    return f"const KEPT = {json.dumps(named)};\n{(_static() / PROGRAM).read_text()}"


def needed_by(html: str) -> tuple[str, ...]:
    """What the page links to, the modules that these import, and the letters that it is written in."""
    linked = set(LINKED.findall(html))
    ours = {
        f"offline/{path.name}"
        for path in (_static() / "offline").iterdir()
        if path.name != Path(PROGRAM).name
    }
    return tuple(sorted(linked | ours | _fonts()))


@cache
def _fonts() -> set[str]:
    every = (path.relative_to(_static()).as_posix() for path in _static().rglob("*.woff2"))
    return {name for name in every if FONTS.fullmatch(name)}


@cache
def _version(files: tuple[str, ...]) -> str:
    told = hashlib.sha256()
    for name in files:
        told.update((_static() / name).read_bytes())
    told.update((Path(current_app.root_path) / "templates" / "offline" / "offline.html").read_bytes())
    return told.hexdigest()[:16]


def _static() -> Path:
    return Path(current_app.root_path) / "static"
