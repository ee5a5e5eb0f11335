"""What stops an order for a while in an invented history, and what custodians outside say of what they have."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.core import moments
from biobank.custody.states import State
from biobank.destruction.ceremonies import call_off_ceremony, ceremonies, plan_ceremony, record_ceremony_held
from biobank.destruction.legal_holds import lift_legal_hold, place_legal_hold
from biobank.destruction.models import LegalHold
from biobank.destruction.pauses import CeremonyState, HeldBecause, LiftedBecause
from biobank.destruction.queries import is_unsettled, standing_orders
from biobank.participants.queries import participant_named
from biobank.processing.inputs import NewPool, Part
from biobank.processing.pools import make_pool
from tests.floor import SCAN
from tests.journeys.deciding import anyone


class Pausing:
    """Rules; the machine that has them knows `tubes`, `people`, `ground`, `code`, `pick`, `noted`, `state_of`."""

    @rule(
        what=st.sampled_from(
            ["place_hold", "place_hold", "lift_hold", "plan", "hold_it", "call_off", "attest", "attest"]
        ),
        who=anyone,
    )
    def pause(self, what, who):
        answer = self.ground.does(lambda floor: getattr(self, what)(floor, who))
        self.noted(what, answer)

    def theirs(self, floor, who):
        return standing_orders(floor.work, participant_named(floor.work, self.code(who)).code)

    def place_hold(self, floor, who):
        for order in self.theirs(floor, who):
            because = HeldBecause.COURT_ORDER
            return place_legal_hold(floor.work, floor.compliance, order.identifier, because, "Paper 17")
        return None

    def lift_hold(self, floor, _who):
        for hold in floor.work.session.query(LegalHold).filter_by(lifted_at=None):
            because = LiftedBecause.DUTY_ENDED
            return lift_legal_hold(floor.work, floor.compliance, hold.id, because, "Paper 18")
        return None

    def plan(self, floor, who):
        waiting = [order.identifier for order in self.theirs(floor, who) if is_unsettled(order)]
        today = moments.now().date()
        told = {"on": today, "place": "outside", "orders": waiting}
        return plan_ceremony(floor.work, floor.compliance, **told) if waiting else None

    def hold_it(self, floor, _who):
        return self.ended(floor, record_ceremony_held)

    def call_off(self, floor, _who):
        return self.ended(floor, call_off_ceremony)

    def ended(self, floor, way):
        for each in ceremonies(floor.work):
            if each.state == CeremonyState.PLANNED:
                return way(floor.work, floor.compliance, each.id)
        return None

    def attest(self, floor, who):
        """What is outside was destroyed there, as its custodian says and compliance accepts."""
        outside = [item for item in self.tubes if floor.now(item).state is State.SENT_OUT]
        return floor.accept(floor.attest(self.pick(outside, who))) if outside else None

    @rule(numbers=st.lists(anyone, min_size=2, max_size=3))
    def mix(self, numbers):
        """A pool of what is at hand, of one participant or several; confirmed where it is asked back."""
        here = [item for item in self.tubes if self.state_of(item) in (State.RECEIVED, State.CHECKED_OUT)]
        items = sorted({self.pick(here, number) for number in numbers}) if here else []
        if len(items) > 1:
            new = NewPool(parts=tuple(Part(item, 10) for item in items), specification="serum pool")

            def mixed(floor):
                told = {"by": floor.technician, "source": SCAN, "at": moments.told(moments.now())}
                return make_pool(floor.work, new, **told, confirmation="mixed before the call")

            made = self.noted("mixed", self.ground.does(mixed))
            self.tubes += [made.pool.identifier] if hasattr(made, "pool") else []
