"""Every fact that the table of steps knows, told of a specimen in the state that a history brought it to."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.core.errors import DomainError
from biobank.custody.queries import holds_on, newest_events
from biobank.custody.states import Action, Nature, Placing
from biobank.custody.steps import Recorded
from biobank.custody.transitions import TRANSITIONS
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits
from biobank.processing.pools import PoolRefused
from tests.journeys.ground import EVERYBODY

anything = st.integers(0, 30)
FACTS = {
    kind: [row for (of, _), row in TRANSITIONS.items() if of is kind and row.nature is Nature.FACT]
    for kind, _ in TRANSITIONS
}
BORN_ONCE = Action.REGISTER


class Facts:
    """Rules; the machine that has them knows `tubes`, `ground`, `pick`, `box`, `code` and `details_of`."""

    @rule(number=anything)
    def whatever_happened(self, number):
        """I12: each fact is taken at the latest when it is confirmed, from whichever state and under any hold.

        What is tried is taken back, so that the history goes on; a state with its holds is tried once.
        """
        item = self.pick(self.tubes, number)
        now, holds = self.ground.asks(lambda work: self.looked_at(work, item))
        if (now.kind, now.state, holds) in self.ground.tried:
            return
        self.ground.tried.add((now.kind, now.state, holds))
        for row in FACTS[now.kind]:
            if row.action is not BORN_ONCE:
                self.is_taken(item, now, row)

    def looked_at(self, work, item):
        self.ground.floor.work = work
        now = self.ground.floor.now(item)
        return now, holds_on(work, now.id)

    def is_taken(self, item, now, row):
        answer = self.ground.would(lambda floor: self.told(floor, item, row))
        asked_back = isinstance(answer, DomainError) and answer.extra.get("confirmable")
        if asked_back:
            answer = self.ground.would(lambda floor: self.told(floor, item, row, confirmation="it was so"))
        what = f"I12 {row.action} of a {now.kind} that is {now.state}"
        if isinstance(answer, PoolRefused):  # what several gave is nobody's to link: their tubes are
            assert row.action is Action.LINK, f"{what}: {answer!r}"
            return
        assert isinstance(answer, Recorded), f"{what}: {answer!r}"
        self.ground.told["facts confirmed" if asked_back else "facts taken at once"] += 1

    def told(self, floor, item, row, **more):
        asked = {"details": self.details_of(row.action), **more}
        if row.placing is Placing.MUST:
            asked["place"] = floor.parcel() if row.action is Action.PACK else self.box
        if row.action is Action.CORRECT:
            asked |= {"corrects": newest_events(floor.work, item, 1)[0]["sequence"], "details": None}
        return floor.step(item, row.action, EVERYBODY, **asked)


def a_kit(floor, definition):
    """A kit at the clinic, with the codes of its tubes."""
    kit = make_kits(floor.work, definition, 1, by=floor.technician, site="biobank-1")[0]
    floor.step(kit.identifier, Action.ISSUE, details={"site": "clinic-1"})
    return kit.identifier, [tube.identifier for tube in tubes_of_kit(floor.work, kit.id)]
