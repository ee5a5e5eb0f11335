"""The vocabulary of custody: kinds of item, states, actions, holds; each word means one thing."""

from enum import StrEnum


class Kind(StrEnum):
    """What an item is: anything with a barcode whose custody is tracked."""

    KIT = "kit"
    TUBE = "tube"
    ALIQUOT = "aliquot"
    DERIVATIVE = "derivative"
    POOL = "pool"
    FACILITY = "facility"
    ROOM = "room"
    FREEZER = "freezer"
    SHELF = "shelf"
    RACK = "rack"
    BOX = "box"
    CABINET = "cabinet"
    BENCH = "bench"
    BIN = "bin"
    BAG = "bag"
    DRY_ICE_CHEST = "dry_ice_chest"
    AUTOMATED_STORE = "automated_store"
    QUARANTINE_PLACE = "quarantine_place"
    PARCEL = "parcel"
    WASTE = "waste"


class State(StrEnum):
    """Where an item stands in its life. *Where it is* and *whether it may be used* are not states."""

    UNREGISTERED = "unregistered"
    # kits
    REGISTERED = "registered"
    ISSUED = "issued"
    ASSIGNED = "assigned"
    RETURNED = "returned"
    VOIDED = "voided"
    # specimens
    EXPECTED = "expected"
    COLLECTED = "collected"
    NOT_COLLECTED = "not_collected"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    STORED = "stored"
    CHECKED_OUT = "checked_out"
    SENT_OUT = "sent_out"
    CONSUMED = "consumed"
    DISTRIBUTED = "distributed"
    GIVEN_BACK = "given_back"
    IN_WASTE = "in_waste"
    DESTROYED = "destroyed"
    BROKEN = "broken"
    LOST = "lost"
    NEVER_RECEIVED = "never_received"
    # places and parcels
    IN_SERVICE = "in_service"
    PACKING = "packing"
    ARRIVED = "arrived"
    OPENED = "opened"
    FILLING = "filling"
    # targets that depend on the past; no item is ever in them
    SAME = "same"
    AS_BEFORE = "as_before"


class Action(StrEnum):
    """What is done to an item: one scan, one action, one event."""

    REGISTER = "register"
    ISSUE = "issue"
    ASSIGN = "assign"
    VOID = "void"
    RETURN = "return"
    COLLECT = "collect"
    MARK_NOT_COLLECTED = "mark_not_collected"
    BREAK = "break"
    SUBSTITUTE = "substitute"
    CENTRIFUGE = "centrifuge"
    FREEZE = "freeze"
    THAW = "thaw"
    PACK = "pack"
    UNPACK = "unpack"
    DISPATCH = "dispatch"
    ARRIVE = "arrive"
    OPEN = "open"
    RECEIVE = "receive"
    REPORT_MISSING = "report_missing"
    REPORT_NEVER_RECEIVED = "report_never_received"
    QUARANTINE = "quarantine"
    RELEASE = "release"
    STORE = "store"
    MOVE = "move"
    DISPLACE = "displace"
    CHECK_OUT = "check_out"
    CHECK_IN = "check_in"
    ALIQUOT = "aliquot"
    DERIVE = "derive"
    POOL = "pool"
    CONSUME = "consume"
    SEND_OUT = "send_out"
    DISTRIBUTE = "distribute"
    GIVE_BACK = "give_back"
    ACCEPT_ATTESTATION = "accept_attestation"
    REPORT_LOST = "report_lost"
    REPORT_ASTRAY = "report_astray"
    FIND = "find"
    PUT_IN_WASTE = "put_in_waste"
    TAKE_OUT_OF_WASTE = "take_out_of_waste"
    DESTROY = "destroy"
    LINK = "link"
    LABEL = "label"
    REPLACE_CODE = "replace_code"
    REFIT = "refit"
    CORRECT = "correct"


class Nature(StrEnum):
    """Decisions may be refused; facts never: they are asked back at most once."""

    FACT = "fact"
    DECISION = "decision"


class HoldKind(StrEnum):
    """Why an item may not be used; several may stand at once."""

    WITHDRAWAL = "withdrawal"
    DISCREPANCY = "discrepancy"
    LEGAL = "legal"
    TEMPERATURE = "temperature"
    CONSENT = "consent"
    IDENTITY = "identity"
    RECALL = "recall"
    BIOHAZARD = "biohazard"
    CANCELLED = "cancelled"


class Placing(StrEnum):
    """What a step does with the place of an item."""

    KEEPS = "keeps"  # no place may be given; the item stays where it is
    MAY = "may"  # a place may be given
    MUST = "must"  # a place has to be given
    LEAVES = "leaves"  # the item leaves its place


MADE = frozenset({Kind.ALIQUOT, Kind.DERIVATIVE, Kind.POOL})
"""Specimens that are made of others."""
SPECIMENS = frozenset({Kind.TUBE}) | MADE
GRIDLESS = frozenset({Kind.CABINET, Kind.BENCH, Kind.BIN, Kind.BAG, Kind.DRY_ICE_CHEST})
"""Places in which things lie without a position."""
STORAGE = GRIDLESS | {
    *(Kind.FACILITY, Kind.ROOM, Kind.FREEZER, Kind.SHELF, Kind.RACK, Kind.BOX),
    *(Kind.AUTOMATED_STORE, Kind.QUARANTINE_PLACE),
}

LIVE = frozenset(
    {
        State.COLLECTED,
        State.IN_TRANSIT,
        State.RECEIVED,
        State.STORED,
        State.CHECKED_OUT,
        State.SENT_OUT,
        State.IN_WASTE,
    },
)
"""States in which there is material that must be somewhere; what is sent out is ours all the same."""

ENDS = frozenset(
    {
        State.NOT_COLLECTED,
        State.CONSUMED,
        State.DISTRIBUTED,
        State.GIVEN_BACK,
        State.DESTROYED,
        State.BROKEN,
        State.LOST,
        State.NEVER_RECEIVED,
        State.VOIDED,
    },
)
"""States that only a fact leaves."""

THOUGHT_GONE = frozenset(
    {State.LOST, State.NEVER_RECEIVED, State.DESTROYED, State.DISTRIBUTED, State.GIVEN_BACK}
)
"""Ends after which there is nothing to have in hand."""

NOT_HERE = THOUGHT_GONE | {State.SENT_OUT}
"""Whoever handles such a specimen all the same has it: it is here again."""

HANDLED = frozenset(
    {
        Action.QUARANTINE,
        Action.CENTRIFUGE,
        Action.FREEZE,
        Action.THAW,
        Action.PACK,
        Action.UNPACK,
        Action.MOVE,
    },
)
"""Steps for which somebody has the piece in hand: of one that was thought not to be here, it is found."""

SPECIMEN_STATES = LIVE | ENDS | {State.EXPECTED}

USES = frozenset(
    {
        *(Action.ASSIGN, Action.CHECK_OUT, Action.ALIQUOT, Action.DERIVE, Action.POOL),
        *(Action.SEND_OUT, Action.DISTRIBUTE),
    },
)
"""Decisions that lead to use; every hold but a pure disposal order stops them."""

DISPOSALS = frozenset({Action.PUT_IN_WASTE, Action.DESTROY, Action.ACCEPT_ATTESTATION})

LEAVING = frozenset({Action.SEND_OUT, Action.DISTRIBUTE, Action.GIVE_BACK})
"""Steps by which a specimen leaves the house."""

FOR_DISPOSAL = "disposal"
"""Purpose of a send-out that is none of use: only what stops a disposal stops it."""

BLOCKS: dict[HoldKind, frozenset[Action]] = {
    HoldKind.WITHDRAWAL: USES,
    HoldKind.DISCREPANCY: USES,
    HoldKind.LEGAL: USES | DISPOSALS,
    HoldKind.TEMPERATURE: USES,
    HoldKind.CONSENT: USES,
    HoldKind.IDENTITY: USES,
    HoldKind.RECALL: USES,
    HoldKind.BIOHAZARD: USES,
    HoldKind.CANCELLED: USES,
}
"""Which decisions a hold stops. A legal hold pauses destruction too; none stops quarantine or a fact."""
