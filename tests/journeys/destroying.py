"""Bags, counts, signatures, confirmations, and what turns up again, in an invented history."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.custody.states import THOUGHT_GONE, Action, State
from biobank.custody.steps import Recorded
from biobank.destruction import batches
from biobank.destruction.choices import Ceremony
from biobank.destruction.queries import standing_orders
from biobank.items.models import Item
from biobank.participants.queries import participant_named
from tests.journeys.deciding import anyone

SIGNERS = ("bio.tess", "bio.theo", "comp.cleo")


class Destroying:
    """Rules; the machine that has them knows `tubes`, `bags`, `ground`, `code`, `pick`, `noted` and `decide`."""

    @rule(
        what=st.sampled_from(["new_bag", "count", "count_again", "sign", "sign"]),
        number=anyone,
        pieces=st.integers(0, 3),
        who=st.sampled_from(SIGNERS),
    )
    def handle_a_bag(self, what, number, pieces, who):
        """Right or wrong, in any order."""
        getattr(self, what)(number, pieces, who)

    def new_bag(self, _number, _pieces, _who):
        self.bags.append(self.ground.does(lambda floor: floor.bag()))

    def count(self, number, pieces, _who):
        if self.bags:
            bag = self.pick(self.bags, number)
            self.noted("counted", self.ground.does(lambda floor: floor.count(bag, pieces)))

    def count_again(self, number, _pieces, _who):
        if self.bags:
            bag = self.pick(self.bags, number)
            undone = self.ground.does(lambda floor: batches.undo_count(floor.work, floor.technician, bag))
            self.noted("count undone", undone)

    def sign(self, number, pieces, who):
        if self.bags:
            bag, role = self.pick(self.bags, number), "performer" if pieces % 2 else "witness"
            self.noted("signed", self.ground.does(lambda floor: floor.sign(bag, role, who)))

    @rule(
        who=anyone,
        witness=st.sampled_from(["bio.theo", "comp.cleo", "comp.cleo", "bio.tess"]),
        most=st.sampled_from([1, 30, 30]),
        confirms=st.sampled_from([True, True, False]),
    )
    def destroy_all(self, who, witness, most, confirms):
        """Everything of a participant that may go, or the first piece of it, in one bag with both signatures."""
        code = self.code(who)
        if not self.orders(code):
            self.decide(
                who, "destroy", "remove", leaves=True, hours=0, window=0, ceremony=Ceremony.NOT_APPLICABLE
            )
        bag = self.ground.does(lambda floor: floor.bag())
        self.bags.append(bag)
        theirs = [item for item in self.tubes if self.may_go(item, code)]
        pieces = sum(self.wasted(item, bag) for item in theirs[:most])

        def signed(floor):
            floor.count(bag, pieces)
            floor.sign(bag, "performer", "bio.tess")
            return floor.sign(bag, "witness", witness)

        if pieces:
            self.noted("destroyed", self.ground.does(signed))
        if confirms:
            self.confirm(who, "comp.cleo")

    @rule(who=anyone, signer=st.sampled_from(SIGNERS))
    def confirm(self, who, signer):
        code = self.code(who)

        def confirmed(floor):
            orders = standing_orders(floor.work, participant_named(floor.work, code).code)
            return len(floor.confirm(*orders, who=signer).certificates) if orders else 0

        answer = self.noted("confirmed", self.ground.does(confirmed))
        self.ground.told["certificates"] += answer if isinstance(answer, int) else 0

    @rule(number=anyone)
    def turn_up(self, number):
        """What was called destroyed, lost or never received lies in a box and is scanned."""
        gone = [item for item in self.tubes if self.state_of(item) in THOUGHT_GONE]
        if gone:
            item = self.pick(gone, number)
            destroyed = self.state_of(item) is State.DESTROYED
            answer = self.ground.does(lambda floor: floor.step(item, Action.RECEIVE))
            assert isinstance(answer, Recorded), f"I12 {item} turned up: {answer!r}"
            self.noted("a destroyed one turned up" if destroyed else "turned up", answer)

    @rule(who=anyone)
    def late_tube(self, who):
        """Collected by somebody who had not heard; the paper comes later, and it is taken in any case."""
        tube = self.noted("late tube", self.ground.does(lambda floor: floor.paper_kit(self.code(who))))
        assert isinstance(tube, str), f"I12 late tube: {tube!r}"
        self.tubes.append(tube)

    def orders(self, code):
        return self.ground.asks(lambda work: standing_orders(work, participant_named(work, code).code))

    def may_go(self, item, code):
        def is_theirs(work):
            row = work.session.query(Item).filter_by(identifier=item).one()
            theirs = row.participant and participant_named(work, row.participant).code
            reachable = (State.COLLECTED, State.RECEIVED, State.STORED, State.CHECKED_OUT)
            return theirs == participant_named(work, code).code and row.state in reachable

        return self.ground.asks(is_theirs)

    def wasted(self, item, bag):
        done = self.ground.does(lambda floor: floor.step(item, Action.PUT_IN_WASTE, place=bag))
        return isinstance(done, Recorded)

    def state_of(self, item):
        return self.ground.asks(
            lambda work: State(work.session.query(Item.state).filter_by(identifier=item).scalar())
        )
