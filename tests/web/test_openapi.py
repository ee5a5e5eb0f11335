"""The description of the API: valid, whole, and true."""

import re

import pytest

from biobank.access.permissions import Permission
from biobank.app import create_app
from biobank.web.openapi import description, operations_of
from tests.conftest import settings_of

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """No database is asked: the description is the same on each."""
    folder = tmp_path_factory.mktemp("described")
    return create_app(settings_of(f"sqlite:///{folder / 'empty.db'}", folder))


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/api/v1/openapi.json").json


def routes(app):
    return {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/") and not rule.endpoint.startswith("description.")
    }


def test_it_is_made_once_and_not_before_somebody_asks(tmp_path):
    app = create_app(settings_of(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path))
    assert "flask-smorest" not in app.extensions
    with app.app_context():
        first = description()
        assert "flask-smorest" in app.extensions
        assert description() is first


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for below in value.values():
            yield from references(below)
    elif isinstance(value, list):
        for below in value:
            yield from references(below)


def test_every_route_is_described_and_nothing_else(app, document):
    described = {(path, method) for path, method, _ in operations_of(document)}
    assert described == routes(app)


def test_it_is_openapi_3_1_and_every_reference_leads_somewhere(document):
    assert document["openapi"].startswith("3.1.")
    assert {"title", "version"} <= document["info"].keys()
    for reference in references(document):
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def test_every_operation_says_what_it_needs_takes_and_answers(document):
    for path, method, operation in operations_of(document):
        assert method in METHODS
        assert operation["x-permission"] in set(Permission), path
        assert operation["summary"].endswith("."), path
        named = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
        item = {each["name"] for each in document["paths"][path].get("parameters", [])}
        assert named | item == set(re.findall(r"{(\w+)}", path)), path
        success = [status for status in operation["responses"] if status.startswith("2")]
        assert success, path
        for status in success:
            assert operation["responses"][status]["content"], path
        if method == "post":
            assert operation["requestBody"]["content"]["application/json"]["schema"], path


def test_operation_parameters_are_unique_and_schemas_have_no_twins(document):
    for path, _, operation in operations_of(document):
        named = [(each["in"], each["name"]) for each in operation.get("parameters", [])]
        assert len(named) == len(set(named)), path
    assert not [name for name in document["components"]["schemas"] if name[-1].isdigit()]


def test_refusals_are_problems(app, document):
    answer = app.test_client().get("/api/v1/items/T483134562451")
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.json.keys() >= {"title", "detail", "status"}
    default = document["components"]["responses"]["DEFAULT_ERROR"]["content"]
    assert list(default) == ["application/problem+json"]
    lost = app.test_client().get("/api/v1/nowhere")
    assert (lost.status_code, lost.content_type) == (404, "application/problem+json")


def test_people_read_it_without_scripts_from_elsewhere(app, document):
    page = app.test_client().get("/api/v1/docs")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert not re.search(r'(?:src|href)="https?://', text)
    for path, method, _ in operations_of(document):
        assert f"{method.upper()} {path}" in text
    for name in document["components"]["schemas"]:
        assert f'id="{name}"' in text


def test_a_scan_is_described_as_it_is_taken(document):
    shape = document["components"]["schemas"]["ScanShape"]
    assert set(shape["required"]) == {"item", "action", "occurred_at"}
    assert shape["additionalProperties"] is False
    assert "null" in shape["properties"]["occurred_at"]["type"]
