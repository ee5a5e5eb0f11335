"""Files of others that pages load, each with the hash it was published with, which the browser checks."""

import json
from functools import cache
from pathlib import Path

from flask import url_for
from markupsafe import Markup

FOLDER = Path(__file__).parents[1] / "static" / "vendor"


@cache
def _published() -> dict[str, str]:
    """From `vendor.lock.json`: integrity by path below the folder."""
    packages = json.loads((FOLDER / "vendor.lock.json").read_text(encoding="utf-8"))["packages"]
    return {
        f"{package['folder']}/{name}": value
        for package in packages
        for name, value in package["files"].items()
    }


def vendored(path: str, attribute: str = "src") -> Markup:
    """`src` or `href` of a vendored script or style sheet, and its `integrity`."""
    url = url_for("static", filename=f"vendor/{path}")
    return Markup('{}="{}" integrity="{}"').format(attribute, url, _published()[path])
