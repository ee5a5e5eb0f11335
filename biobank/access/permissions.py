"""Roles, permissions and which role holds which permission: one table, plain data."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a person is at a site; a person may be several things at several sites."""

    CLINIC = "clinic_staff"
    TECHNICIAN = "biobank_technician"
    LEAD = "biobank_lead"
    COMPLIANCE = "compliance"
    IDENTITY = "identity_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    COMMITTEE = "access_committee"


MAY_HOLD_ALL_SITES = frozenset(
    {Role.COMPLIANCE, Role.IDENTITY, Role.AUDITOR, Role.ADMINISTRATOR, Role.COMMITTEE}
)
"""Roles that can be granted without a site; the others work at a bench, and a bench stands somewhere."""


class Permission(StrEnum):
    """What a route or a command declares, exactly one each; also the scopes of a token."""

    USE_ACCOUNT = "account.use"
    SEE_WORK = "work.see"
    SEE_ITEMS = "items.see"
    RECORD_STEPS = "custody.record"
    DEFINE_KITS = "kits.define"
    MAKE_KITS = "kits.make"
    MANAGE_STOCK = "stock.manage"
    RECALL = "recalls.open"
    SEE_REPORTS = "reports.see"
    PRINT_LABELS = "labels.print"
    RUN_VISITS = "visits.run"
    RUN_CENTRIFUGE = "centrifuge.run"
    PROCESS_SPECIMENS = "processing.work"
    SEE_PARTICIPANTS = "participants.see"
    REGISTER_PARTICIPANTS = "participants.register"
    SEE_SHIPMENTS = "shipments.see"
    MAKE_SHIPMENTS = "shipments.make"
    RECEIVE_SHIPMENTS = "shipments.receive"
    SEE_SUPPLIES = "supplies.see"
    SEE_STORAGE = "storage.see"
    BUILD_STORAGE = "storage.build"
    COUNT_STORAGE = "storage.count"
    PLAN_INVENTORIES = "inventories.plan"
    DECLARE_OUTAGES = "outages.declare"
    DECIDE_OUTAGES = "outages.decide"
    RELEASE_TEMPERATURES = "temperatures.release"
    READ_IDENTITY = "identity.read"
    KEEP_IDENTITY = "identity.keep"
    CHECK_IDENTITY = "identity.check"
    SEE_IDENTITY_ACCESS = "identity.accesses"
    RECORD_WITHDRAWALS = "withdrawals.record"
    REVERSE_DECISIONS = "decisions.reverse"
    COUNTERSIGN_DECISIONS = "decisions.countersign"
    SEE_MESSAGES = "messages.see"
    SEND_MESSAGES = "messages.send"
    SEE_DESTRUCTION = "destruction.see"
    PREPARE_DESTRUCTION = "destruction.prepare"
    SIGN_DESTRUCTION = "destruction.sign"
    CONFIRM_DESTRUCTION = "destruction.confirm"
    SEE_CERTIFICATES = "certificates.see"
    KEEP_CUSTODIANS = "custodians.keep"
    SEE_DISTRIBUTION = "distribution.see"
    DISTRIBUTE = "distribution.make"
    PICK = "storage.pick"
    REGISTER_STUDIES = "studies.register"
    APPROVE_STUDIES = "studies.approve"
    CHECK_PAST_STUDIES = "studies.check"
    ASK_HOLDERS = "holders.ask"
    SEE_DISCLOSURES = "disclosures.see"
    MAKE_DISCLOSURES = "disclosures.make"
    MAKE_STATEMENTS = "statements.make"
    MAKE_AUDIT_PACKS = "audit_packs.make"
    SEE_LEDGER = "ledger.see"
    ISSUE_CHECKPOINTS = "ledger.checkpoint"
    EXPORT_LEDGER = "ledger.export"
    IMPORT_FILES = "files.import"
    EXPORT_FILES = "files.export"
    EXCHANGE_FEEDS = "feeds.exchange"
    SEE_SITES = "sites.see"
    ADD_SITES = "sites.add"
    ADD_PEOPLE = "people.add"
    SEE_SIGNING_ALARMS = "signings.alarms"
    CREATE_TOKENS = "tokens.create"
    MAINTAIN = "service.maintain"


P = Permission

EVERYBODY = frozenset({P.USE_ACCOUNT, P.SEE_WORK, P.SEE_SITES})
READING = frozenset(
    {
        P.SEE_ITEMS,
        P.SEE_PARTICIPANTS,
        P.SEE_SHIPMENTS,
        P.SEE_STORAGE,
        P.SEE_DESTRUCTION,
        P.SEE_CERTIFICATES,
        P.SEE_LEDGER,
        P.SEE_REPORTS,
        P.SEE_DISTRIBUTION,
        P.SEE_SUPPLIES,
    },
)
BENCH = frozenset(
    {
        P.SEE_ITEMS,
        P.SEE_SHIPMENTS,
        P.SEE_LEDGER,
        P.RECORD_STEPS,
        P.PRINT_LABELS,
        P.MAKE_SHIPMENTS,
        P.MANAGE_STOCK,
        P.RUN_CENTRIFUGE,
    },
)
BIOBANK = BENCH | {
    P.MAKE_KITS,
    P.PROCESS_SPECIMENS,
    P.COUNT_STORAGE,
    P.RECEIVE_SHIPMENTS,
    P.SEE_SUPPLIES,
    P.SEE_STORAGE,
    P.DECLARE_OUTAGES,
    P.SEE_DESTRUCTION,
    P.PREPARE_DESTRUCTION,
    P.SIGN_DESTRUCTION,
    P.SEE_CERTIFICATES,
    P.SEE_DISTRIBUTION,
    P.DISTRIBUTE,
    P.PICK,
}

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.CLINIC: EVERYBODY
    | BENCH
    | {
        P.RUN_VISITS,
        P.SEE_PARTICIPANTS,
        P.REGISTER_PARTICIPANTS,
        P.CHECK_IDENTITY,
        P.RECORD_WITHDRAWALS,
        P.MAKE_STATEMENTS,
        P.SEE_REPORTS,
        P.SEE_DESTRUCTION,
        P.PREPARE_DESTRUCTION,
        P.SIGN_DESTRUCTION,
    },
    Role.TECHNICIAN: EVERYBODY | BIOBANK,
    Role.LEAD: EVERYBODY
    | BIOBANK
    | READING
    | {
        P.REGISTER_STUDIES,
        P.ASK_HOLDERS,
        P.RUN_VISITS,
        P.COUNTERSIGN_DECISIONS,
        P.KEEP_CUSTODIANS,
        P.DEFINE_KITS,
        P.BUILD_STORAGE,
        P.PLAN_INVENTORIES,
        P.DECIDE_OUTAGES,
        P.RELEASE_TEMPERATURES,
        P.RECALL,
        P.IMPORT_FILES,
        P.EXPORT_FILES,
        P.ISSUE_CHECKPOINTS,
        P.EXPORT_LEDGER,
    },
    Role.COMPLIANCE: EVERYBODY
    | READING
    | {
        P.RECORD_STEPS,
        P.RECALL,
        P.REGISTER_PARTICIPANTS,
        P.READ_IDENTITY,
        P.SEE_IDENTITY_ACCESS,
        P.RECORD_WITHDRAWALS,
        P.REVERSE_DECISIONS,
        P.COUNTERSIGN_DECISIONS,
        P.MAKE_STATEMENTS,
        P.MAKE_AUDIT_PACKS,
        P.PLAN_INVENTORIES,
        P.PREPARE_DESTRUCTION,
        P.SIGN_DESTRUCTION,
        P.SEE_MESSAGES,
        P.SEND_MESSAGES,
        P.CONFIRM_DESTRUCTION,
        P.KEEP_CUSTODIANS,
        P.EXCHANGE_FEEDS,
        P.SEE_SIGNING_ALARMS,
        P.REGISTER_STUDIES,
        P.APPROVE_STUDIES,
        P.CHECK_PAST_STUDIES,
        P.ASK_HOLDERS,
        P.SEE_DISCLOSURES,
        P.MAKE_DISCLOSURES,
        P.ISSUE_CHECKPOINTS,
        P.EXPORT_LEDGER,
    },
    Role.IDENTITY: EVERYBODY
    | {
        P.SEE_PARTICIPANTS,
        P.REGISTER_PARTICIPANTS,
        P.READ_IDENTITY,
        P.KEEP_IDENTITY,
        P.CHECK_IDENTITY,
        P.SEE_IDENTITY_ACCESS,
        P.SEE_DISCLOSURES,
        P.IMPORT_FILES,
    },
    Role.AUDITOR: EVERYBODY
    | READING
    | {
        P.SEE_IDENTITY_ACCESS,
        P.SEE_MESSAGES,
        P.SEE_DISCLOSURES,
        P.MAKE_AUDIT_PACKS,
        P.ISSUE_CHECKPOINTS,
        P.EXPORT_LEDGER,
    },
    Role.ADMINISTRATOR: EVERYBODY
    | {P.ADD_SITES, P.ADD_PEOPLE, P.CREATE_TOKENS, P.SEE_SIGNING_ALARMS, P.MAINTAIN},
    Role.COMMITTEE: EVERYBODY | {P.SEE_DISTRIBUTION, P.APPROVE_STUDIES},
}
"""Auditors read all but identities and change nothing; administrators see no samples and no participants."""

BY_BADGE = frozenset(
    {
        P.USE_ACCOUNT,
        P.SEE_WORK,
        P.SEE_SITES,
        P.SEE_ITEMS,
        P.RECORD_STEPS,
        P.RUN_VISITS,
        P.RUN_CENTRIFUGE,
        P.PROCESS_SPECIMENS,
        P.MANAGE_STOCK,
        P.SEE_REPORTS,
        P.PRINT_LABELS,
        P.SEE_PARTICIPANTS,
        P.REGISTER_PARTICIPANTS,
        P.CHECK_IDENTITY,
        P.SEE_SHIPMENTS,
        P.MAKE_SHIPMENTS,
        P.RECEIVE_SHIPMENTS,
        P.SEE_SUPPLIES,
        P.COUNT_STORAGE,
        P.SEE_STORAGE,
        P.DECLARE_OUTAGES,
        P.SEE_DESTRUCTION,
        P.SEE_CERTIFICATES,
        P.SEE_LEDGER,
        P.MANAGE_STOCK,
        P.SEE_REPORTS,
        P.PICK,
    },
)
"""Routine work at a station, for which badge and PIN are enough; what is not named here needs a password."""

WHILE_ENROLLING = frozenset({P.USE_ACCOUNT})
"""What a password alone is good for where a second proof is asked for and none is set up yet."""
