"""Tables behind models, for statements of the scan path."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import column_property

from biobank.core.tables import Base, table_of
from biobank.items.models import Item


def test_a_model_gives_its_table():
    assert table_of(Item).name == "items"


def test_a_model_that_is_no_table_is_said_so():
    class Named(Base):
        __table__ = select(Item.identifier).subquery()
        __mapper_args__ = {"primary_key": [__table__.c.identifier]}  # noqa: RUF012 (SQLAlchemy's way)
        code = column_property(__table__.c.identifier)

    with pytest.raises(TypeError, match="Named is not mapped to a table"):
        table_of(Named)
