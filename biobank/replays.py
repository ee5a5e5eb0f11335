"""What `ledger verify` compares with the log beyond the log itself: what each feature stores of its own."""

from biobank.access.account_events import account_findings
from biobank.access.replay import signature_findings
from biobank.custodians.replay import custodian_findings
from biobank.custody.replay import state_findings
from biobank.destruction.attestation_replay import asked_findings, attestation_findings
from biobank.destruction.batch_replay import batch_findings
from biobank.destruction.pause_replay import pause_findings
from biobank.destruction.replay import order_findings
from biobank.disclosures.replay import disclosure_findings
from biobank.discrepancies.replay import case_findings
from biobank.distribution.replay import request_findings
from biobank.downtime.replay import form_findings
from biobank.exchange.replay import export_findings, order_version_findings
from biobank.feeds.replay import feed_findings
from biobank.identity.replay import access_findings
from biobank.inventories.replay import inventory_findings
from biobank.journal.replay import journal_findings
from biobank.kits.replay import collection_findings
from biobank.ledger.findings import Replay
from biobank.messages.replay import message_findings
from biobank.outages.replay import outage_findings
from biobank.participants.replay import consent_findings
from biobank.processing.replay import freezing_findings, run_findings, spin_findings
from biobank.recalls.replay import recall_findings
from biobank.retrieval.replay import list_findings, sample_findings
from biobank.shipments.replay import parcel_findings
from biobank.storage.replay import reservation_findings, unit_findings
from biobank.supplies.replay import supply_findings
from biobank.temperatures.replay import temperature_findings
from biobank.visits.replay import visit_findings
from biobank.withdrawals.replay import decision_findings

REPLAYS: tuple[Replay, ...] = (
    state_findings,
    signature_findings,
    account_findings,
    custodian_findings,
    attestation_findings,
    asked_findings,
    consent_findings,
    unit_findings,
    reservation_findings,
    parcel_findings,
    spin_findings,
    run_findings,
    freezing_findings,
    request_findings,
    list_findings,
    sample_findings,
    decision_findings,
    order_findings,
    batch_findings,
    pause_findings,
    collection_findings,
    visit_findings,
    order_version_findings,
    export_findings,
    form_findings,
    recall_findings,
    inventory_findings,
    case_findings,
    temperature_findings,
    outage_findings,
    access_findings,
    disclosure_findings,
    message_findings,
    feed_findings,
    supply_findings,
    journal_findings,
)
