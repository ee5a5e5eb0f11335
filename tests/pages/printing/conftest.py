"""Somebody at a bench with a kit, a printers' file that a test can write, and what the printing pages answer."""

import re

import pytest

from biobank.core.database import reading
from biobank.printing.models import PrintJob
from tests.pages.conftest import Seat
from tests.printing.conftest import bench, settings

__all__ = ["bench", "settings"]


@pytest.fixture
def technician(seat):
    return seat("tech.here")


@pytest.fixture
def kit(programme):
    return programme.kit("urine-1")


def form(lines, **told):
    return {"lines": lines, "whole_kits": "yes", "printer": "sheets", **told}


def jobs(programme):
    with programme.app.app_context(), reading() as work:
        return [(job.id, job.labels) for job in work.session.query(PrintJob).order_by(PrintJob.id)]


def printed_job(seat: Seat, lines: str, **told) -> str:
    """The address of a new job."""
    answer = seat.post("/printing", **form(lines, **told))
    assert answer.status == 303, (answer.answer, answer.problems)
    assert answer.leads_to
    return answer.leads_to


def word(page):
    return re.search(r'identity__state"><span class="sign[^>]*>.*?<span>(.*?)</span>', page.text, re.DOTALL)[
        1
    ]
