"""Every kind x state x step x role against a literal table, so that no row changes by accident."""

from itertools import product
from pathlib import Path

import pytest

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core.moments import now
from biobank.custody import checks
from biobank.custody.states import SPECIMENS, STORAGE, Action, Kind, Nature, State
from biobank.custody.steps import AskedBack, Attempt, ItemNow, Source
from biobank.custody.transitions import TRANSITIONS, allowed_actions

TABLE = Path(__file__).with_name("truth_table.txt")
STATES_OF = {
    **{kind: {"expected", "collected", "not_collected", "in_transit", "received", "stored", "checked_out",
              "sent_out", "consumed", "distributed", "given_back", "in_waste", "destroyed", "broken", "lost",
              "never_received", "voided"}
       for kind in SPECIMENS},
    **{kind: {"in_service", "voided"} for kind in STORAGE},
    Kind.KIT: {"registered", "issued", "assigned", "returned", "voided"},
    Kind.PARCEL: {"packing", "voided", "in_transit", "arrived", "opened", "received"},
    Kind.WASTE: {"filling", "destroyed"},
}  # fmt: skip


def item(kind, state):
    return ItemNow(
        id=1, identifier="T483134562451", kind=Kind(kind), specification=None, state=State(state), sequence=1,
        head=b"", site=None, custodian=None, sent_to=None, container_id=None, position=None,
        place_unknown_since=None, participant=None, kit_id=None, volume_microlitres=None, collected_at=None,
        occurred_at=None, recorded_at=0,
    )  # fmt: skip


def attempted(kind, state, action, role):
    found = item(kind, state)
    return Attempt(
        item=found,
        action=Action(action),
        row=checks.row_for(found, Action(action)),
        by=Actor("somebody", "Somebody", frozenset({(role, None)})),
        performed_by="somebody",
        at=None,
        source=Source("scan"),
        recorded_at=now(),
    )


def outcome(kind, state, action, role):
    """What the rules answer: taken (with where to), taken with a flag, asked back, refused, not theirs, never."""
    try:
        attempt = attempted(kind, state, action, role)
        checks.role_may(attempt)
        flags = checks.state_allows_it(attempt)
    except checks.NoSuchStep:
        return "never"
    except checks.NotYourStep:
        return "not theirs"
    except AskedBack:
        return "asked back"
    except checks.StepRefused:
        return "refused"
    return ("flagged " if flags else "taken ") + attempt.row.target.value


def literal():
    """`kind action | roles | state: outcome, ...` a line; a kind and action that has no line never happens."""
    rows = {}
    for line in TABLE.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        step, roles, states = (part.strip() for part in line.split("|"))
        kind, action = step.split()
        outcomes = dict(entry.strip().split(": ") for entry in states.split(","))
        rows[kind, action] = (set(roles.split()), outcomes)
    return rows


ROWS = literal()


@pytest.mark.parametrize("kind", list(Kind))
def test_every_state_step_and_role_answers_as_the_table_says(kind):
    tried = 0
    for state, action, role in product(sorted(STATES_OF[kind]), Action, Role):
        roles, outcomes = ROWS.get((kind.value, action.value), (None, None))
        expected = "never" if roles is None else outcomes[state] if role.value in roles else "not theirs"
        if action is not Action.REGISTER:  # a birth is no step of something that is there
            assert outcome(kind, state, action, role) == expected, (kind, state, action, role)
            tried += 1
    assert tried == len(STATES_OF[kind]) * (len(Action) - 1) * len(Role)


def test_the_table_names_no_step_that_the_rules_do_not_know():
    for kind, action in ROWS:
        assert checks.row_for(item(kind, "stored"), Action(action)).action == action


def test_what_is_offered_is_what_is_taken():
    for (kind, action), (roles, outcomes) in ROWS.items():
        for state, role in product(outcomes, Role):
            offered = Action(action) in allowed_actions(Kind(kind), State(state), frozenset({role}))
            assert offered == (role.value in roles and outcomes[state].startswith("taken")), (
                kind,
                action,
                state,
            )


NEVER_ASKED_BACK = {
    *(
        (kind, action)
        for kind in SPECIMENS
        for action in ("receive", "quarantine", "find", "displace", "correct")
    ),
    *((kind, "displace") for kind in STORAGE),
    *((Kind.KIT, action) for action in ("arrive", "report_astray")),
    *((Kind.PARCEL, action) for action in ("arrive", "open", "receive", "correct")),
}


def test_the_dock_and_whoever_sets_something_aside_are_never_asked_back():
    asked = {step for step, row in TRANSITIONS.items() if row.nature is Nature.FACT and not row.asks_back}
    assert asked == NEVER_ASKED_BACK
