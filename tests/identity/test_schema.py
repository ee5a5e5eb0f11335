"""The vault's own chain of migrations, and that none of its tables is on the samples' side."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from biobank.core import schema
from biobank.core.database import prepare_engine
from biobank.core.tables import AppendOnly, Base
from biobank.identity.models import IdentityBase


@pytest.fixture
def engine(identity_url, vault_on_the_same_kind):
    engine = create_engine(identity_url)
    prepare_engine(engine)
    yield engine
    engine.dispose()


def test_up_down_and_up_again_is_what_the_models_say(engine):
    schema.downgrade(engine, of=schema.IDENTITY)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    schema.upgrade(engine, of=schema.IDENTITY)
    assert schema.revision_of(engine) == schema.newest_revision(schema.IDENTITY)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, IdentityBase.metadata) == []


def test_no_table_of_the_vault_is_on_the_samples_side():
    vault = set(IdentityBase.metadata.tables)
    assert vault == {"vault_keys", "identities", "vault_accesses"}
    assert vault & set(Base.metadata.tables) == set()
    guarded = {
        mapper.local_table.name
        for mapper in IdentityBase.registry.mappers
        if issubclass(mapper.class_, AppendOnly)
    }
    assert guarded == {"vault_accesses"}
