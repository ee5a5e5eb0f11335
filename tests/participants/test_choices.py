"""What each pair of answers does, against the table of the promises."""

from datetime import date

import pytest

from biobank.participants.choices import InformationAnswer, SamplesAnswer, Standing

PAIRS = [
    ("keep", "keep", False),
    ("keep", "destroy", True),
    ("remove", "keep", True),
    ("remove", "destroy", True),
    ("undecided", "keep", True),
    ("undecided", "destroy", True),
    ("keep", "undecided", True),
    ("remove", "undecided", True),
    ("undecided", "undecided", True),
]


@pytest.mark.parametrize(("information", "samples", "blocked"), PAIRS)
def test_who_leaves_gives_no_more_and_what_is_there_is_used_only_when_both_are_kept(
    information, samples, blocked
):
    standing = Standing(True, InformationAnswer(information), SamplesAnswer(samples))
    assert standing.collection_stopped
    assert standing.use_blocked is blocked


def test_destroying_samples_without_leaving_stops_nothing_to_come():
    standing = Standing(False, InformationAnswer.KEEP, SamplesAnswer.DESTROY)
    assert not standing.collection_stopped
    assert not standing.use_blocked


def test_a_death_stops_collection_and_blocks_no_use():
    standing = Standing(deceased_on=date(2026, 3, 1))
    assert standing.collection_stopped
    assert not standing.use_blocked


def test_who_never_decided_anything_goes_on():
    assert not Standing().collection_stopped
    assert not Standing().use_blocked
