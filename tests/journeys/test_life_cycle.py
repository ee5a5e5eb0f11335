"""The whole life of kits against the invariants, in histories that hypothesis invents, on both databases.

    pytest tests/journeys/test_life_cycle.py -s             a few histories
    pytest -m campaign tests/journeys/test_life_cycle.py -s  many of them

Both print what was done and the seed; CAMPAIGN_SEED repeats a run.
"""

import os
import random

import pytest
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as drawn
from hypothesis.stateful import run_state_machine_as_test

from biobank.core.database import writing
from tests.journeys.life_cycle import Ground, LifeCycle
from tests.leaving import Leaving

# Without CAMPAIGN_SHRINK a failure is told as it was found: making it short takes minutes.
PHASES = (Phase.generate, Phase.shrink) if os.environ.get("CAMPAIGN_SHRINK") else (Phase.generate,)
SEED = int(os.environ.get("CAMPAIGN_SEED") or random.SystemRandom().randrange(10**6))


@pytest.fixture
def settings(settings):
    """No days between a decision and its destruction: histories have no patience."""
    return settings.with_changes(hold_window_days=0)


@pytest.fixture
def ground(app):
    with app.app_context(), writing() as work:
        floor = Leaving(work)
    return Ground(app, floor)


def live(ground, histories, steps):
    machine = seed(SEED)(type("LifeCycleHere", (LifeCycle,), {"ground": ground}))
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
    assert min(told["receive"], told["decided RecordedDecision"]) > 0, "the histories went nowhere"


def test_a_few_histories_keep_every_invariant(ground):
    live(ground, histories=12, steps=30)


@pytest.mark.campaign
def test_many_histories_keep_every_invariant(ground):
    live(ground, histories=int(os.environ.get("CAMPAIGN_HISTORIES", "40")), steps=40)
