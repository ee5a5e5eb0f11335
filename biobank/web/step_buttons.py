"""The steps that an item's page offers as buttons, from the table of steps itself."""

from collections.abc import Iterable
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.queries import holds_on
from biobank.custody.states import SPECIMENS, Action, Kind, State
from biobank.custody.step_words import step_word
from biobank.custody.steps import ItemNow
from biobank.custody.transitions import OPEN_TO_ANY_SITE, TRANSITIONS, allowed_actions
from biobank.outages.choices import NOT_CARRIED
from biobank.outages.queries import standing_outage_of
from biobank.storage.proposals import propose_position
from biobank.web.cards import page_of
from biobank.web.step_forms import is_quick

WITH_A_PAGE_OF_THEIR_OWN = frozenset(
    {
        *(Action.PUT_IN_WASTE, Action.DESTROY, Action.DISPLACE, Action.ACCEPT_ATTESTATION),
        Action.REPLACE_CODE,
    },
)
"""Waste is filled at its batch, destroyed by its signatures; who is displaced never chose it;
a code is given up in the case about it."""
OF_ANOTHER_SITE = frozenset({Action.REPORT_ASTRAY})
"""A step for who finds what is not theirs: whoever sees an item's page is at a site of it."""
OF_THE_PARCEL = frozenset({Action.PACK, Action.UNPACK, Action.DISPATCH})
"""Steps that a specimen takes on the page of its parcel."""
OF_THE_KIT = frozenset({Action.ISSUE, Action.ASSIGN, Action.VOID})
"""Steps that a tube takes with its kit, never alone."""
ORDER = (
    *(Action.ASSIGN, Action.ISSUE, Action.COLLECT, Action.MARK_NOT_COLLECTED),
    *(Action.RECEIVE, Action.RETURN, Action.ARRIVE, Action.OPEN, Action.DISPATCH, Action.FIND),
    *(Action.STORE, Action.CHECK_IN, Action.CHECK_OUT, Action.ALIQUOT, Action.DERIVE, Action.POOL),
    Action.CENTRIFUGE,
    *(Action.QUARANTINE, Action.RELEASE, Action.MOVE, Action.FREEZE, Action.THAW, Action.CONSUME),
    *(Action.SEND_OUT, Action.DISTRIBUTE, Action.GIVE_BACK),
)
"""What hands come to most stands first and has a key."""


def step_buttons(work: Work, item: ItemNow, by: Actor) -> list[dict[str, Any]]:
    """As `signs.step_buttons` takes them; empty for somebody who only looks."""
    if not by.may(Permission.RECORD_STEPS):
        return []
    actions = allowed_actions(item.kind, item.state, by.roles, holds_on(work, item.id))
    buttons = [_button(work, item, action, by) for action in _in_order(item, actions)]
    return [*_at_the_chair(item, by), *buttons, *_when_it_fails(work, item, by)]


def _at_the_chair(item: ItemNow, by: Actor) -> list[dict[str, Any]]:
    """The kit that is collected now: its tubes are scanned on the page at the chair."""
    url = page_of(item, by)
    if item.kind is not Kind.KIT or item.state is not State.ASSIGNED or url.startswith("/items/"):
        return []
    return [{"label": "Collect", "url": url, "quick": False, "note": None}]


def _when_it_fails(work: Work, item: ItemNow, by: Actor) -> list[dict[str, Any]]:
    """A freezer that cools no more is declared out of service; one that is leads to its outage."""
    if item.kind not in NOT_CARRIED or not by.may(Permission.DECLARE_OUTAGES):
        return []
    stands = standing_outage_of(work, item.id)
    url = f"/outages/{stands.id}" if stands else f"/outages/declare?unit={item.identifier}"
    return [
        {"label": "Out of service" if stands else "It has failed", "url": url, "quick": False, "note": None}
    ]


def _in_order(item: ItemNow, actions: Iterable[Action]) -> list[Action]:
    elsewhere = WITH_A_PAGE_OF_THEIR_OWN | OF_ANOTHER_SITE
    if item.kind in SPECIMENS:
        elsewhere |= OF_THE_PARCEL | OF_THE_KIT
    offered = [action for action in actions if action not in elsewhere]
    return sorted(offered, key=lambda action: ORDER.index(action) if action in ORDER else len(ORDER))


def _button(work: Work, item: ItemNow, action: Action, by: Actor) -> dict[str, Any]:
    closes = item.kind is Kind.PARCEL and action is Action.RECEIVE
    return {
        "label": "Close the receipt" if closes else step_word(action),
        "url": f"/visits/kits/{item.identifier}" if action is Action.ASSIGN else step_url(item, action),
        "quick": is_quick(TRANSITIONS[item.kind, action], item.kind),
        "note": proposed(work, item, by) if action in (Action.STORE, Action.CHECK_IN) else None,
    }


def step_url(item: ItemNow, action: Action) -> str:
    if item.kind is Kind.PARCEL and action is Action.DISPATCH:
        return f"/shipments/{item.identifier}/dispatch"
    if action is Action.POOL:
        return f"/pools?part={item.identifier}"
    if action is Action.REFIT:
        return f"/storage/units/{item.identifier}/refit"
    return f"/items/{item.identifier}/steps/{action.value}"


def proposed(work: Work, item: ItemNow, by: Actor) -> str | None:
    """`Box 1, A3`: where it should go, as the storing station says to this person."""
    proposal = propose_position(work, item, by)
    if proposal is None:
        return None
    return ", ".join(part for part in (proposal.unit.name, proposal.position) if part)


def open_to_anybody(item: ItemNow, by: Actor) -> list[Action]:
    """What whoever finds another site's item may record of it: that it is here, and what fits its state."""
    return [
        action
        for (kind, action), row in TRANSITIONS.items()
        if kind is item.kind
        and action in OPEN_TO_ANY_SITE
        and by.roles & row.roles
        and (action is Action.RECEIVE or item.state in row.origins)
        and action is not Action.LINK
    ]
