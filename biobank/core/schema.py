"""Bringing a database to the newest schema, by alembic: the samples' and the vault's, each its own chain."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLE, IDENTITY = "sample", "identity"
"""The two databases; also the folders of their migrations."""


def configuration(connection: Connection | None = None, of: str = SAMPLE) -> Config:
    config = Config(ROOT / "setup.cfg")
    for option, below in (("script_location", ""), ("version_locations", of)):
        config.set_main_option(option, str(ROOT / (config.get_main_option(option) or "") / below))
    config.attributes["connection"] = connection
    return config


def upgrade(
    engine: Engine, revision: str = "head", *, of: str = SAMPLE, answers_key_file: str | None = None
) -> None:
    """Run the migrations up to `revision`, all or nothing; what lies in plain is sealed by the key file."""
    with engine.begin() as connection:
        config = configuration(connection, of)
        config.attributes["answers_key_file"] = answers_key_file
        command.upgrade(config, revision)


def downgrade(engine: Engine, revision: str = "base", *, of: str = SAMPLE) -> None:
    with engine.begin() as connection:
        command.downgrade(configuration(connection, of), revision)


def revision_of(engine: Engine) -> str | None:
    """The revision that a database is at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision(of: str = SAMPLE) -> str | None:
    return ScriptDirectory.from_config(configuration(of=of)).get_current_head()
