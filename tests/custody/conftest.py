"""A bench with record()'s own rules and no feature's: tubes in any state, people of two clinics and a biobank."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core.moments import told
from biobank.custody.births import Birth, register
from biobank.custody.operations import record
from biobank.custody.queries import item_now, newest_events
from biobank.custody.rules import Rules, install
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Source
from biobank.wiring import RULES

SCAN = Source("scan")
BEGAN = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)
COLLECTED = [Action.COLLECT]
IN_TRANSIT = [*COLLECTED, Action.DISPATCH]
RECEIVED = [*IN_TRANSIT, Action.RECEIVE]
STORED = [*RECEIVED, Action.STORE]
IN_WASTE = [*RECEIVED, Action.PUT_IN_WASTE]
WAYS = {
    "expected": [],
    "not_collected": [Action.MARK_NOT_COLLECTED],
    "collected": COLLECTED,
    "in_transit": IN_TRANSIT,
    "received": RECEIVED,
    "stored": STORED,
    "checked_out": [*STORED, Action.CHECK_OUT],
    "sent_out": [*RECEIVED, Action.SEND_OUT],
    "distributed": [*RECEIVED, Action.DISTRIBUTE],
    "given_back": [*RECEIVED, Action.GIVE_BACK],
    "consumed": [*RECEIVED, Action.CONSUME],
    "in_waste": IN_WASTE,
    "destroyed": [*IN_WASTE, Action.DESTROY],
    "broken": [*RECEIVED, Action.BREAK],
    "lost": [*RECEIVED, Action.REPORT_LOST],
    "never_received": [*IN_TRANSIT, Action.REPORT_NEVER_RECEIVED],
    "voided": [Action.VOID],
}
"""How a tube comes into each state, step by step."""


def person(name, role, site):
    return Actor(name, f"Testa {name}", frozenset({(role, site)}))


LEAD = person("bio.lead", Role.LEAD, None)
COMPLIANCE = person("comp.kim", Role.COMPLIANCE, None)
TECHNICIAN = person("bio.tess", Role.TECHNICIAN, "biobank-1")
CLINIC = person("clinic.ana", Role.CLINIC, "clinic-1")
ELSEWHERE = person("clinic.bob", Role.CLINIC, "clinic-2")
AUDITOR = person("audit.otto", Role.AUDITOR, None)


def after(minutes):
    return told(BEGAN + timedelta(minutes=minutes))


def take(work, item, action, *, by=LEAD, at=None, source=SCAN, **named):
    return record(work, item, action, by=by, source=source, at=at, **named)


@dataclass
class Bench:
    """One open transaction and what a test begins with."""

    work: object

    def tube(self, state="expected", **birth):
        """A tube of clinic-1 that went its regular way into `state`, a minute a step."""
        known = {"specification": "1ED04", "site": "clinic-1", "custodian": "site:clinic-1", **birth}
        item = self.born(Kind.TUBE, at=after(0), **known)
        for minute, action in enumerate(WAYS[state], 1):
            place = {Action.STORE: Kind.BOX, Action.PUT_IN_WASTE: Kind.WASTE}.get(action)
            self.take(item, action, at=after(minute), place=self.born(place) if place else None)
        return item

    def born(self, kind, at=None, **birth):
        return register(self.work, Birth(kind=kind, **birth), by=LEAD, source=SCAN, at=at).identifier

    def take(self, item, action, **told_):
        return take(self.work, item, action, **told_)

    def now(self, item):
        return item_now(self.work, item)

    def events(self, item):
        """The item's steps, oldest first."""
        return newest_events(self.work, item, 1000)[::-1]


@pytest.fixture
def own_rules(app):
    """Only what `record` itself asks; the features' rules have tests of their own."""
    install(Rules({}, {}))
    yield
    install(RULES)


@pytest.fixture
def bench(own_rules, work):
    return Bench(work)
