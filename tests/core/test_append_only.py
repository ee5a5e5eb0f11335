"""What is only ever added to refuses a change already in our own code, before the triggers see it."""

import pytest
from sqlalchemy import delete, select, update

from biobank.core.database import reading, writing
from biobank.core.tables import AppendOnly, Base, WrittenForGood
from biobank.ledger.models import LedgerEntry
from biobank.ledger.operations import append_to


def written(work):
    append_to(work, subject="test", kind="test", content={"said": "once"})
    return work.session.scalars(select(LedgerEntry).where(LedgerEntry.subject == "test")).one()


def change(work):
    written(work).kind = "other"
    work.flush()


def remove(work):
    work.session.delete(written(work))
    work.flush()


@pytest.mark.parametrize(
    "attempt",
    [
        change,
        remove,
        lambda work: work.session.execute(update(LedgerEntry).values(kind="other")),
        lambda work: work.session.execute(delete(LedgerEntry)),
    ],
)
def test_our_own_code_cannot_change_an_entry(app, attempt):
    with app.app_context():
        with pytest.raises(WrittenForGood, match="append-only"), writing() as work:
            attempt(work)
        with reading() as work:
            assert (
                work.session.scalars(select(LedgerEntry.kind).where(LedgerEntry.kind == "other")).all() == []
            )


def test_every_table_that_has_triggers_has_the_guard():
    guarded = {
        mapper.local_table.name for mapper in Base.registry.mappers if issubclass(mapper.class_, AppendOnly)
    }
    assert guarded == {
        "ledger_entries", "ledger_leaves", "ledger_nodes", "ledger_checkpoints", "signatures", "decisions", "certificates",
        "print_jobs", "print_job_events", "printed_labels", "order_versions", "collection_changes", "site_calendars", "offline_scans",
        "deaths", "waiting_requests", "request_endings", "participant_periods", "scope_ends", "signed_changes",
        "feed_deliveries", "feed_rows", "result_acknowledgements", "journal_applications",
        "custodians_asked", "attestations", "attested_pieces", "attestation_ends",
        "holder_notes", "study_checks", "data_exports",
        "legal_demands", "demand_decisions", "disclosure_notes", "breach_reports", "breach_people",
        "message_texts", "message_attempts", "message_answers",
        "account_events",
        "supply_versions",
        "study_samples",
        "inventory_samples", "inventory_readings", "inventory_differences",
    }  # fmt: skip
