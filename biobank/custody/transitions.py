"""The table of steps: who may do what to which kind of item, from where to where, decision or fact."""

from collections.abc import Iterable
from dataclasses import dataclass

from biobank.access.permissions import Role
from biobank.custody.states import (
    BLOCKS,
    ENDS,
    LIVE,
    MADE,
    SPECIMEN_STATES,
    SPECIMENS,
    STORAGE,
    Action,
    HoldKind,
    Kind,
    Nature,
    Placing,
    State,
)

A, K, R, S = Action, Kind, Role, State
FACT, DECISION = Nature.FACT, Nature.DECISION
KEEPS, MAY, MUST, LEAVES = Placing.KEEPS, Placing.MAY, Placing.MUST, Placing.LEAVES

FLOOR = frozenset({R.TECHNICIAN, R.LEAD})
CLINIC = frozenset({R.CLINIC, R.LEAD})  # a lead enters paper forms and files for a clinic
BENCH = frozenset({R.CLINIC, R.TECHNICIAN, R.LEAD})
FINDERS = BENCH | {R.COMPLIANCE}
JUDGES = frozenset({R.LEAD, R.COMPLIANCE})
OFFICE = frozenset({R.COMPLIANCE})
LEADS = frozenset({R.LEAD})
ANY_SPECIMEN = frozenset(SPECIMEN_STATES)
FLUIDS = frozenset({K.ALIQUOT, K.POOL})
"""What may go into a centrifuge once more, such as plasma that was taken off its cells."""

OPEN_TO_ANY_SITE = frozenset(
    {
        *(Action.RECEIVE, Action.ARRIVE, Action.OPEN, Action.FIND),
        *(Action.REPORT_MISSING, Action.REPORT_ASTRAY, Action.LINK),
    }
)
"""What a biobank does with whatever arrives, and whom it is of: it need not be of its site before."""


@dataclass(frozen=True)
class Transition:
    """One row: of which kinds, which action, from which states, to which, by whom, of what nature."""

    kinds: frozenset[Kind]
    action: Action
    origins: frozenset[State]
    target: State
    roles: frozenset[Role]
    nature: Nature
    placing: Placing
    asks_back: bool = True
    """A surprising fact is asked back once; what comes from the dock or says *it was so* never is."""
    may_be_done_already: bool = False
    """A decision that hands may have carried out before the question: confirmed, it is taken as a fact."""


def table(*rows: Transition) -> dict[tuple[Kind, Action], Transition]:
    found: dict[tuple[Kind, Action], Transition] = {}
    for row in rows:
        for kind in row.kinds:
            if (kind, row.action) in found:
                raise ValueError(f"two rows for {kind} and {row.action}")
            found[kind, row.action] = row
    return found


def row(
    of: Kind | frozenset[Kind],
    action: Action,
    origins: Iterable[State],
    target: State,
    roles: Iterable[Role],
    nature: Nature,
    placing: Placing = KEEPS,
    *,
    asks_back: bool = True,
    may_be_done_already: bool = False,
) -> Transition:
    kinds = frozenset({of}) if isinstance(of, Kind) else of
    return Transition(
        kinds,
        action,
        frozenset(origins),
        target,
        frozenset(roles),
        nature,
        placing,
        asks_back,
        may_be_done_already,
    )


# fmt: off
TRANSITIONS = table(
    #   of         action                   from                                        to                who      kind      place
    row(K.KIT,     A.REGISTER,              {S.UNREGISTERED},                           S.REGISTERED,     FLOOR,   FACT),
    row(K.KIT,     A.ISSUE,                 {S.REGISTERED, S.ISSUED, S.RETURNED},       S.ISSUED,         FLOOR,   DECISION),
    row(K.KIT,     A.ARRIVE,                {S.ISSUED, S.RETURNED},                     S.SAME,           BENCH,   FACT,             asks_back=False),
    row(K.KIT,     A.ASSIGN,                {S.ISSUED},                                 S.ASSIGNED,       CLINIC,  DECISION),
    row(K.KIT,     A.RETURN,                {S.ISSUED},                                 S.RETURNED,       BENCH,   FACT),
    row(K.KIT,     A.VOID,                  {S.REGISTERED, S.ISSUED, S.RETURNED},       S.VOIDED,         BENCH,   DECISION),
    row(K.KIT,     A.REPORT_ASTRAY,         {S.REGISTERED, S.ISSUED, S.RETURNED, S.ASSIGNED}, S.SAME,          BENCH,   FACT,     asks_back=False),
    row(K.KIT,     A.LINK,                  {S.ASSIGNED},                               S.SAME,           JUDGES,  FACT),

    row(K.TUBE,    A.REGISTER,              {S.UNREGISTERED},                           S.EXPECTED,       FLOOR,   FACT),
    row(K.TUBE,    A.ISSUE,                 {S.EXPECTED},                               S.SAME,           FLOOR,   DECISION),
    row(K.TUBE,    A.ASSIGN,                {S.EXPECTED},                               S.SAME,           CLINIC,  DECISION),
    row(K.TUBE,    A.VOID,                  {S.EXPECTED},                               S.VOIDED,         BENCH,   DECISION),
    row(K.TUBE,    A.COLLECT,               {S.EXPECTED},                               S.COLLECTED,      CLINIC,  FACT),
    row(K.TUBE,    A.MARK_NOT_COLLECTED,    {S.EXPECTED},                               S.NOT_COLLECTED,  CLINIC,  FACT),
    row(K.TUBE,    A.SUBSTITUTE,            {S.EXPECTED},                               S.NOT_COLLECTED,  CLINIC,  FACT),
    row(K.TUBE,    A.CENTRIFUGE,            {S.COLLECTED, S.RECEIVED},                  S.SAME,           BENCH,   FACT),
    row(K.TUBE,    A.REPORT_NEVER_RECEIVED, {S.EXPECTED, S.COLLECTED, S.IN_TRANSIT},    S.NEVER_RECEIVED, FLOOR,   FACT,     LEAVES),

    row(MADE,      A.REGISTER,              {S.UNREGISTERED},                           S.RECEIVED,       FLOOR,   FACT,     MAY),
    row(FLUIDS,    A.CENTRIFUGE,            {S.RECEIVED, S.CHECKED_OUT},                S.SAME,           FLOOR,   FACT),

    row(SPECIMENS, A.FREEZE,                {S.COLLECTED, S.RECEIVED, S.STORED, S.CHECKED_OUT}, S.SAME,   BENCH,   FACT),
    row(SPECIMENS, A.THAW,                  {S.COLLECTED, S.RECEIVED, S.STORED, S.CHECKED_OUT}, S.SAME,   BENCH,   FACT),
    row(SPECIMENS, A.BREAK,                 LIVE | {S.EXPECTED},                        S.BROKEN,         BENCH,   FACT,     LEAVES),
    row(SPECIMENS, A.PACK,                  {S.COLLECTED, S.RECEIVED},                  S.SAME,           BENCH,   FACT,     MUST),
    row(SPECIMENS, A.UNPACK,                {S.COLLECTED, S.RECEIVED},                  S.SAME,           BENCH,   FACT,     LEAVES),
    row(SPECIMENS, A.DISPATCH,              {S.COLLECTED, S.RECEIVED},                  S.IN_TRANSIT,     BENCH,   FACT),
    row(SPECIMENS, A.RECEIVE,               {S.IN_TRANSIT},                             S.RECEIVED,       FLOOR,   FACT,     MAY,    asks_back=False),
    row(SPECIMENS, A.REPORT_MISSING,        {S.IN_TRANSIT},                             S.SAME,           FLOOR,   FACT,     LEAVES),
    row(SPECIMENS, A.QUARANTINE,            ANY_SPECIMEN,                               S.SAME,           FINDERS, FACT,     MAY,    asks_back=False),
    row(SPECIMENS, A.RELEASE,               ANY_SPECIMEN - ENDS,                        S.SAME,           JUDGES,  DECISION),
    row(SPECIMENS, A.STORE,                 {S.RECEIVED, S.CHECKED_OUT},                S.STORED,         FLOOR,   FACT,     MUST),
    row(SPECIMENS, A.MOVE,                  LIVE - {S.IN_TRANSIT, S.IN_WASTE, S.SENT_OUT}, S.SAME,           BENCH,   FACT,     MUST),
    row(SPECIMENS, A.DISPLACE,              ANY_SPECIMEN,                               S.SAME,           FINDERS, FACT,     LEAVES, asks_back=False),
    row(SPECIMENS, A.CHECK_OUT,             {S.STORED},                                 S.CHECKED_OUT,    FLOOR,   DECISION, LEAVES),
    row(SPECIMENS, A.CHECK_IN,              {S.CHECKED_OUT},                            S.STORED,         FLOOR,   FACT,     MUST),
    row(SPECIMENS, A.ALIQUOT,               {S.RECEIVED, S.CHECKED_OUT},                S.SAME,           FLOOR,   DECISION, may_be_done_already=True),
    row(SPECIMENS, A.DERIVE,                {S.RECEIVED, S.CHECKED_OUT},                S.SAME,           FLOOR,   DECISION, may_be_done_already=True),
    row(SPECIMENS, A.POOL,                  {S.RECEIVED, S.CHECKED_OUT},                S.SAME,           FLOOR,   DECISION, may_be_done_already=True),
    row(SPECIMENS, A.SEND_OUT,              {S.RECEIVED, S.STORED, S.CHECKED_OUT},      S.SENT_OUT,       FLOOR,   DECISION, LEAVES),
    row(SPECIMENS, A.RETURN,                {S.SENT_OUT},                               S.RECEIVED,       FLOOR,   FACT,     MAY),
    row(SPECIMENS, A.CONSUME,               {S.RECEIVED, S.CHECKED_OUT, S.SENT_OUT},    S.CONSUMED,       FLOOR,   FACT,     LEAVES),
    row(SPECIMENS, A.DISTRIBUTE,            {S.RECEIVED, S.STORED, S.CHECKED_OUT},      S.DISTRIBUTED,    FLOOR,   DECISION, LEAVES),
    row(SPECIMENS, A.GIVE_BACK,             {S.RECEIVED, S.STORED, S.CHECKED_OUT},      S.GIVEN_BACK,     JUDGES,  FACT,     LEAVES),
    row(SPECIMENS, A.REPORT_LOST,           LIVE | {S.EXPECTED},                        S.LOST,           FINDERS, FACT,     LEAVES),
    row(SPECIMENS, A.FIND,                  {S.LOST, S.NEVER_RECEIVED},                 S.RECEIVED,       FINDERS, FACT,     MAY,    asks_back=False),
    row(SPECIMENS, A.PUT_IN_WASTE,          {S.COLLECTED, S.RECEIVED, S.STORED, S.CHECKED_OUT}, S.IN_WASTE, BENCH, DECISION, MUST),
    row(SPECIMENS, A.TAKE_OUT_OF_WASTE,     {S.IN_WASTE},                               S.RECEIVED,       BENCH,   FACT,     MAY),
    row(SPECIMENS, A.DESTROY,               {S.IN_WASTE},                               S.DESTROYED,      BENCH,   DECISION, LEAVES),
    row(SPECIMENS, A.ACCEPT_ATTESTATION,    {S.SENT_OUT},                               S.DESTROYED,      OFFICE,  DECISION, LEAVES),
    row(SPECIMENS, A.LINK,                  ANY_SPECIMEN,                               S.SAME,           JUDGES,  FACT),
    row(SPECIMENS, A.LABEL,                 ANY_SPECIMEN,                               S.SAME,           BENCH,   FACT),
    row(SPECIMENS, A.REPLACE_CODE,          LIVE | {S.EXPECTED},                        S.VOIDED,         FLOOR | OFFICE, DECISION, LEAVES),
    row(SPECIMENS, A.CORRECT,               ANY_SPECIMEN - {S.DESTROYED},               S.AS_BEFORE,      FINDERS, FACT,     asks_back=False),

    row(STORAGE,   A.REGISTER,              {S.UNREGISTERED},                           S.IN_SERVICE,     FLOOR,   FACT,     MAY),
    row(STORAGE,   A.VOID,                  {S.IN_SERVICE},                             S.VOIDED,         FLOOR,   DECISION, LEAVES),
    row(STORAGE,   A.MOVE,                  {S.IN_SERVICE},                             S.SAME,           FLOOR,   FACT,     MUST),
    row(STORAGE,   A.LABEL,                 {S.IN_SERVICE},                             S.SAME,           FLOOR,   FACT),
    row(STORAGE,   A.REFIT,                 {S.IN_SERVICE},                             S.SAME,           LEADS,   FACT),
    row(STORAGE,   A.DISPLACE,              {S.IN_SERVICE},                             S.SAME,           FINDERS, FACT,     LEAVES, asks_back=False),

    row(K.PARCEL,  A.REGISTER,              {S.UNREGISTERED},                           S.PACKING,        BENCH,   FACT),
    row(K.PARCEL,  A.VOID,                  {S.PACKING},                                S.VOIDED,         BENCH,   DECISION),
    row(K.PARCEL,  A.DISPATCH,              {S.PACKING},                                S.IN_TRANSIT,     BENCH,   FACT),
    row(K.PARCEL,  A.PACK,                  {S.PACKING},                                S.SAME,           BENCH,   FACT,     MUST),
    row(K.PARCEL,  A.UNPACK,                {S.PACKING},                                S.SAME,           BENCH,   FACT,     LEAVES),
    row(K.PARCEL,  A.ARRIVE,                {S.PACKING, S.IN_TRANSIT},                  S.ARRIVED,        FLOOR,   FACT,     MAY,    asks_back=False),
    row(K.PARCEL,  A.REPORT_MISSING,        {S.IN_TRANSIT},                             S.SAME,           FLOOR,   FACT,     LEAVES),
    row(K.PARCEL,  A.OPEN,                  {S.ARRIVED},                                S.OPENED,         FLOOR,   FACT,     asks_back=False),
    row(K.PARCEL,  A.RECEIVE,               {S.OPENED},                                 S.RECEIVED,       FLOOR,   FACT,     asks_back=False),
    row(K.PARCEL,  A.CORRECT,               {S.ARRIVED, S.OPENED},                      S.AS_BEFORE,      FLOOR,   FACT,     asks_back=False),

    row(K.WASTE,   A.REGISTER,              {S.UNREGISTERED},                           S.FILLING,        BENCH,   FACT,     MAY),
    row(K.WASTE,   A.DESTROY,               {S.FILLING},                                S.DESTROYED,      BENCH,   DECISION, LEAVES),
)
# fmt: on


def allowed_actions(
    kind: Kind,
    state: State,
    roles: frozenset[Role],
    holds: frozenset[HoldKind] = frozenset(),
) -> list[Action]:
    """The steps that this table offers to someone with `roles`; each may still meet its own checks."""
    return [
        row.action
        for (of, action), row in TRANSITIONS.items()
        if of == kind and state in row.origins and roles & row.roles and not blocking(action, holds)
    ]


def blocking(action: Action, holds: frozenset[HoldKind]) -> list[HoldKind]:
    """The holds that stop `action`."""
    return sorted(hold for hold in holds if action in BLOCKS[hold])
