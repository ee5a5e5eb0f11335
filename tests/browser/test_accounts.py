"""Accounts in a real browser with a virtual authenticator; axe and a narrow screen on every page."""

import pytest

from biobank.access.models import Signature
from biobank.core.database import SETTINGS, reading
from tests.browser import account_story
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.test_printing import complaints
from tests.destruction.test_api import in_the_bag, ordered, settings  # noqa: F401 (fixtures among them)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


def test_a_link_an_app_and_passkeys_from_the_first_day_to_the_certificate(programme, ordered):  # noqa: F811 (the fixture)
    order, tubes = ordered
    programme.let_sign("admin.here")
    bag = in_the_bag(programme, tubes)
    found: list[str] = []
    with served(programme.app) as served_at, chromium() as browser:
        address = served_at.replace("127.0.0.1", "localhost")
        app = programme.app
        app.extensions[SETTINGS] = app.extensions[SETTINGS].with_changes(demo=False, public_url=address)
        told = account_story.AccountStory(
            programme, browser, address, lambda page, _name: found.extend(complaints(page))
        )
        account_story.story(told, bag, order)
        assert [complaint for seated in told.desks for complaint in seated.complaints] == []
    assert found == []
    with programme.app.app_context(), reading() as work:
        signed = [
            (each.signer, each.proved_by) for each in work.session.query(Signature).order_by(Signature.id)
        ]
    assert signed == [("tech.here", "password"), ("lead.here", "passkey"), ("comp.here", "passkey")]
