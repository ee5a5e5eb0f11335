"""A journey in a browser is told once, on SQLite; what differs between databases is tried below the pages."""

import shutil

import pytest

from tests.printing.label_printer import LabelPrinter


@pytest.fixture
def database_url(tmp_path, sqlite_start, identity_template):
    shutil.copy(identity_template, tmp_path / "identity.db")
    shutil.copy(sqlite_start, tmp_path / "biobank.db")
    return f"sqlite:///{tmp_path}/biobank.db"


@pytest.fixture
def printer():
    with LabelPrinter() as printer:
        yield printer
