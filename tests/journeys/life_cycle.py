"""Histories of kits that hypothesis invents: any step by anybody at any moment, and what has to hold after each."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from biobank.core import moments
from biobank.core.errors import DomainError
from biobank.custody.checks import NoSuchStep, NotYourStep
from biobank.custody.hold_checks import PLACED_BY_A_STEP
from biobank.custody.queries import NothingToUndo, newest_events
from biobank.custody.states import SPECIMENS, Action, HoldKind, Kind, Nature, Placing, State
from biobank.custody.steps import AskedBack, Source
from biobank.custody.transitions import TRANSITIONS
from biobank.items.queries import children_of
from biobank.processing.pools import PoolRefused
from biobank.shipments.choices import Carrier, Condition, Presence
from biobank.shipments.inputs import NewShipment, ReceiptLine
from biobank.shipments.operations import pack, receive_parcel, start_shipment
from tests.floor import SCAN
from tests.journeys.deciding import Deciding, anyone
from tests.journeys.destroying import Destroying
from tests.journeys.facts import Facts, a_kit
from tests.journeys.ground import Ground
from tests.journeys.invariants import (
    Judged,
    left_to_follow,
    looks_are_written_down,
    no_history_has_a_gap,
    violations,
)
from tests.journeys.looking import Looking
from tests.journeys.pausing import Pausing

WITH_THE_KIT = {Action.REGISTER, Action.ISSUE, Action.ASSIGN}
SCANNED = sorted(action for kind, action in TRANSITIONS if kind is Kind.TUBE and action not in WITH_THE_KIT)
OUTSIDE = {"custodian": "LAB-1", "purpose": "contract_work"}
DETAILS = {
    Action.MARK_NOT_COLLECTED: {"reason": "fainted"},
    Action.SUBSTITUTE: {"reason": "broken"},
    Action.COLLECT: {"fill": "full"},
    Action.ALIQUOT: {"children": [{"specification": "plasma", "volume_microlitres": 500}]},
    Action.DERIVE: {"children": [{"specification": "plasma RNA", "volume_microlitres": 50}]},
    Action.CORRECT: {"undo": True},
    Action.LABEL: {"issuer": "Maker", "code": "MK00000001"},
    Action.SEND_OUT: OUTSIDE,
    Action.DISTRIBUTE: {"request": "REQ-7"},
    Action.GIVE_BACK: {"given_to": "tribe", "receiver": "TRIBE-7"},
}
NEXT = {
    State.EXPECTED: (Action.COLLECT, "clinic"),
    State.COLLECTED: (Action.DISPATCH, "clinic"),
    State.IN_TRANSIT: (Action.RECEIVE, "technician"),
    State.RECEIVED: (Action.STORE, "technician"),
    State.STORED: (Action.CHECK_OUT, "technician"),
    State.CHECKED_OUT: (Action.ALIQUOT, "technician"),
    State.SENT_OUT: (Action.RETURN, "technician"),
}
SCOPES = ("blood", "urine", "dna", "sharing")
PEOPLE = ("clinic", "technician", "lead", "compliance")
POSITIONS = (None, "A1", "A2", "B1")


class LifeCycle(Deciding, Destroying, Pausing, Looking, Facts, RuleBasedStateMachine):
    ground: Ground

    @initialize(ahead=st.lists(st.integers(0, 6), min_size=3, max_size=3))
    def begin(self, ahead):
        self.people = [next(self.ground.codes) for _ in range(3)]
        self.tubes, self.bags, self.parcels, self.aliquoted = [], [], [], set()
        self.judged = Judged()
        self.ground.told["histories"] += 1
        for code in self.people:
            self.ground.does(lambda floor, code=code: floor.participant(code, SCOPES))
        self.box = self.ground.does(lambda floor: floor.box(f"Box {self.people[0]}", rows=2, columns=2))
        for who in range(3):
            self.kit(who, "urine-1", assigned=who < 2)
        for number, steps in enumerate(ahead):
            self.go_on(number, steps, None)

    # The clinic.

    @rule(who=anyone, definition=st.sampled_from(["urine-1", "urine-1", "adult-3.2"]), assigned=st.booleans())
    def kit(self, who, definition, assigned):
        code = self.code(who)
        kit, tubes = self.ground.does(lambda floor: a_kit(floor, definition))
        self.tubes += tubes[:4]
        if assigned:
            self.ground.does(
                lambda floor: floor.step(kit, Action.ASSIGN, floor.clinic, details={"participant": code})
            )

    # The regular way, one step or several.

    @rule(number=anyone, steps=st.integers(1, 5), position=st.sampled_from(POSITIONS))
    def go_on(self, number, steps, position):
        item = self.pick(self.tubes, number)
        for _ in range(steps):
            action, by = self.next_of(item)
            self.tell(item, action, by, self.asked(action, "now", position, True, 0, "scan"))

    def next_of(self, item):
        state = self.state_of(item)
        if state is State.CHECKED_OUT and item in self.aliquoted:
            return Action.CHECK_IN, "technician"
        if state is State.CHECKED_OUT:
            self.aliquoted.add(item)
            if len(self.aliquoted) % 2:
                return Action.DERIVE, "technician"
        return NEXT.get(state, (Action.FREEZE, "technician"))

    @rule(steps=st.integers(1, 3))
    def all_go_on(self, steps):
        for number in range(min(len(self.tubes), 5)):
            self.go_on(number, steps, None)

    # Any scan of any specimen, right or wrong.

    @rule(
        number=anyone,
        action=st.sampled_from(SCANNED),
        by=st.sampled_from(PEOPLE),
        when=st.sampled_from(["now", "now", "unknown", "days ago"]),
        position=st.sampled_from(POSITIONS),
        placed=st.booleans(),
        source=st.sampled_from(["scan", "scan", "scan", "paper"]),
    )
    def scan(self, number, action, by, when, position, placed, source):
        item = self.pick(self.tubes, number)
        asked = self.asked(action, when, position, placed, number, source)
        if asked is not None:
            self.tell(item, action, by, asked)

    @rule(number=anyone, action=st.sampled_from([Action.SEND_OUT, Action.DISTRIBUTE, Action.GIVE_BACK]))
    def leave_the_house(self, number, action):
        item = self.pick(self.tubes, number)
        by = "lead" if action is Action.GIVE_BACK else "technician"
        self.tell(item, action, by, self.asked(action, "now", None, False, 0, "scan"))

    def asked(self, action, when, position, placed, number, source):
        """What the scan says besides; None when there is no place of the kind that it needs."""
        row = next(row for (kind, named), row in TRANSITIONS.items() if (kind, named) == (Kind.TUBE, action))
        asked = {"at": self.at(when), "details": self.details_of(action), "source": Source(source, "form 9")}
        if row.placing is Placing.MUST or (row.placing is Placing.MAY and placed):
            places = {Action.PACK: self.parcels, Action.PUT_IN_WASTE: self.bags}.get(action, [self.box])
            if not places:
                return None
            asked["place"] = self.pick(places, number)
            asked["position"] = position if places == [self.box] else None
        return asked

    def details_of(self, action):
        return {"participant": self.people[2]} if action is Action.LINK else DETAILS.get(action)

    def at(self, when):
        if when == "unknown":
            return None
        return moments.told(moments.now()) if when == "now" else self.ground.floor.told(0)

    def tell(self, item, action, by, asked):
        def job(floor, **more):
            newest = newest_events(floor.work, item, 1)[0]["sequence"]
            corrects = {"corrects": newest} if action is Action.CORRECT else {}
            done = floor.step(item, action, getattr(floor, by), **asked, **corrects, **more)
            return done, [child.identifier for child in children_of(floor.work, floor.now(item).id)]

        answer = self.ground.does(job)
        if isinstance(answer, AskedBack):
            self.ground.told["asked back"] += 1
            answer = self.ground.does(lambda floor: job(floor, confirmation="it really was so"))
        self.judge(item, action, answer)

    def judge(self, item, action, answer):
        """I12: a fact is taken at the latest when it is confirmed; only a role, a kind or an undo stands against it."""
        nature = TRANSITIONS[Kind.TUBE, action].nature
        if isinstance(answer, DomainError):
            self.ground.told[f"refused {type(answer).__name__}"] += 1
            known = NotYourStep | NoSuchStep | PoolRefused if nature is Nature.FACT else DomainError
            assert isinstance(answer, known | NothingToUndo), f"I12 {action} of {item}: {answer!r}"
            return
        self.ground.told[action.value] += 1
        self.tubes += [child for child in answer[1] if child not in self.tubes]

    # Parcels.

    @rule(numbers=st.lists(anyone, min_size=1, max_size=4), goes=st.booleans())
    def parcel(self, numbers, goes):
        items = sorted({self.pick(self.tubes, number) for number in numbers})

        def packed(floor):
            made = NewShipment(origin="clinic-1", destination="biobank-1", carrier=Carrier.COURIER)
            parcel = start_shipment(floor.work, made, by=floor.clinic, source=SCAN).identifier
            pack(floor.work, parcel, items, by=floor.clinic, source=Source("paper", "list 1"), at=None)
            if goes:
                floor.step(parcel, Action.DISPATCH, floor.clinic, details={"carrier": "courier"})
            return parcel

        self.parcels.append(self.expect("parcel", self.ground.does(packed)))

    @rule(number=anyone, numbers=st.lists(anyone, max_size=4), closes=st.booleans(), warm=st.booleans())
    def receipt(self, number, numbers, closes, warm):
        if not self.parcels:
            return
        parcel = self.pick(self.parcels, number)
        conditions = (Condition.TOO_WARM,) if warm else ()
        items = sorted({self.pick(self.tubes, each) for each in numbers})
        lines = [ReceiptLine(item=item, presence=Presence.FOUND, conditions=conditions) for item in items]
        self.expect(
            "receipt",
            self.ground.does(
                lambda floor: receive_parcel(
                    floor.work, parcel, lines, by=floor.technician, source=SCAN, at=None, closes=closes
                )
            ),
        )

    # Judging.

    @rule(number=anyone, hold=st.sampled_from(sorted(PLACED_BY_A_STEP)), lifts=st.booleans())
    def hold(self, number, hold, lifts):
        item, action = self.pick(self.tubes, number), Action.RELEASE if lifts else Action.QUARANTINE
        asked = {"at": None, "details": {"hold": hold.value, "reason": "seen"}}
        self.tell(item, action, "compliance" if hold is HoldKind.LEGAL else "lead", asked)

    # What has to hold.

    @invariant()
    def nothing_is_violated(self):
        self.ground.told["steps"] += 1
        found = self.ground.asks(lambda work: list(violations(work, self.people, self.tubes, self.judged)))
        self.none_of(found)

    def teardown(self):
        """I10: every stored state, order and certificate is what the log says; I9 and I11 of the whole log.

        I2: what followed from a step alone is what follows from everything.
        """
        found = self.ground.findings()
        found += self.ground.would(lambda floor: left_to_follow(floor.work, self.people, floor.compliance))
        found += self.ground.asks(no_history_has_a_gap_and_every_look_is_told(self.ground))
        self.none_of(found)

    def none_of(self, found):
        """Said at once too: a history that is played again after a failure meets another database."""
        if found:
            print("\n", *found, sep="\n")
        assert found == [], "\n".join(found)

    def pick(self, things, number):
        return things[number % len(things)]

    def expect(self, what, answer):
        assert not isinstance(answer, DomainError), f"I12 {what}: {answer!r}"
        return self.noted(what, answer)


def no_history_has_a_gap_and_every_look_is_told(ground):
    return lambda work: [*no_history_has_a_gap(work), *looks_are_written_down(work, ground.looks)]


assert set(SCANNED) <= {action for kind, action in TRANSITIONS if kind in SPECIMENS}
