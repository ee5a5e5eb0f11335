"""Every text has its Spanish, with its places; templates hold no text that cannot be translated; pages are said in it."""

import ast
import re
from html.parser import HTMLParser

import pytest
from flask import Flask, g
from jinja2 import nodes

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.web.catalogues import catalogue
from biobank.web.language import COOKIE, LANGUAGES, install_language, language, reader_of
from biobank.web.phrasebook import translated
from biobank.web.sessions import Visit
from docs import phrases
from tests.web.previews import BIOBANK, preview_app

OTHERS = sorted(set(LANGUAGES) - {"en"})
PLACES = re.compile(r"%\(\w+\)s|%%|\{\w+\}|</?\w+")
NUMBER = "%(num)s"
SHOWN_ATTRIBUTES = {"aria-label", "alt", "title", "placeholder", "data-label"}
NOT_TRANSLATED = {"Biobank custody", "UTC", "mL", "g", "min", "kg"}
MADE_BY_MACROS = re.compile(r" (aria|data)-[a-z]+=[\"']?(true)?|^-(hint|error)")
"""Attributes that a macro writes without the tag around them."""
IN_ENGLISH = {"api/docs.html"}
"""The description of the API is for programmers and as English as the API."""


@pytest.fixture(scope="module")
def found():
    return phrases.messages()


@pytest.mark.parametrize("spoken", OTHERS)
def test_every_text_has_a_translation_and_no_translation_is_left_over(spoken, found):
    known = phrases.catalogue_of(spoken, found)
    assert phrases.missing(known) == []
    there = {message.id for message in catalogue(spoken) if message.id}
    assert there == {message.id for message in known if message.id}, "run docs/phrases.py"


@pytest.mark.parametrize("spoken", OTHERS)
def test_every_place_and_every_tag_is_kept(spoken):
    for message in catalogue(spoken):
        english = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for string in strings if message.id else ():
            wanted = {tuple(sorted(set(PLACES.findall(each)) - {NUMBER})) for each in english}
            assert tuple(sorted(set(PLACES.findall(string)) - {NUMBER})) in wanted, (message.id, string)


class Text(HTMLParser):
    """What a template says itself: its text, and the attributes that are read out or shown."""

    def __init__(self, source: str):
        super().__init__()
        self.said: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.said += [value for name, value in attributes if name in SHOWN_ATTRIBUTES and value]

    def handle_data(self, data):
        self.said.append(data)


def own_text(template: str) -> str:
    """A template's own text and tags, with a sign in the place of each expression."""
    app = Flask("biobank", root_path=str(BIOBANK))
    install_language(app)
    source = (BIOBANK / "templates" / template).read_text()
    tree = app.jinja_env.parse(source)
    names = [
        block for block in tree.find_all(nodes.Block) if block.name == "help"
    ]  # of files, not for people
    hidden = {id(output) for block in names for output in block.find_all(nodes.Output)}
    return "".join(
        part.data if isinstance(part, nodes.TemplateData) else "\N{OBJECT REPLACEMENT CHARACTER}"
        for output in tree.find_all(nodes.Output)
        for part in output.nodes
        if id(output) not in hidden
    )


TEMPLATES = sorted(
    path.relative_to(BIOBANK / "templates").as_posix() for path in (BIOBANK / "templates").rglob("*.html")
)


@pytest.mark.parametrize("template", sorted(set(TEMPLATES) - IN_ENGLISH))
def test_a_template_says_nothing_that_cannot_be_translated(template):
    words = [
        " ".join(re.findall(r"[A-Za-z][A-Za-z-]+", MADE_BY_MACROS.sub("", piece)))
        for said in Text(own_text(template)).said
        for piece in said.split("\N{OBJECT REPLACEMENT CHARACTER}")
    ]
    assert [each for each in words if each and each not in NOT_TRANSLATED] == []


def test_a_forgotten_text_would_be_seen():
    assert [said.strip() for said in Text('<p aria-label="Tubes">Kits</p>').said] == ["Tubes", "Kits"]


def test_scripts_hold_no_sentence():
    for script in (BIOBANK / "static").rglob("*.js"):
        if "vendor" in script.parts:
            continue
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", script.read_text(), flags=re.DOTALL)
        sentences = re.findall(r"[\"'`]([A-Z][a-z]+ [a-z]+ [^\"'`]*)[\"'`]", code)
        assert sentences == [], script


@pytest.fixture(scope="module")
def client():
    return preview_app().test_client()


def test_pages_are_said_in_the_language_that_the_browser_asks_for(client):
    for name, text in (
        ("start", "Lo que le espera"),
        ("parcel", "Manifiesto junto a lo encontrado"),
        ("parcel", "Mensajero"),
        ("decision", "¿Qué decidió el participante?"),
        ("box", "Mapa"),
    ):
        spanish = client.get(f"/preview/{name}", headers={"Accept-Language": "es-MX,es;q=0.9"}).text
        assert '<html lang="es">' in spanish
        assert text in spanish, name
        assert text not in client.get(f"/preview/{name}").text


def test_times_and_days_are_written_as_the_readers_do(client):
    spanish = client.get("/preview/pile", headers={"Accept-Language": "es"}).text
    assert '2 nov 2026, 04:30 <span class="moment__offset">UTC' in spanish
    assert "2 Nov 2026, 04:30" in client.get("/preview/pile").text


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("T 4831 3456 24-51 is received.", "T 4831 3456 24-51 está: recibido."),
        ("Report broken", "Informar que está roto"),
        ("Checked out", "Sacado a la mesa"),
        ("clinic staff, biobank lead", "personal de la clínica, responsable del biobanco"),
        (
            "T 4831 3456 24-51 is received. The participant withdrew. It may not be used.",
            "T 4831 3456 24-51 está: recibido. El participante se retiró. No se puede usar.",
        ),
        (
            "T 4831 3456 24-51 is stored; dispatch is possible from collected, received.",
            "T 4831 3456 24-51 está: almacenado; despachar es posible desde recolectado, recibido.",
        ),
        ("centrifuged early", "centrifugado antes de tiempo"),
        ("FedEx, on the way to Central biobank", "FedEx, en camino a Central biobank"),
        (
            "remark seems to hold an e-mail address; write it without anything about a person.",
            "observación parece contener una dirección de correo electrónico; escríbalo sin nada sobre una persona.",
        ),
        (
            "T 4831 3456 24-51 is received since 2026-11-01 06:30 UTC; dispatch is possible from collected.",
            "T 4831 3456 24-51 está: recibido desde el 2026-11-01 06:30 UTC; despachar es posible desde recolectado.",
        ),
        ("Roll of 25.4 x 12.7 mm, for cryovials", "Rollo de 25.4 x 12.7 mm, para crioviales"),
        ("28 days", "28 días"),
        ("Download it here: 1 label on Front.", "Descárguelo aquí: 1 etiqueta en Front."),
        ("Made of P 4831 3456 24-51: 3 vials.", "Hecho de P 4831 3456 24-51: 3 viales."),
        ("Testa Technician", "Testa Technician"),
        ("Nobody ever translated this.", "Nobody ever translated this."),
        ("X is not what a pattern of few letters means.", "X is not what a pattern of few letters means."),
        ("", ""),
    ],
)
def test_what_the_rules_say_is_said_with_its_codes_and_words(english, spanish):
    assert translated(english, "es") == spanish


def test_a_word_of_a_template_is_not_said_while_it_is_compiled():
    app = preview_app()
    template = app.jinja_env.from_string("{{ 'Report broken'|said }}")
    with app.test_request_context("/"):
        assert template.render() == "Report broken"
    with app.test_request_context("/", headers={"Accept-Language": "es"}):
        assert template.render() == "Informar que está roto"


def test_two_people_at_one_station_read_each_their_own(app):
    client = app.test_client()
    reader = "0a1b2c3d"
    answer = client.post("/language", data={"language": "es", "reader": reader, "from": "/sign-in"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert client.get_cookie(f"{COOKIE}_{reader}").value == "es"
    assert 'lang="es"' in client.get("/sign-in").text

    cookies = {"Cookie": f"{COOKIE}=es; {COOKIE}_{reader_of('ben')}=en"}
    for name, spoken in (("ana", "es"), ("ben", "en")):
        with app.test_request_context("/", headers=cookies):
            g.visit = Visit(Actor(name, name, frozenset({(Role.CLINIC, "c")})), None, None)
            assert language() == spoken


def test_a_choice_from_elsewhere_or_of_no_language_changes_nothing(app):
    client = app.test_client()
    elsewhere = client.post("/language", data={"language": "es"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403
    odd = client.post("/language", data={"language": "xx", "from": "//evil.example"})
    assert odd.headers["Location"] == "/"
    assert client.get_cookie(COOKIE) is None


def read_from(code: str) -> list[str]:
    return list(phrases._walk(ast.parse(code), True, shown=False))


def test_sentences_labels_and_both_sides_of_a_condition_are_found():
    assert read_from('raise E(f"{printed(item.identifier)} is {a} and {b}.")') == [
        "{identifier} is {a} and {b}."
    ]
    assert read_from("""x = f"{n} {'tube' if n == 1 else 'tubes'} to pack." """) == [
        "{n} tube to pack.",
        "{n} tubes to pack.",
    ]
    assert read_from('def f():\n    """A docstring is no message."""') == []
    assert read_from('x = {"word": "taken", "tone": "right"}') == ["taken"]
    assert read_from('re.compile("Something that. is matched")') == []
