"""Each file is a transaction of its own, and two imports of one order at once make one order."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core.database import reading, writing
from biobank.exchange.order_files import import_orders
from biobank.exchange.pseudonyms import Pseudonyms
from biobank.items.models import Item
from biobank.participants.models import Participant
from biobank.sites.operations import add_site
from biobank.wiring import install_rules

ORDERS = Path(__file__).parent / "orders"
REAL = [ORDERS / "biobank_order_1.json", ORDERS / "biobank_order_2.json"]
KEYED = Pseudonyms(b"a key for tests and nothing else")
LEAD = Actor("bio.lee", "Lee", frozenset({(Role.LEAD, "biobank-1")}))


@pytest.fixture
def programme(app):
    with app.app_context():
        install_rules()
        with writing() as work:
            add_site(
                work, by="setup", code="biobank-1", name="Biobank", kind="biobank", zone="America/Chicago"
            )
        yield app


def test_what_was_imported_stays_when_a_later_file_is_refused(programme, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_bytes(REAL[1].read_bytes()[:-40])
    found = import_orders(writing, [REAL[0], broken], by=LEAD, pseudonyms=KEYED)
    assert (found.orders, len(found.errors)) == (1, 1)
    again = import_orders(writing, REAL, by=LEAD, pseudonyms=KEYED)
    assert (again.orders, again.unchanged, again.errors) == (1, 1, ())


def test_two_imports_of_one_order_at_once_make_one_order(programme):
    def import_it(_):
        with programme.app_context():
            return import_orders(writing, [REAL[0]], by=LEAD, pseudonyms=KEYED)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(import_it, range(4)))
    assert [each.errors for each in found] == [()] * 4
    assert sorted((each.orders, each.unchanged) for each in found) == [(0, 1), (0, 1), (0, 1), (1, 0)]
    with reading() as work:
        assert len(work.session.scalars(select(Item.id).where(Item.kind == "kit")).all()) == 1
        assert len(work.session.scalars(select(Participant.code)).all()) == 1
