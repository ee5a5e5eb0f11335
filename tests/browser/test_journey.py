"""The whole journey in a real browser against the real service, each page looked at by axe."""

import shutil

import pytest

from biobank.app import create_app
from biobank.core.database import db, reading
from biobank.custody.queries import item_now
from biobank.custody.states import State
from biobank.destruction.certificates import judge
from biobank.settings import load_settings
from tests.browser.desk import CHROMIUM, chromium, served, violations
from tests.browser.kit_story import DRAWN, Story, tell

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")]


@pytest.fixture
def settings(tmp_path, sqlite_template):
    shutil.copy(sqlite_template, tmp_path / "biobank.db")
    return load_settings({}).with_changes(
        database_url=f"sqlite:///{tmp_path}/biobank.db",
        secret_key_file=str(tmp_path / "keys" / "secret.key"),
        ledger_key_file=str(tmp_path / "keys" / "ledger.key"),
        pseudonym_key_file=str(tmp_path / "keys" / "pseudonym.key"),
        checkpoint_folder="",
        hold_window_days=0,
        demo=True,
    )


@pytest.fixture
def app(settings):
    app = create_app(settings)
    yield app
    with app.app_context():
        db.engine.dispose()


def test_a_kit_goes_its_whole_way_and_every_page_is_accessible(app, settings):
    found: list[str] = []
    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, lambda page, _name: found.extend(violations(page)))
        tell(story)
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []
    with app.app_context(), reading() as work:
        assert judge(work, story.certificate).genuine
        states = [item_now(work, tube).state for tube in story.tubes]
    assert states[:DRAWN] == [State.DESTROYED] * DRAWN
    assert set(states[DRAWN:]) == {State.NOT_COLLECTED}
