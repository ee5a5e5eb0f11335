"""Vendored files are the published ones: each is listed, each hash is right, and nothing they load is missing."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

BIOBANK = Path(__file__).parents[2] / "biobank"
VENDOR = BIOBANK / "static" / "vendor"
PACKAGES = json.loads((VENDOR / "vendor.lock.json").read_text())["packages"]
OURS = {"vendor.lock.json", "README.md"}


def integrity(path: Path) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()


LISTED = [
    (f"{package['folder']}/{name}", value) for package in PACKAGES for name, value in package["files"].items()
]


@pytest.mark.parametrize(("name", "value"), LISTED)
def test_vendored_file_has_the_published_hash(name: str, value: str):
    assert integrity(VENDOR / name) == value


def test_no_file_is_vendored_without_being_listed():
    present = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert present == {name for name, _ in LISTED} | OURS


def test_all_that_the_style_sheet_loads_is_here_or_left_out_by_name():
    uswds = next(package for package in PACKAGES if package["folder"] == "uswds")
    style = (VENDOR / "uswds/css/uswds.min.css").read_text()
    loaded = set(re.findall(r"url\(\.\./([^)]+)\)", style))
    assert loaded
    assert loaded - set(uswds["left_out"]) <= set(uswds["files"])
    assert not loaded & set(uswds["left_out"]) & set(uswds["files"])


def test_no_style_sheet_loads_from_another_server():
    for sheet in (BIOBANK / "static").rglob("*.css"):
        assert not re.findall(r"url\(\s*['\"]?(?:https?:)?//", sheet.read_text()), sheet


def test_no_page_uses_what_was_left_out():
    for template in (BIOBANK / "templates").rglob("*.html"):
        assert "usa-hero" not in template.read_text(), template
