"""The outbox desk in a real browser beside a real mail server; axe and a narrow screen on every page."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from biobank.demo.people import TESTA
from biobank.web.current import keep_settings
from tests.browser import message_story
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.kit_story import Story
from tests.browser.test_printing import complaints
from tests.messages.post_office import PostOffice, mail_settings, open_post_office

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")]


def test_a_refused_message_is_handed_over_on_paper(app, settings):
    found: list[str] = []
    office = PostOffice()
    office.answers = ["550 nobody of that name"]
    with open_post_office(office) as port, served(app) as address, chromium() as browser:
        mailing = mail_settings(settings, port, contact_address="7 Invented Road; Nowhere, TX 00000")
        keep_settings(app, mailing)
        story = Story(app, settings, browser, address, lambda page, _name: found.extend(complaints(page)))
        told = message_story.MessageStory(story, mailing)
        message_story.tell(told)
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []
    assert len(office.arrived) == 1
    letter = PdfReader(BytesIO(told.letter)).pages[0].extract_text()
    assert f"{TESTA.given_name} {TESTA.family_name}" in letter
