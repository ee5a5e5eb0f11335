"""A short life of a kit, its tubes and places, logged by the operations that everybody uses."""

from dataclasses import dataclass, field

from biobank.core.database import writing
from biobank.custody.births import Birth, register
from biobank.custody.holds import lift_hold, place_hold
from biobank.custody.queries import item_now
from biobank.custody.states import Action, HoldKind, Kind
from biobank.ledger.notes import SigningKey
from biobank.ledger.operations import append_to, issue_checkpoint
from tests.custody.conftest import LEAD, SCAN, after, take

KEY = SigningKey.generate("biobank.example/custody")


@dataclass
class History:
    """Identifiers by the name the story gives them, and the checkpoints in the order of their issue."""

    items: dict[str, str] = field(default_factory=dict)
    checkpoints: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> str:
        return self.items[name]


def live_through() -> History:
    """Two chapters, each ended by a checkpoint, and a last one that is sealed and not yet signed."""
    history = History()
    for chapter in (_collected, _stored, _used):
        with writing() as work:
            chapter(work, history)
        with writing() as work:
            history.checkpoints.append(issue_checkpoint(work, KEY))
    return history


def _born(work, history, name, kind, **known):
    known = {
        key: item_now(work, history.items[told]) if key in ("kit", "place") else told
        for key, told in known.items()
    }
    born = register(work, Birth(kind=kind, site="clinic-1", **known), by=LEAD, source=SCAN, at=after(0))
    history.items[name] = born.identifier


def _collected(work, history):
    _born(work, history, "kit", Kind.KIT, specification="adult-3.2", lot="L1")
    for order, name in enumerate(("first", "second", "third"), 1):
        _born(work, history, name, Kind.TUBE, specification="1ED04", kit="kit", draw_order=order)
        take(work, history.items[name], Action.COLLECT, at=after(order))
    append_to(work, subject="A100000001", kind="decision", content={"samples": "keep"})


def _stored(work, history):
    _born(work, history, "freezer", Kind.FREEZER)
    _born(work, history, "box", Kind.BOX, place="freezer", position="A1")
    for order, name in enumerate(("first", "second", "third"), 10):
        take(work, history.items[name], Action.DISPATCH, at=after(order), changes={"sent_to": "biobank-1"})
        take(work, history.items[name], Action.RECEIVE, at=after(order), changes={"sent_to": None})
        take(
            work, history.items[name], Action.STORE, at=after(order), place=history.box, position=f"B{order}"
        )


def _used(work, history):
    first = item_now(work, history.first)
    _born(work, history, "aliquot", Kind.ALIQUOT, parents=(first,), volume_microlitres=500)
    take(work, history.second, Action.CHECK_OUT, at=None)
    take(work, history.third, Action.REPORT_LOST, at=after(20))
    place_hold(work, item_now(work, history.first), HoldKind.RECALL, "recall 7", by=LEAD)
    lift_hold(work, item_now(work, history.first), HoldKind.RECALL, "recall 7 is over", by=LEAD)
    place_hold(work, item_now(work, history.first), HoldKind.WITHDRAWAL, "decision 1", by=LEAD)
    take(work, history.box, Action.MOVE, at=after(30), place=history.freezer, position="A2")
