"""What somebody may not do, and who may, in words: said where a permission is missing."""

from collections.abc import Collection, Mapping

from biobank.access.permissions import ROLE_PERMISSIONS, Permission, Role

P = Permission

TO_DO: Mapping[Permission, str] = {
    P.USE_ACCOUNT: "use an account",
    P.SEE_WORK: "see what waits",
    P.SEE_ITEMS: "see tubes and where they are",
    P.RECORD_STEPS: "record what is done with a tube",
    P.DEFINE_KITS: "say what kits hold",
    P.MAKE_KITS: "make kits",
    P.MANAGE_STOCK: "keep the stock of kits",
    P.RECALL: "recall a lot",
    P.SEE_REPORTS: "see reports",
    P.PRINT_LABELS: "print labels",
    P.RUN_VISITS: "run visits",
    P.RUN_CENTRIFUGE: "run a centrifuge",
    P.PROCESS_SPECIMENS: "work at the bench",
    P.SEE_PARTICIPANTS: "see participants",
    P.REGISTER_PARTICIPANTS: "register participants",
    P.SEE_SHIPMENTS: "see parcels",
    P.MAKE_SHIPMENTS: "pack and send parcels",
    P.RECEIVE_SHIPMENTS: "receive parcels",
    P.SEE_SUPPLIES: "see orders of supplies",
    P.SEE_STORAGE: "see the cold store",
    P.BUILD_STORAGE: "set up freezers and racks",
    P.COUNT_STORAGE: "count what lies in the cold store",
    P.PLAN_INVENTORIES: "plan inventories",
    P.DECLARE_OUTAGES: "declare a freezer out of service",
    P.DECIDE_OUTAGES: "decide what becomes of a freezer's tubes",
    P.RELEASE_TEMPERATURES: "release what was too warm",
    P.READ_IDENTITY: "read who a participant is",
    P.KEEP_IDENTITY: "keep who a participant is",
    P.CHECK_IDENTITY: "check who a participant is",
    P.SEE_IDENTITY_ACCESS: "see who looked at identities",
    P.RECORD_WITHDRAWALS: "record what a participant decides",
    P.REVERSE_DECISIONS: "reverse what a participant decided",
    P.COUNTERSIGN_DECISIONS: "sign a decision as the second person",
    P.SEE_MESSAGES: "see messages to participants",
    P.SEND_MESSAGES: "send messages to participants",
    P.SEE_DESTRUCTION: "see destruction orders",
    P.PREPARE_DESTRUCTION: "prepare a destruction",
    P.SIGN_DESTRUCTION: "sign a destruction",
    P.CONFIRM_DESTRUCTION: "confirm a destruction order",
    P.SEE_CERTIFICATES: "see certificates",
    P.KEEP_CUSTODIANS: "keep the list of custodians",
    P.SEE_DISTRIBUTION: "see what studies were given",
    P.DISTRIBUTE: "hand material over to a study",
    P.PICK: "take material out by pick lists",
    P.REGISTER_STUDIES: "register studies",
    P.APPROVE_STUDIES: "approve requests of studies",
    P.CHECK_PAST_STUDIES: "check what studies were given before",
    P.ASK_HOLDERS: "ask those who have material outside",
    P.SEE_DISCLOSURES: "see disclosures",
    P.MAKE_DISCLOSURES: "make disclosures",
    P.MAKE_STATEMENTS: "make statements for participants",
    P.MAKE_AUDIT_PACKS: "make audit packs",
    P.SEE_LEDGER: "see the log",
    P.ISSUE_CHECKPOINTS: "issue checkpoints of the log",
    P.EXPORT_LEDGER: "export the log",
    P.IMPORT_FILES: "read files in",
    P.EXPORT_FILES: "write files out",
    P.EXCHANGE_FEEDS: "exchange the withdrawal feed",
    P.SEE_SITES: "see sites",
    P.ADD_SITES: "add sites",
    P.ADD_PEOPLE: "add people and change their roles",
    P.SEE_SIGNING_ALARMS: "see failed signings",
    P.CREATE_TOKENS: "make tokens",
    P.MAINTAIN: "maintain the service",
}
"""Of each permission what it lets somebody do, after *may*."""


def named(roles: Collection[Role]) -> str:
    """Roles as people call them, in the order of their names."""
    return ", ".join(sorted(role.replace("_", " ") for role in roles))


def who_may(permission: Permission) -> str:
    return named([role for role, held in ROLE_PERMISSIONS.items() if permission in held])
