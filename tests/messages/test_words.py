"""What participants read, word for word: every template, every pair of answers, both languages."""

import ast
import json
import re
from itertools import product
from pathlib import Path

import pytest

import biobank
from biobank.core import moments
from biobank.disclosures.choices import FIELDS, Basis, BreachStep
from biobank.messages.models import Message
from biobank.messages.words import CHOSEN, WordsMissing, languages, reference_of, text_of
from biobank.settings import load_settings

CODE, ORDER = "A100000001", "D 4711 2209 18-41"
SETTINGS = load_settings({}).with_changes(
    programme="Invented programme", contact_phone="555 010 0100", contact_email="ask@biobank.example"
)
INFORMATION, SAMPLES = ("keep", "remove", "undecided"), ("keep", "destroy", "undecided")
HEALTH = re.compile(r"\b(HIV|diagnos|disease|enferm|blood|sangre|urine|orina|DNA|ADN|saliva)", re.IGNORECASE)


def told_of_decision(information, samples, *, leaves=True, hold=True):
    return {
        "leaves": leaves, "information": information, "samples": samples, "order": ORDER if samples == "destroy" else None,
        "decided_at": "2026-03-02T02:00:00.000000Z",
        "hold_until": ("2026-03-09T15:00:00.000000Z" if hold else "2026-03-02T15:00:00.000000Z") if samples == "destroy" else None,
        "due_on": "2026-03-16" if "undecided" in (information, samples) else None,
    }  # fmt: skip


CONTEXTS = {
    "decision_confirmed": [
        told_of_decision(information, samples, leaves=leaves, hold=hold)
        for information, samples, leaves, hold in product(INFORMATION, SAMPLES, (True, False), (True, False))
    ],
    "request_waits": [{"due_on": "2026-03-16"}],
    "request_declined": [{"due_on": "2026-03-16"}],
    "scopes_refused": [
        {"scopes": ["blood", "dna", "sharing", "urine"], "decided_at": "2026-03-02T15:00:00.000000Z"}
    ],
    "decision_reversed": [{"decisions": [1], "order": ORDER, "left": left} for left in (True, False)],
    "decision_was_not_theirs": [{"decisions": [1], "order": ORDER, "left": left} for left in (True, False)],
    "disclosure_told": [
        {"made_on": "2026-03-02T15:00:00.000000Z", "basis": basis.value, "fields": list(FIELDS)}
        for basis in Basis
    ],
    "breach_told": [
        {"found_on": "2026-03-02", "fields": list(FIELDS), "steps": [step.value for step in BreachStep]}
    ],
}


def said(template, context, language="en", *, for_another=False, settings=SETTINGS):
    message = Message(
        id=17, about="decision:1", participant=CODE, addressee=CODE, template=template, language=language,
        context=json.dumps(context), queued_at=moments.read_moment("2026-03-02T15:00:00Z").at,
    )  # fmt: skip
    return text_of(message, settings, language, for_another=for_another)


@pytest.mark.parametrize("template", CONTEXTS)
def test_every_template_says_something_whole_in_both_languages(template):
    for context, language, another in product(CONTEXTS[template], ("en", "es"), (False, True)):
        text = said(template, context, language, for_another=another)
        whole = f"{text.subject}\n{text.body}"
        assert (text.version, text.language) == ("1", language)
        assert not re.search(r"[{}]|\b_|_\b|None|  ", whole), whole
        for secret in (CODE, ORDER, "decision:1"):
            assert secret not in whole
        assert whole.count(reference_of(17)) == 1
        assert "555 010 0100" in whole
        assert "ask@biobank.example" in whole
        assert len(text.subject) < 60
        if template != "scopes_refused":  # which says what was refused
            assert not HEALTH.search(whole)
        assert "muestras" not in text.subject
        assert "samples" not in text.subject


QUEUEING = ("queue_message", "tell_of_change")


def test_whoever_queues_a_message_has_words_for_it():
    queued = set()
    texts = (path.read_text(encoding="utf-8") for path in Path(biobank.__file__).parent.glob("*/*.py"))
    for text in texts:
        if any(name in text for name in QUEUEING):
            calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
            queued |= {template for call in calls for template in templates_in(call)}
    assert queued == set(CHOSEN)
    assert set(CONTEXTS) == set(CHOSEN)


def templates_in(call):
    """Texts given to what queues a message, directly or by way of a function that passes them on."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name == "queue_message":
        given = [word.value for word in call.keywords if word.arg == "template"]
    elif name in ("tell_of_change", "_tell"):
        given = call.args
    else:
        return set()
    texts = {each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return {text for text in texts if re.fullmatch("[a-z_]{8,}", text)}


SAYS = {
    ("en", "information", "keep"): "Researchers can still use the information you have already given",
    ("en", "information", "remove"): "We will remove it the next time we update the database",
    ("en", "information", "undecided"): "you have not decided yet. Until you do, it will not be used for new studies",
    ("en", "samples", "keep"): "you let us keep them",
    ("en", "samples", "destroy"): "we will destroy them",
    ("en", "samples", "undecided"): "They will not be used, and they will not be destroyed",
    ("es", "information", "keep"): "Los investigadores pueden seguir usando la información que usted ya dio",
    ("es", "information", "remove"): "La quitaremos la próxima vez que actualicemos la base de datos",
    ("es", "information", "undecided"): "todavía no ha decidido. Hasta que decida, no se usará en estudios nuevos",
    ("es", "samples", "keep"): "usted permite que las guardemos",
    ("es", "samples", "destroy"): "las destruiremos",
    ("es", "samples", "undecided"): "No se usarán y no se destruirán",
}  # fmt: skip
NAME_KEPT = {"en": "We keep your name and contact information", "es": "Guardamos su nombre y sus datos de contacto"}  # fmt: skip
GONE = {"en": "we cannot get it back", "es": "no podemos recuperarlo"}
NOT_USED = {"en": "they will not be used for new studies", "es": "no se usarán en estudios nuevos"}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("information", "samples"), list(product(INFORMATION, SAMPLES)))
def test_each_pair_of_answers_is_said_as_promised(information, samples, language):
    body = said("decision_confirmed", told_of_decision(information, samples), language).body
    for kind, answer in (("information", information), ("samples", samples)):
        for other in INFORMATION if kind == "information" else SAMPLES:
            assert (SAYS[language, kind, other] in body) == (other == answer)
    assert NAME_KEPT[language] in body
    assert (GONE[language] in body) == ((information, samples) != ("keep", "keep"))
    if samples == "keep" and information == "remove":
        assert NOT_USED[language] in body
    day = {"en": "March 9, 2026", "es": "9 de marzo de 2026"}[language]
    assert (day in body) == (samples == "destroy")
    asked = {"en": "March 16, 2026", "es": "16 de marzo de 2026"}[language]
    assert (asked in body) == ("undecided" in (information, samples))
    decided = {"en": "March 1, 2026", "es": "1 de marzo de 2026"}[language]  # as it was in Chicago
    assert decided in body


def test_without_a_hold_window_nobody_is_told_of_one():
    body = said("decision_confirmed", told_of_decision("keep", "destroy", hold=False)).body
    assert "change your mind" not in body


def test_words_are_short_enough_for_everybody():
    """Flesch and Kincaid's grade of every English text, and words a sentence in Spanish."""
    for template, contexts in CONTEXTS.items():
        for context in contexts:
            assert grade(said(template, context).body) <= 8
            spanish = said(template, context, "es").body
            assert len(re.findall(r"\w+", spanish)) / len(sentences(spanish)) <= 15


def sentences(body):
    return [part for part in re.split(r"[.:!?]\s|\n\n", body) if part.strip()]


def grade(body):
    words = re.findall(r"[A-Za-z']+", body)
    return 0.39 * len(words) / len(sentences(body)) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word):
    found = len(re.findall(r"[aeiouy]+", word.lower()))
    return max(1, found - (word.lower().endswith("e") and not word.lower().endswith("le")))


def test_the_same_codes_give_the_same_bytes_and_another_language_falls_back_to_english():
    one, again = (said("request_declined", CONTEXTS["request_declined"][0]) for _ in range(2))
    assert one.sha256 == again.sha256
    other = said("request_declined", CONTEXTS["request_declined"][0], "fr")
    assert (other.language, other.sha256) == ("en", one.sha256)


def test_a_newer_file_of_words_is_used_and_a_missing_word_is_named(tmp_path):
    here = Path(SETTINGS.messages_folder)
    assert languages(here) == {"en", "es"}
    text = (here / "en-1.toml").read_text(encoding="utf-8")
    (tmp_path / "en-1.toml").write_text(text, encoding="utf-8")
    newer = text.replace('version = "1"', 'version = "2"').replace("About your request", "Our answer")
    (tmp_path / "en-10.toml").write_text(newer, encoding="utf-8")
    settings = SETTINGS.with_changes(messages_folder=str(tmp_path))
    assert said("request_declined", {}, settings=settings).subject == "Our answer"
    with pytest.raises(WordsMissing, match=r"en-10\.toml lacks words for invented"):
        said("invented", {}, settings=settings)


def test_without_a_phone_people_are_told_to_come():
    silent = SETTINGS.with_changes(contact_phone="", contact_email="")
    assert "please come to us" in said("request_declined", {}, settings=silent).body
