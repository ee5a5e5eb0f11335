"""Pages of pictures in the documentation show every picture of their album, and none that is not there."""

import re

import pytest

from biobank.settings import ROOT

DOCS = ROOT / "docs"


@pytest.mark.parametrize("album", ["clinic", "compliance", "floor"])
def test_an_album_and_its_page_fit_together(album):
    page = (DOCS / f"{album}-in-pictures.md").read_text()
    shown = re.findall(rf'<img src="pictures/{album}/([\w-]+)\.png" width="\d+" alt="[^"]+">', page)
    assert sorted(shown) == sorted(file.stem for file in (DOCS / "pictures" / album).glob("*.png"))
