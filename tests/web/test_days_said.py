"""A day in a sentence is read as a person writes it, in the reader's language and zone; how to type one stays."""

import pytest

from biobank.web.days_said import days_said
from tests.web.previews import preview_app

CHICAGO = "America/Chicago"


@pytest.mark.parametrize(
    ("stored", "english", "spanish"),
    [
        (
            "It is 2026-11-25 12:00 -0600.",
            "It is Wednesday 25 November 2026, 12:00 UTC−06:00.",
            "It is miércoles 25 de noviembre de 2026, 12:00 UTC−06:00.",
        ),
        (
            "It is (2026-07-01 03:30 UTC).",
            "It is (Tuesday 30 June 2026, 22:30 UTC−05:00).",
            "It is (martes 30 de junio de 2026, 22:30 UTC−05:00).",
        ),
        (
            "It is on 2026-11-27, then.",
            "It is on Friday 27 November 2026, then.",
            "It is on viernes 27 de noviembre de 2026, then.",
        ),
        ("2026-11-27", "27 Nov 2026", "27 nov 2026"),
        ("It is 2026-13-27.", "It is 2026-13-27.", "It is 2026-13-27."),
        ("Like 2026-03-01T09:30Z.", "Like 2026-03-01T09:30Z.", "Like 2026-03-01T09:30Z."),
        ("Type it such as 2026-03-01.", "Type it such as 2026-03-01.", "Type it such as 2026-03-01."),
    ],
)
def test_a_day_of_a_sentence_is_written_as_its_reader_writes_it(stored, english, spanish):
    assert days_said(stored, "en", CHICAGO) == english
    assert days_said(stored, "es", CHICAGO) == spanish


def test_a_sentence_of_the_rules_is_translated_with_its_day():
    app = preview_app()
    stored = (
        "FedEx does not come on Thanksgiving Day at Lakeside; the next pick-up is 2026-11-27 12:00 -0600."
    )
    with app.test_request_context("/", headers={"Accept-Language": "es"}):
        said = app.jinja_env.from_string("{{ sentence|said }}").render(sentence=stored)
    assert "viernes 27 de noviembre de 2026, 12:00 UTC−06:00" in said
    assert "Día de Acción de Gracias" in said
    assert "Lakeside" in said
