"""Answers to safety questions are sealed, those that are kept already too."""

import hashlib
import hmac
import json
import os
import time
from pathlib import Path

import sqlalchemy as sa
from alembic import context, op
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PADDED_TO = 512


def upgrade():
    op.create_table(
        "answers_keys",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_by", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_answers_keys")),
    )
    rows = op.get_bind().execute(sa.text("SELECT * FROM safety_answers")).mappings().all()
    key = _first_key() if rows else b""
    _drop()
    table = _create(
        sa.Column("key_number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_number"],
            ["answers_keys.number"],
            name=op.f("fk_safety_answers_key_number_answers_keys"),
            ondelete="RESTRICT",
        ),
    )
    op.create_index(op.f("ix_safety_answers_key_number"), "safety_answers", ["key_number"])
    op.bulk_insert(table, [_sealed(row, key) for row in rows])


def downgrade():
    """What was sealed is not written in plain again: it is forgotten, as it is by itself after some days."""
    _drop()
    _create(
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=True),
        sa.Column("drawn_elsewhere_microlitres", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
    )
    op.drop_table("answers_keys")


def _drop():
    """SQLite leaves what was dropped in the file unless it is told to write over it."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA secure_delete = ON")
    op.drop_table("safety_answers")


def _create(*columns):
    table = op.create_table(
        "safety_answers",
        sa.Column("visit_id", KEY, nullable=False),
        *columns,
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"],
            ["visits.id"],
            name=op.f("fk_safety_answers_visit_id_visits"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_safety_answers")),
    )
    op.create_index(op.f("ix_safety_answers_answered_at"), "safety_answers", ["answered_at"])
    return table


def _first_key():
    """A data key, wrapped by the key in the key file; its number is 1."""
    named = context.config.attributes.get("answers_key_file")
    if not named or not Path(named).exists():
        raise RuntimeError(
            "The answers to safety questions that are kept have to be encrypted, and the file that "
            "answers_key_file names is not there; run biobank keys create, then biobank database upgrade."
        )
    with_it = bytes.fromhex(Path(named).read_text(encoding="ascii").split()[0])
    fingerprint = hashlib.sha256(b"vault key\0" + with_it).hexdigest()[:16]
    key, nonce = os.urandom(32), os.urandom(12)
    bound_to = f"answers_keys/1/{fingerprint}".encode()
    op.get_bind().execute(
        sa.text(
            "INSERT INTO answers_keys (number, wrapped, wrapped_by, made_at, made_by) "
            "VALUES (1, :wrapped, :wrapped_by, :made_at, 'upgrade')"
        ),
        {
            "wrapped": nonce + AESGCM(with_it).encrypt(nonce, key, bound_to),
            "wrapped_by": fingerprint,
            "made_at": time.time_ns() // 1000,
        },
    )
    return key


def _sealed(row, key):
    content = {
        "answers": json.loads(row["answers"]),
        "weight_grams": row["weight_grams"],
        "drawn_elsewhere_microlitres": row["drawn_elsewhere_microlitres"],
        "salt": bytes(row["salt"]).hex(),
    }
    plain, nonce = json.dumps(content).encode(), os.urandom(12)
    padded = plain.ljust(-len(plain) // PADDED_TO * -PADDED_TO)
    place = "\0".join(("safety_answers", "sealed", str(row["visit_id"]), "1")).encode()
    cipher = AESGCM(hmac.digest(key, b"fields", "sha256"))
    return {
        "visit_id": row["visit_id"],
        "key_number": 1,
        "sealed": nonce + cipher.encrypt(nonce, padded, place),
        "answered_at": row["answered_at"],
    }
