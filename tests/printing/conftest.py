"""A site's people, kits, and a printers' file that a test can write."""

from pathlib import Path

import pytest

from tests.floor import floor
from tests.printing.label_printer import LabelPrinter

__all__ = ["floor"]

SHEETS = """
[printers.sheets]
title = "Office"
kind = "office"
stock = "avery-5160"
dpi = 300

[[rules]]
printer = "sheets"
"""
BENCH = """
[printers.bench]
title = "Bench"
kind = "network"
site = "biobank-1"
stock = "roll-50x25"
dpi = 203
host = "127.0.0.1"
port = {port}
connect_seconds = 5
answer_seconds = 3
finish_seconds = 3
"""


@pytest.fixture
def settings(settings, tmp_path):
    file = tmp_path / "printers.toml"
    file.write_text(SHEETS)
    return settings.with_changes(printers_file=str(file))


@pytest.fixture
def bench(settings):
    """A label printer of biobank-1 that is there, and stands in the printers' file as `bench`."""
    with LabelPrinter() as printer:
        Path(settings.printers_file).write_text(SHEETS + BENCH.format(port=printer.port))
        yield printer
