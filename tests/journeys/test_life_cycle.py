"""The whole life of kits against I1 to I12, in histories that hypothesis invents, on both databases.

    pytest tests/journeys/test_life_cycle.py -s              a few histories
    pytest -m campaign tests/journeys/test_life_cycle.py -s  many: CAMPAIGN_HISTORIES (100), CAMPAIGN_STEPS (15)

Both print what was done and the seed; CAMPAIGN_SEED tells other histories, CAMPAIGN_SHRINK makes a failure short, which
takes minutes. Several histories share a database; each is judged after every step, and the whole log at its end.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as drawn
from hypothesis.stateful import run_state_machine_as_test

from biobank.core.database import writing
from tests.journeys.ground import Ground, time_of_its_own
from tests.journeys.life_cycle import LifeCycle
from tests.outside import Outside
from tests.studies import approved, committee

PHASES = (Phase.generate, Phase.shrink) if os.environ.get("CAMPAIGN_SHRINK") else (Phase.generate,)
SEED = int(os.environ.get("CAMPAIGN_SEED") or 20261122)
HISTORIES = int(os.environ.get("CAMPAIGN_HISTORIES") or 100)
STEPS = int(os.environ.get("CAMPAIGN_STEPS") or 15)
A_DATABASE = 25
"""Histories on one database: the log is verified at the end of each, and grows with them."""


class Everything(Outside):
    """A floor with custodians outside and an approved study."""

    def __init__(self, work):
        super().__init__(work)
        committee(self)
        approved(self, most=100_000, days=3650)


@pytest.fixture
def settings(settings, request):
    """Every second database keeps the pools of who stays."""
    number = request.node.callspec.params.get("number", 0)
    return settings.with_changes(pool_policy=("destroy_pool", "keep_pool")[number % 2])


@pytest.fixture
def ground(app):
    with time_of_its_own() as clock:
        with app.app_context(), writing() as work:
            floor = Everything(work)
        yield Ground(app, floor, clock)


def live(ground, histories, steps, number=0):
    machine = seed(SEED + number)(type("LifeCycleHere", (LifeCycle,), {"ground": ground}))
    run_state_machine_as_test(
        machine,
        settings=drawn(
            max_examples=histories,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
            print_blob=False,
        ),
    )
    told = ground.told
    print(f"\n{told['histories']} histories, {told['steps']} steps, 0 violations, seed {SEED}: {dict(told)}")
    assert min(told["receive"], told["decided"]) > 0, "the histories went nowhere"


def test_a_few_histories_keep_every_invariant(ground):
    live(ground, histories=5, steps=20)


@pytest.mark.campaign
@pytest.mark.parametrize("number", range(-(-HISTORIES // A_DATABASE)))
def test_many_histories_keep_every_invariant(ground, number):
    live(ground, A_DATABASE, STEPS, number)
