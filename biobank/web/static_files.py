"""Style and scripts: sent compressed, and kept by browsers for as long as they are what they were.

Every address carries one mark of the whole folder, so that modules and style sheets, which name each other by
relative paths, are kept with it. Pages are not compressed: they hold a secret of the session beside what was
typed, and their length would tell of it (BREACH).
"""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, send_from_directory
from flask_compress import Compress

FOLDER = Path(__file__).parents[1] / "static"
A_YEAR = 31_536_000
"""Seconds."""
COMPRESSED = ["text/css", "text/javascript", "image/svg+xml"]
ALGORITHMS = ["br", "gzip"]
"""The first that a browser takes; over plain http it takes no Brotli."""


@cache
def folder_mark() -> str:
    """Another one as soon as any file is another; as this process found them when it was first asked."""
    told = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            told.update(f"{path.relative_to(FOLDER).as_posix()}\n".encode())
            told.update(path.read_bytes())
    return told.hexdigest()[:16]


def address_of(name: str) -> str:
    """Of a file by its path below the folder, as `url_for("static")` makes it."""
    return f"/static/{folder_mark()}/{name}"


def install_static_files(app: Flask) -> None:
    app.config.update(
        COMPRESS_REGISTER=False, COMPRESS_MIMETYPES=COMPRESSED, COMPRESS_ALGORITHM_STREAMING=ALGORITHMS
    )
    compressed = Compress(app).compressed()
    app.add_url_rule("/static/<mark>/<path:filename>", "static", compressed(static_file))
    app.url_defaults(_marked)


def _marked(endpoint: str, values: dict[str, object]) -> None:
    if endpoint == "static":
        values["mark"] = folder_mark()


def static_file(mark: str, filename: str) -> Response:
    """Under an older mark, of a page that was open over an upgrade, the file of now, which nobody keeps."""
    is_of_now = mark == folder_mark() and not current_app.debug
    response = send_from_directory(FOLDER, filename, max_age=A_YEAR if is_of_now else 0)
    response.cache_control.immutable = is_of_now
    return response
