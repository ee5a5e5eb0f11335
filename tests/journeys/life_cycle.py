"""Histories of kits that hypothesis invents: any step by anybody at any moment, and what has to hold after each."""

from collections import Counter
from itertools import count

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.core.errors import DomainError, Forbidden
from biobank.custody.checks import PLACED_BY_A_STEP, NoSuchStep, NotYourStep
from biobank.custody.queries import NothingToUndo, newest_events
from biobank.custody.states import SPECIMENS, Action, HoldKind, Kind, Nature, Placing, State
from biobank.custody.steps import AskedBack, Recorded, Source
from biobank.custody.transitions import TRANSITIONS
from biobank.destruction.queries import current_order
from biobank.items.queries import children_of, tubes_of_kit
from biobank.kits.operations import make_kits
from biobank.ledger.sealing import seal_all
from biobank.ledger.verification import verify
from biobank.shipments.choices import Carrier, Condition, Presence
from biobank.shipments.inputs import NewShipment, ReceiptLine
from biobank.shipments.operations import pack, receive_parcel, start_shipment
from biobank.wiring import REPLAYS
from tests.floor import SCAN
from tests.journeys.invariants import violations

WITH_THE_KIT = {Action.REGISTER, Action.ISSUE, Action.ASSIGN, Action.LINK}
SCANNED = sorted(action for kind, action in TRANSITIONS if kind is Kind.TUBE and action not in WITH_THE_KIT)
DETAILS = {
    Action.MARK_NOT_COLLECTED: {"reason": "fainted"},
    Action.SUBSTITUTE: {"reason": "broken"},
    Action.COLLECT: {"fill": "full"},
    Action.ALIQUOT: {"children": [{"specification": "plasma", "volume_microlitres": 500}]},
    Action.CORRECT: {"undo": True},
    Action.LABEL: {"issuer": "Maker", "code": "MK00000001"},
}
NEXT = {
    State.EXPECTED: (Action.COLLECT, "clinic"),
    State.COLLECTED: (Action.DISPATCH, "clinic"),
    State.IN_TRANSIT: (Action.RECEIVE, "technician"),
    State.RECEIVED: (Action.STORE, "technician"),
    State.STORED: (Action.CHECK_OUT, "technician"),
    State.CHECKED_OUT: (Action.ALIQUOT, "technician"),
}
PEOPLE = ("clinic", "technician", "lead", "compliance")
SIGNERS = ("bio.tess", "bio.theo", "comp.cleo")
POSITIONS = (None, "A1", "A2", "B1")
anyone = st.integers(0, 30)


class Ground:
    """One database with its sites and people, on which every history begins with kits of its own."""

    def __init__(self, app, floor):
        self.app, self.floor = app, floor
        self.codes = (f"H{number:09d}" for number in count(1))
        self.told = Counter()

    def does(self, job):
        """In a transaction of its own; a refusal is the answer, and leaves nothing."""
        try:
            with self.app.app_context(), writing() as work:
                self.floor.work = work
                return job(self.floor)
        except DomainError as refusal:
            return refusal

    def findings(self):
        with self.app.app_context():
            seal_all()
            with reading() as work:
                return [str(finding) for finding in verify(work, replays=REPLAYS).findings]


class LifeCycle(RuleBasedStateMachine):
    ground: Ground

    @initialize()
    def begin(self):
        self.people = [next(self.ground.codes) for _ in range(2)]
        self.tubes, self.bags, self.parcels = [], [], []
        self.ground.told["histories"] += 1
        for code in self.people:
            self.ground.does(lambda floor, code=code: floor.participant(code))
        self.box = self.ground.does(lambda floor: floor.box(f"Box {self.people[0]}", rows=2, columns=2))
        self.kit(0, "urine-1", assigned=True)
        self.kit(1, "urine-1", assigned=False)

    # The clinic.

    @rule(who=anyone, definition=st.sampled_from(["urine-1", "urine-1", "adult-3.2"]), assigned=st.booleans())
    def kit(self, who, definition, assigned):
        code = self.people[who % 2]

        def made(floor):
            kit = make_kits(floor.work, definition, 1, by=floor.technician, site="biobank-1")[0]
            floor.step(kit.identifier, Action.ISSUE, details={"site": "clinic-1"})
            tubes = [tube.identifier for tube in tubes_of_kit(floor.work, kit.id)]
            return kit.identifier, tubes

        kit, tubes = self.ground.does(made)
        self.tubes += tubes
        if assigned:
            self.ground.does(
                lambda floor: floor.step(kit, Action.ASSIGN, floor.clinic, details={"participant": code})
            )

    # The regular way, one step or several.

    @rule(number=anyone, steps=st.integers(1, 4), position=st.sampled_from(POSITIONS))
    def go_on(self, number, steps, position):
        item = self.pick(self.tubes, number)
        for _ in range(steps):
            state = self.ground.does(lambda floor: floor.now(item)).state
            action, by = NEXT.get(state, (Action.FREEZE, "technician"))
            self.tell(item, action, by, self.asked(action, "now", position, True, 0, "scan"))

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

    def asked(self, action, when, position, placed, number, source):
        """What the scan says besides; None when there is no place of the kind that it needs."""
        row = next(row for (kind, named), row in TRANSITIONS.items() if (kind, named) == (Kind.TUBE, action))
        asked = {"at": self.at(when), "details": DETAILS.get(action), "source": Source(source, "form 9")}
        if row.placing is Placing.MUST or (row.placing is Placing.MAY and placed):
            places = {Action.PACK: self.parcels, Action.PUT_IN_WASTE: self.bags}.get(action, [self.box])
            if not places:
                return None
            asked["place"] = self.pick(places, number)
            asked["position"] = position if places == [self.box] else None
        return asked

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
            known = NotYourStep | NoSuchStep if nature is Nature.FACT else DomainError
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

    # Leaving, and what follows.

    @rule(
        who=anyone,
        samples=st.sampled_from(["keep", "destroy", "undecided"]),
        information=st.sampled_from(["keep", "remove", "undecided"]),
        leaves=st.booleans(),
        hours=st.sampled_from([0, 1, 72]),
    )
    def decide(self, who, samples, information, leaves, hours):
        code = self.people[who % 2]
        answer = self.ground.does(
            lambda floor: floor.decide(samples, information, participant=code, leaves=leaves, hours=hours)
        )
        self.ground.told[f"decided {type(answer).__name__}"] += 1

    @rule()
    def bag(self):
        self.bags.append(self.ground.does(lambda floor: floor.bag()))

    @rule(number=anyone, pieces=st.integers(0, 3))
    def count(self, number, pieces):
        if self.bags:
            self.note(
                "counted", self.ground.does(lambda floor: floor.count(self.pick(self.bags, number), pieces))
            )

    @rule(number=anyone, role=st.sampled_from(["performer", "witness"]), who=st.sampled_from(SIGNERS))
    def sign(self, number, role, who):
        if self.bags:
            bag = self.pick(self.bags, number)
            self.note("signed", self.ground.does(lambda floor: floor.sign(bag, role, who)))

    @rule(who=anyone, witness=st.sampled_from(["bio.theo", "comp.cleo"]))
    def destroy_all(self, who, witness):
        """Everything of a participant that may go, in one bag, with both signatures."""
        code = self.people[who % 2]
        if self.ground.does(lambda floor: current_order(floor.work, code)) is None:
            self.decide(who, "destroy", "remove", leaves=True, hours=0)
        bag = self.ground.does(lambda floor: floor.bag())
        pieces = sum(self.wasted(item, bag) for item in self.tubes if self.is_of(item, code))

        def signed(floor):
            floor.count(bag, pieces)
            floor.sign(bag, "performer", "bio.tess")
            floor.sign(bag, "witness", witness)

        self.note("destroyed", self.ground.does(signed))
        self.confirm(who, "comp.cleo")

    def is_of(self, item, code):
        found = self.ground.does(lambda floor: floor.now(item))
        return found.participant == code and found.state is not State.IN_WASTE

    def wasted(self, item, bag):
        done = self.ground.does(lambda floor: floor.step(item, Action.PUT_IN_WASTE, place=bag))
        return isinstance(done, Recorded)

    @rule(who=anyone, signer=st.sampled_from(SIGNERS))
    def confirm(self, who, signer):
        code = self.people[who % 2]

        def confirmed(floor):
            order = current_order(floor.work, code)
            return len(floor.confirm(order, who=signer).certificates) if order else 0

        answer = self.ground.does(confirmed)
        self.ground.told["certificates"] += answer if isinstance(answer, int) else 0

    # What has to hold.

    @invariant()
    def nothing_is_violated(self):
        self.ground.told["steps"] += 1
        with self.ground.app.app_context(), reading() as work:
            found = list(violations(work, getattr(self, "people", ()), getattr(self, "tubes", ())))
        assert found == [], "\n".join(found)

    def teardown(self):
        """I10: every stored state, order and certificate is what the log says."""
        found = self.ground.findings()
        assert found == [], "\n".join(found)

    def pick(self, things, number):
        return things[number % len(things)]

    def expect(self, what, answer):
        assert not isinstance(answer, DomainError), f"I12 {what}: {answer!r}"
        self.note(what, answer)
        return answer

    def note(self, what, answer):
        refused = isinstance(answer, DomainError)
        assert not isinstance(answer, Forbidden) or what == "signed", answer
        self.ground.told[f"refused {type(answer).__name__}" if refused else what] += 1


assert set(SCANNED) <= {action for kind, action in TRANSITIONS if kind in SPECIMENS}
