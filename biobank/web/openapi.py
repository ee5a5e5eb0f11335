"""The HTTP API: blueprints that read JSON once, its description as OpenAPI 3.1, and a page made from that."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, wraps
from typing import Any

import flask
import flask_smorest
import orjson
from flask import Flask, Response, current_app, render_template, request
from flask.json.provider import JSONProvider
from marshmallow import Schema, fields

from biobank import __version__
from biobank.web.permission import DECLARED, public
from biobank.web.plain_texts import json_is_readable
from biobank.web.shapes import body_of, loaded

PREFIX = "/api/v1"
EXTENSION = "biobank.api"
PROBLEM = "application/problem+json"
HOLE = re.compile(r"<(?:\w+:)?(\w+)>")
"""In an address: `<identifier>`, `<int:number>`."""

View = Callable[..., Any]


class Orjson(JSONProvider):
    """What Flask and its templates write as JSON."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)

    def response(self, *arguments: Any, **named: Any) -> Response:
        document = self._prepare_response_obj(arguments, named)
        return Response(orjson.dumps(document), mimetype="application/json")


class Problem(Schema):
    """RFC 9457: every refusal, in one sentence a person can act on."""

    title = fields.String(required=True)
    detail = fields.String(required=True, metadata={"description": "What, where, what to do."})
    status = fields.Integer(required=True)
    type = fields.String()
    error = fields.String(metadata={"description": "Name of the refusal; stays."})
    field = fields.String(allow_none=True, metadata={"description": "The field that it is about."})
    errors = fields.Raw(metadata={"description": "Messages by field."})
    allowed_actions = fields.List(fields.String(), metadata={"description": "Steps possible now."})
    confirmable = fields.Boolean(metadata={"description": "Send it again with `confirmation`, the reason."})


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest is untyped
    """Like flask-smorest's, but a JSON body is read by orjson and one schema object, past webargs."""

    def arguments(self, schema: Any, *, location: str = "json", **named: Any) -> Callable[[View], View]:
        instance = schema() if isinstance(schema, type) else schema
        documented = super().arguments(instance, location=location, **named)
        if location != "json":
            return documented  # type: ignore[no-any-return]  # flask-smorest is untyped

        def declare(view: View) -> View:
            @wraps(view)
            def with_body(*given: Any, **keywords: Any) -> Any:
                document = body_of(request)
                if not instance.each_by_itself:
                    json_is_readable(document, request.get_data())
                return view(loaded(instance, document), *given, **keywords)

            with_body.__dict__["_apidoc"] = documented(view).__dict__["_apidoc"]
            return with_body

        return declare

    def sends(self, content_type: str, description: str) -> Callable[[View], View]:
        """The view answers with a file: a `Response` of its own."""
        file = {"type": "string", "format": "binary"}
        return self.response(200, file, content_type=content_type, description=description)  # type: ignore[no-any-return]  # flask-smorest is untyped


class Api(flask_smorest.Api):  # type: ignore[misc]  # flask-smorest is untyped
    """Describes; errors are answered by `web.errors`, the description is served by the views below."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        pass

    def _register_doc_blueprint(self) -> None:
        pass


SECURITY = {"token": {"type": "http", "scheme": "bearer"}}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "Same key and same request: the same answer again. Same key and another request: 422.",
}


def install_api(app: Flask, blueprints: Sequence[Blueprint]) -> None:
    """Register the features' blueprints under `/api/v1`, and the views of their description."""
    app.json = Orjson(app)
    for blueprint in blueprints:
        app.register_blueprint(blueprint, url_prefix=PREFIX + (blueprint.url_prefix or ""))
    app.extensions[EXTENSION] = cache(lambda: _described(app, blueprints))
    app.register_blueprint(_description())


def description() -> dict[str, Any]:
    """The OpenAPI document of this application, made when it is first asked for.

    Making it takes longer than all else that starting does, and most workers are never asked.
    """
    document: dict[str, Any] = current_app.extensions[EXTENSION]()
    return document


def _described(app: Flask, blueprints: Sequence[Blueprint]) -> dict[str, Any]:
    api = Api(
        app,
        spec_kwargs={
            "title": "Biobank custody",
            "version": __version__,
            "openapi_version": "3.1.0",
            "components": {"securitySchemes": SECURITY},
            "security": [{"token": []}],
        },
    )
    for blueprint in blueprints:
        blueprint.register_views_in_doc(api, app, api.spec, name=blueprint.name, parameters=None)
        api.spec.tag({"name": blueprint.name, "description": blueprint.description})
    return _finished(app, api.spec.to_dict())


def operations_of(document: dict[str, Any]) -> Iterable[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation, in the order of the document."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method, operation


def _finished(app: Flask, document: dict[str, Any]) -> dict[str, Any]:
    """Add what every operation shares: the permission it needs, the idempotency key, problems as such."""
    declared = _permissions(app)
    for path, method, operation in operations_of(document):
        permission = declared.get((path, method))
        if permission:
            operation["x-permission"] = str(permission)
        if method == "post":
            operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    for answer in document["components"].get("responses", {}).values():
        content = answer.get("content", {})
        if "application/json" in content:
            answer["content"] = {PROBLEM: content["application/json"]}
    return document


def _permissions(app: Flask) -> dict[tuple[str, str], object]:
    return {
        (HOLE.sub(r"{\1}", rule.rule), method.lower()): getattr(
            app.view_functions[rule.endpoint], DECLARED, None
        )
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }


def _description() -> flask.Blueprint:
    """The document and its page; programs and people read them before they have a token."""
    blueprint = flask.Blueprint("description", __name__, url_prefix=PREFIX)

    @blueprint.get("/openapi.json")
    @public("a program reads what there is before it has a token; it names no sample and no person")
    def openapi() -> Response:
        return Response(orjson.dumps(description()), mimetype="application/json")

    @blueprint.get("/docs")
    @public("a person reads what there is before they have a token; it names no sample and no person")
    def docs() -> str:
        document = description()
        return render_template(
            "api/docs.html", document=document, operations=list(operations_of(document)), named=_named
        )

    return blueprint


def _named(schema: dict[str, Any]) -> str:
    """How a page calls a schema: its name, or its type."""
    reference = schema.get("$ref", "")
    if reference:
        return str(reference.rpartition("/")[2])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_named(schema.get('items', {}))}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
