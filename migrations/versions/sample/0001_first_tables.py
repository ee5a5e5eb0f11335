"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "idempotency_keys",
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(length=120), nullable=False),
        sa.Column("location", sa.String(length=400), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "items",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("identifier", sa.String(length=13), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("specification", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=True),
        sa.Column("custodian", sa.String(length=80), nullable=True),
        sa.Column("sent_to", sa.String(length=64), nullable=True),
        sa.Column("container_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("position", sa.String(length=8), nullable=True),
        sa.Column("place_unknown_since", sa.BigInteger(), nullable=True),
        sa.Column("participant", sa.String(length=16), nullable=True),
        sa.Column("kit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("draw_order", sa.Integer(), nullable=True),
        sa.Column("lot", sa.String(length=64), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("volume_microlitres", sa.Integer(), nullable=True),
        sa.Column("collected_at", sa.BigInteger(), nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["container_id"], ["items.id"], name=op.f("fk_items_container_id_items"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["kit_id"], ["items.id"], name=op.f("fk_items_kit_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("container_id", "position", name=op.f("uq_items_container_id_position")),
        sa.UniqueConstraint("identifier", name=op.f("uq_items_identifier")),
    )
    op.create_index("ix_items_kit_id", "items", ["kit_id"], unique=False)
    op.create_index("ix_items_participant", "items", ["participant"], unique=False)
    op.create_table(
        "ledger_checkpoints",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_checkpoints")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("subject", "sequence", name=op.f("uq_ledger_entries_subject_sequence")),
    )
    op.create_table(
        "ledger_nodes",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_ledger_nodes")),
    )
    op.create_table(
        "people",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("printed_name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("outsider", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("username", name=op.f("uq_people_username")),
    )
    op.create_table(
        "print_jobs",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("medium", sa.String(length=4), nullable=False),
        sa.Column("stock", sa.String(length=40), nullable=True),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("printed_at", sa.BigInteger(), nullable=False),
        sa.Column("printed_by", sa.String(length=40), nullable=False),
        sa.Column("station", sa.String(length=64), nullable=True),
        sa.CheckConstraint("medium IN ('pdf', 'zpl')", name=op.f("ck_print_jobs_medium")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_jobs")),
    )
    op.create_table(
        "refused_scans",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("text_seen", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=True),
        sa.Column("refusal", sa.String(length=500), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("station", sa.String(length=64), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_scans")),
    )
    op.create_index(op.f("ix_refused_scans_at"), "refused_scans", ["at"], unique=False)
    op.create_table(
        "sign_in_failures",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_sign_in_failures")),
    )
    op.create_table(
        "sites",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint("kind IN ('clinic', 'biobank')", name=op.f("ck_sites_kind")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_sites")),
    )
    op.create_table(
        "browser_sessions",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("station", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"],
            ["people.username"],
            name=op.f("fk_browser_sessions_person_people"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_sessions")),
        sa.UniqueConstraint("sha256", name=op.f("uq_browser_sessions_sha256")),
    )
    op.create_table(
        "discrepancies",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("opened_sequence", sa.Integer(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("resolved_by", sa.String(length=64), nullable=True),
        sa.Column("resolution", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_discrepancies_item_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancies")),
    )
    op.create_index(op.f("ix_discrepancies_item_id"), "discrepancies", ["item_id"], unique=False)
    op.create_index("ix_discrepancies_state_site", "discrepancies", ["state", "site"], unique=False)
    op.create_table(
        "holds",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("placed_sequence", sa.Integer(), nullable=False),
        sa.Column("lifted_sequence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_holds_item_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index(
        "uq_holds_standing",
        "holds",
        ["item_id", "kind"],
        unique=True,
        sqlite_where=sa.text("lifted_sequence IS NULL"),
        postgresql_where=sa.text("lifted_sequence IS NULL"),
    )
    op.create_table(
        "imported_orders",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("kit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("imported_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["kit_id"], ["items.id"], name=op.f("fk_imported_orders_kit_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_orders")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_imported_orders_content_hash")),
        sa.UniqueConstraint("kit_id", name=op.f("uq_imported_orders_kit_id")),
    )
    op.create_table(
        "item_aliases",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issuer", sa.String(length=120), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_item_aliases_item_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_aliases")),
        sa.UniqueConstraint("issuer", "value", name=op.f("uq_item_aliases_issuer_value")),
    )
    op.create_index(op.f("ix_item_aliases_item_id"), "item_aliases", ["item_id"], unique=False)
    op.create_index("ix_item_aliases_value", "item_aliases", ["value"], unique=False)
    op.create_table(
        "item_parents",
        sa.Column("child_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["items.id"], name=op.f("fk_item_parents_child_id_items"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["items.id"], name=op.f("fk_item_parents_parent_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("child_id", "parent_id", name=op.f("pk_item_parents")),
    )
    op.create_index(op.f("ix_item_parents_parent_id"), "item_parents", ["parent_id"], unique=False)
    op.create_table(
        "ledger_leaves",
        sa.Column(
            "leaf_index",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["ledger_entries.id"],
            name=op.f("fk_ledger_leaves_entry_id_ledger_entries"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("leaf_index", name=op.f("pk_ledger_leaves")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_ledger_leaves_entry_id")),
    )
    op.create_table(
        "ledger_unsealed",
        sa.Column(
            "entry_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["ledger_entries.id"],
            name=op.f("fk_ledger_unsealed_entry_id_ledger_entries"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_ledger_unsealed")),
    )
    op.create_table(
        "participants",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("linked_to", sa.String(length=16), nullable=True),
        sa.Column("programme_hash", sa.String(length=64), nullable=True),
        sa.Column("site", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("left", sa.Boolean(), nullable=False),
        sa.Column("information", sa.String(length=12), nullable=True),
        sa.Column("samples", sa.String(length=12), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decision_recorded_at", sa.BigInteger(), nullable=True),
        sa.Column("deceased_on", sa.Date(), nullable=True),
        sa.Column("minor", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "information IN ('keep', 'remove', 'undecided')", name=op.f("ck_participants_information")
        ),
        sa.CheckConstraint(
            "samples IN ('keep', 'destroy', 'undecided')", name=op.f("ck_participants_samples")
        ),
        sa.ForeignKeyConstraint(
            ["linked_to"],
            ["participants.code"],
            name=op.f("fk_participants_linked_to_participants"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["site"], ["sites.code"], name=op.f("fk_participants_site_sites"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_participants")),
        sa.UniqueConstraint("programme_hash", name=op.f("uq_participants_programme_hash")),
    )
    op.create_table(
        "printed_labels",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("job_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("template", sa.String(length=20), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_printed_labels_item_id_items"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["print_jobs.id"],
            name=op.f("fk_printed_labels_job_id_print_jobs"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed_labels")),
    )
    op.create_index(op.f("ix_printed_labels_item_id"), "printed_labels", ["item_id"], unique=False)
    op.create_index(op.f("ix_printed_labels_job_id"), "printed_labels", ["job_id"], unique=False)
    op.create_table(
        "role_grants",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=True),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("granted_by", sa.String(length=40), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"], ["people.username"], name=op.f("fk_role_grants_person_people"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["site"], ["sites.code"], name=op.f("fk_role_grants_site_sites"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
    )
    op.create_index("ix_role_grants_person", "role_grants", ["person"], unique=False)
    op.create_table(
        "shipments",
        sa.Column(
            "item_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("destination", sa.String(length=64), nullable=False),
        sa.Column("carrier", sa.String(length=20), nullable=True),
        sa.Column("tracking_number", sa.String(length=40), nullable=True),
        sa.Column("seal", sa.String(length=40), nullable=True),
        sa.Column("logger", sa.String(length=40), nullable=True),
        sa.Column("dry_ice_grams", sa.Integer(), nullable=True),
        sa.Column("manifest_frozen", sa.Boolean(), nullable=False),
        sa.Column("dispatched_at", sa.BigInteger(), nullable=True),
        sa.Column("arrived_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["destination"], ["sites.code"], name=op.f("fk_shipments_destination_sites"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_shipments_item_id_items"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["origin"], ["sites.code"], name=op.f("fk_shipments_origin_sites"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_shipments")),
    )
    op.create_index(op.f("ix_shipments_destination"), "shipments", ["destination"], unique=False)
    op.create_index(op.f("ix_shipments_origin"), "shipments", ["origin"], unique=False)
    op.create_index(op.f("ix_shipments_tracking_number"), "shipments", ["tracking_number"], unique=False)
    op.create_table(
        "signatures",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("signer", sa.String(length=40), nullable=False),
        sa.Column("printed_name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("meaning", sa.String(length=200), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=64), nullable=True),
        sa.Column("requested_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint("length(meaning) > 0", name=op.f("ck_signatures_meaning")),
        sa.ForeignKeyConstraint(
            ["signer"], ["people.username"], name=op.f("fk_signatures_signer_people"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
    )
    op.create_table(
        "stations",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["site"], ["sites.code"], name=op.f("fk_stations_site_sites"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stations")),
        sa.UniqueConstraint("code", name=op.f("uq_stations_code")),
        sa.UniqueConstraint("site", "name", name=op.f("uq_stations_site_name")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_stations_token_sha256")),
    )
    op.create_table(
        "storage_units",
        sa.Column(
            "item_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("grid_rows", sa.Integer(), nullable=False),
        sa.Column("grid_columns", sa.Integer(), nullable=False),
        sa.Column("temperature_celsius", sa.Integer(), nullable=True),
        sa.Column("allowed_kinds", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(grid_rows = 0) = (grid_columns = 0)", name=op.f("ck_storage_units_grid")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_storage_units_item_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_storage_units")),
    )
    op.create_table(
        "tokens",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("scopes", sa.String(length=1000), nullable=True),
        sa.Column("site", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"], ["people.username"], name=op.f("fk_tokens_person_people"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["site"], ["sites.code"], name=op.f("fk_tokens_site_sites"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("sha256", name=op.f("uq_tokens_sha256")),
    )
    op.create_table(
        "consents",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("participant", sa.String(length=16), nullable=False),
        sa.Column("form_version", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("scopes", sa.String(length=120), nullable=False),
        sa.Column("effective_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant"],
            ["participants.code"],
            name=op.f("fk_consents_participant_participants"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_participant", "consents", ["participant", "effective_at"], unique=False)
    op.create_table(
        "decisions",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("participant", sa.String(length=16), nullable=False),
        sa.Column("leaves", sa.Boolean(), nullable=False),
        sa.Column("information", sa.String(length=12), nullable=False),
        sa.Column("samples", sa.String(length=12), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("capacity", sa.String(length=20), nullable=False),
        sa.Column("ceremony", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("offset_minutes", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.Column("evidence", sa.String(length=120), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "information IN ('keep', 'remove', 'undecided')", name=op.f("ck_decisions_information")
        ),
        sa.CheckConstraint("samples IN ('keep', 'destroy', 'undecided')", name=op.f("ck_decisions_samples")),
        sa.ForeignKeyConstraint(
            ["participant"],
            ["participants.code"],
            name=op.f("fk_decisions_participant_participants"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_participant", "decisions", ["participant"], unique=False)
    op.create_table(
        "destruction_orders",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("identifier", sa.String(length=13), nullable=False),
        sa.Column("participant", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("hold_until", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("decision", sa.Integer(), nullable=False),
        sa.Column("left", sa.Boolean(), nullable=False),
        sa.Column("information", sa.String(length=12), nullable=False),
        sa.Column("samples", sa.String(length=12), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("capacity", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("reaches_until", sa.BigInteger(), nullable=False),
        sa.Column("decision_recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("ceremony", sa.String(length=16), nullable=False),
        sa.Column("ceremony_settled", sa.String(length=16), nullable=True),
        sa.Column("ceremony_settled_at", sa.BigInteger(), nullable=True),
        sa.Column("in_question", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'in_progress', 'closed', 'reopened', 'cancelled')",
            name=op.f("ck_destruction_orders_state"),
        ),
        sa.ForeignKeyConstraint(
            ["participant"],
            ["participants.code"],
            name=op.f("fk_destruction_orders_participant_participants"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction_orders")),
        sa.UniqueConstraint("identifier", name=op.f("uq_destruction_orders_identifier")),
    )
    op.create_index("ix_destruction_orders_participant", "destruction_orders", ["participant"], unique=False)
    op.create_index(
        "ix_destruction_orders_state_due_at", "destruction_orders", ["state", "due_at"], unique=False
    )
    op.create_table(
        "imported_order_identifiers",
        sa.Column("identifier_hash", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["imported_orders.id"],
            name=op.f("fk_imported_order_identifiers_order_id_imported_orders"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("identifier_hash", name=op.f("pk_imported_order_identifiers")),
    )
    op.create_index(
        op.f("ix_imported_order_identifiers_order_id"),
        "imported_order_identifiers",
        ["order_id"],
        unique=False,
    )
    op.create_table(
        "imported_order_notes",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("about", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["imported_orders.id"],
            name=op.f("fk_imported_order_notes_order_id_imported_orders"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_order_notes")),
    )
    op.create_index(
        op.f("ix_imported_order_notes_order_id"), "imported_order_notes", ["order_id"], unique=False
    )
    op.create_table(
        "manifest_lines",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("shipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("presence", sa.String(length=10), nullable=True),
        sa.Column("conditions", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "presence IN ('found', 'missing', 'extra')", name=op.f("ck_manifest_lines_presence")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_manifest_lines_item_id_items"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"],
            ["shipments.item_id"],
            name=op.f("fk_manifest_lines_shipment_id_shipments"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifest_lines")),
        sa.UniqueConstraint("shipment_id", "item_id", name=op.f("uq_manifest_lines_shipment_id_item_id")),
    )
    op.create_index(op.f("ix_manifest_lines_item_id"), "manifest_lines", ["item_id"], unique=False)
    op.create_table(
        "messages",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("participant", sa.String(length=16), nullable=False),
        sa.Column("addressee", sa.String(length=80), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("context", sa.String(length=2000), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'failed', 'handed_over')", name=op.f("ck_messages_state")
        ),
        sa.ForeignKeyConstraint(
            ["participant"],
            ["participants.code"],
            name=op.f("fk_messages_participant_participants"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("about", name=op.f("uq_messages_about")),
    )
    op.create_index(op.f("ix_messages_participant"), "messages", ["participant"], unique=False)
    op.create_index(op.f("ix_messages_state"), "messages", ["state"], unique=False)
    op.create_table(
        "participant_sites",
        sa.Column("participant", sa.String(length=16), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant"],
            ["participants.code"],
            name=op.f("fk_participant_sites_participant_participants"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["site"], ["sites.code"], name=op.f("fk_participant_sites_site_sites"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("participant", "site", name=op.f("pk_participant_sites")),
    )
    op.create_index(op.f("ix_participant_sites_site"), "participant_sites", ["site"], unique=False)
    op.create_table(
        "signed_records",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("signature_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("identifier", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["signatures.id"],
            name=op.f("fk_signed_records_signature_id_signatures"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_records")),
    )
    op.create_index(op.f("ix_signed_records_signature_id"), "signed_records", ["signature_id"], unique=False)
    op.create_table(
        "waste_batches",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("opened_by", sa.String(length=40), nullable=False),
        sa.Column("pieces_counted", sa.Integer(), nullable=True),
        sa.Column("method", sa.String(length=16), nullable=True),
        sa.Column("cycle", sa.String(length=64), nullable=True),
        sa.Column("place", sa.String(length=80), nullable=True),
        sa.Column("destroyed_at", sa.BigInteger(), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=True),
        sa.Column("offset_minutes", sa.Integer(), nullable=True),
        sa.Column("performer_signature", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("witness_signature", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "state IN ('filling', 'counted', 'destroyed')", name=op.f("ck_waste_batches_state")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_waste_batches_item_id_items"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["performer_signature"],
            ["signatures.id"],
            name=op.f("fk_waste_batches_performer_signature_signatures"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["witness_signature"],
            ["signatures.id"],
            name=op.f("fk_waste_batches_witness_signature_signatures"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waste_batches")),
        sa.UniqueConstraint("item_id", name=op.f("uq_waste_batches_item_id")),
    )
    op.create_table(
        "certificates",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("identifier", sa.String(length=13), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("replaces", sa.String(length=13), nullable=True),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["destruction_orders.id"],
            name=op.f("fk_certificates_order_id_destruction_orders"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("identifier", name=op.f("uq_certificates_identifier")),
    )
    op.create_index(op.f("ix_certificates_order_id"), "certificates", ["order_id"], unique=False)
    op.create_table(
        "destruction_lines",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("grade", sa.String(length=12), nullable=True),
        sa.Column("outcome_sequence", sa.Integer(), nullable=True),
        sa.Column("outcome_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["waste_batches.id"],
            name=op.f("fk_destruction_lines_batch_id_waste_batches"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_destruction_lines_item_id_items"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["destruction_orders.id"],
            name=op.f("fk_destruction_lines_order_id_destruction_orders"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction_lines")),
        sa.UniqueConstraint("order_id", "item_id", name=op.f("uq_destruction_lines_order_id_item_id")),
    )
    op.create_index(op.f("ix_destruction_lines_batch_id"), "destruction_lines", ["batch_id"], unique=False)
    op.create_index(op.f("ix_destruction_lines_item_id"), "destruction_lines", ["item_id"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_destruction_lines_item_id"), table_name="destruction_lines")
    op.drop_index(op.f("ix_destruction_lines_batch_id"), table_name="destruction_lines")
    op.drop_table("destruction_lines")
    op.drop_index(op.f("ix_certificates_order_id"), table_name="certificates")
    op.drop_table("certificates")
    op.drop_table("waste_batches")
    op.drop_index(op.f("ix_signed_records_signature_id"), table_name="signed_records")
    op.drop_table("signed_records")
    op.drop_index(op.f("ix_participant_sites_site"), table_name="participant_sites")
    op.drop_table("participant_sites")
    op.drop_index(op.f("ix_messages_state"), table_name="messages")
    op.drop_index(op.f("ix_messages_participant"), table_name="messages")
    op.drop_table("messages")
    op.drop_index(op.f("ix_manifest_lines_item_id"), table_name="manifest_lines")
    op.drop_table("manifest_lines")
    op.drop_index(op.f("ix_imported_order_notes_order_id"), table_name="imported_order_notes")
    op.drop_table("imported_order_notes")
    op.drop_index(op.f("ix_imported_order_identifiers_order_id"), table_name="imported_order_identifiers")
    op.drop_table("imported_order_identifiers")
    op.drop_index("ix_destruction_orders_state_due_at", table_name="destruction_orders")
    op.drop_index("ix_destruction_orders_participant", table_name="destruction_orders")
    op.drop_table("destruction_orders")
    op.drop_index("ix_decisions_participant", table_name="decisions")
    op.drop_table("decisions")
    op.drop_index("ix_consents_participant", table_name="consents")
    op.drop_table("consents")
    op.drop_table("tokens")
    op.drop_table("storage_units")
    op.drop_table("stations")
    op.drop_table("signatures")
    op.drop_index(op.f("ix_shipments_tracking_number"), table_name="shipments")
    op.drop_index(op.f("ix_shipments_origin"), table_name="shipments")
    op.drop_index(op.f("ix_shipments_destination"), table_name="shipments")
    op.drop_table("shipments")
    op.drop_index("ix_role_grants_person", table_name="role_grants")
    op.drop_table("role_grants")
    op.drop_index(op.f("ix_printed_labels_job_id"), table_name="printed_labels")
    op.drop_index(op.f("ix_printed_labels_item_id"), table_name="printed_labels")
    op.drop_table("printed_labels")
    op.drop_table("participants")
    op.drop_table("ledger_unsealed")
    op.drop_table("ledger_leaves")
    op.drop_index(op.f("ix_item_parents_parent_id"), table_name="item_parents")
    op.drop_table("item_parents")
    op.drop_index("ix_item_aliases_value", table_name="item_aliases")
    op.drop_index(op.f("ix_item_aliases_item_id"), table_name="item_aliases")
    op.drop_table("item_aliases")
    op.drop_table("imported_orders")
    op.drop_index(
        "uq_holds_standing",
        table_name="holds",
        sqlite_where=sa.text("lifted_sequence IS NULL"),
        postgresql_where=sa.text("lifted_sequence IS NULL"),
    )
    op.drop_table("holds")
    op.drop_index("ix_discrepancies_state_site", table_name="discrepancies")
    op.drop_index(op.f("ix_discrepancies_item_id"), table_name="discrepancies")
    op.drop_table("discrepancies")
    op.drop_table("browser_sessions")
    op.drop_table("sites")
    op.drop_table("sign_in_failures")
    op.drop_index(op.f("ix_refused_scans_at"), table_name="refused_scans")
    op.drop_table("refused_scans")
    op.drop_table("print_jobs")
    op.drop_table("people")
    op.drop_table("ledger_nodes")
    op.drop_table("ledger_entries")
    op.drop_table("ledger_checkpoints")
    op.drop_index("ix_items_participant", table_name="items")
    op.drop_index("ix_items_kit_id", table_name="items")
    op.drop_table("items")
    op.drop_table("idempotency_keys")
