"""The answer to the last scan or step, carried over the redirect after it and shown once."""

import json
from typing import Any

from flask import flash, get_flashed_messages

CATEGORY = "answer"


def tell(word: str, sentence: str, *, tone: str = "right") -> None:
    """`tone` is right, wrong or ask; the sentence holds codes only, since it travels in a cookie."""
    flash(json.dumps({"tone": tone, "word": word, "sentence": sentence}), CATEGORY)


def told() -> dict[str, Any] | None:
    """The newest answer that no page has shown yet."""
    answers = get_flashed_messages(category_filter=[CATEGORY])
    return json.loads(str(answers[-1])) if answers else None
