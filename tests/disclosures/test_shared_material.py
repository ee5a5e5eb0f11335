"""Who worked on a pool may have seen the codes of everybody in it: a breach report names each of them."""

import pytest

from biobank.core import moments
from biobank.custody.states import Action
from biobank.disclosures.exposure import Reach, exposed
from biobank.processing.inputs import NewPool, Part
from biobank.processing.pools import make_pool
from biobank.visits.inputs import Telling
from biobank.visits.operations import open_visit
from tests.floor import CODE, SCAN
from tests.leaving import leaving as leaving_ground

OTHER, THIRD = "A100000077", "A100000078"
leaving = leaving_ground


@pytest.fixture
def portion(leaving):
    """Of a pool of two people's urine, beside a third one's tube."""
    for code in (OTHER, THIRD):
        leaving.participant(code)
    leaving.tube(THIRD)
    parts = tuple(Part(item, 500) for item in (leaving.tube(), leaving.tube(OTHER)))
    new = NewPool(parts=parts, specification="urine pool")
    pool = make_pool(leaving.work, new, by=leaving.technician, source=SCAN, at=leaving.told()).pool.identifier
    made = leaving.step(
        pool, Action.ALIQUOT, details={"children": [{"specification": "urine", "volume_microlitres": 100}]}
    )
    return made.born[0].identifier


def concerned(leaving, since):
    reach = Reach(since, moments.now(), person=leaving.technician.person)
    return {code: each.entries for code, each in exposed(leaving.work, reach).items()}


def test_everybody_in_a_pool_is_concerned_by_what_was_done_with_a_portion_of_it(leaving, portion):
    since = moments.now()
    leaving.step(portion, Action.QUARANTINE, details={"reason": "seen"})
    assert concerned(leaving, since).keys() == {CODE, OTHER}


def test_entries_of_a_visit_are_about_who_came(leaving):
    since = moments.now()
    told = Telling(by=leaving.clinic, at=leaving.told())
    open_visit(leaving.work, CODE, "clinic-1", told)
    reach = Reach(since, moments.now(), person=leaving.clinic.person)
    assert list(exposed(leaving.work, reach)) == [CODE]
