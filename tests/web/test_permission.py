"""Who may ask what, and that one transaction holds all of an answer or none."""

import pytest
from flask import Flask
from flask.views import MethodView

from biobank.access.permissions import Permission
from biobank.web.permission import UndeclaredRoute, assert_every_route_declares, declared_by, public, reads


def test_every_route_of_the_product_declares(app):
    assert_every_route_declares(app)
    assert declared_by(app, "access.sign_out", "POST") is Permission.USE_ACCOUNT


def test_a_route_without_a_permission_stops_the_start():
    bare = Flask(__name__)
    public("style")(bare.view_functions["static"])
    bare.add_url_rule("/open-door", view_func=lambda: "")
    with pytest.raises(UndeclaredRoute, match="GET /open-door"):
        assert_every_route_declares(bare)


def test_each_method_of_a_view_class_declares_for_itself():
    class Thing(MethodView):
        @public("a trial")
        def get(self): ...

        def post(self): ...

    bare = Flask(__name__)
    public("style")(bare.view_functions["static"])
    bare.add_url_rule("/thing", view_func=Thing.as_view("thing"))
    with pytest.raises(UndeclaredRoute, match=r"declare no permission: POST /thing\."):
        assert_every_route_declares(bare)


def test_declaring_survives_further_decorators():
    from flask_smorest import Blueprint as ApiBlueprint

    blueprint = ApiBlueprint("x", __name__)
    view = blueprint.response(200)(reads(Permission.SEE_ITEMS)(lambda: ""))
    assert view.declared_permission is Permission.SEE_ITEMS


def test_a_token_with_the_permission_is_answered(client, bearer):
    assert client.get("/api/v1/whoami", headers=bearer()).json["person"] == "clinic.ana"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer biobank_unknown"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer "},
    ],
)
def test_without_a_token_that_counts_nobody_is_answered(client, headers):
    answer = client.get("/api/v1/whoami", headers=headers)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json["detail"]


def test_a_role_without_the_permission_is_refused_by_name(client, bearer, sites):
    answer = client.post("/api/v1/sites", json={"code": "new"}, headers=bearer("audit.eve"))
    assert answer.status_code == 403
    assert answer.json["permission"] == "custody.record"
    assert answer.json["detail"] == (
        "audit.eve may not record what is done with a tube; ask somebody who may: biobank lead, biobank "
        "technician, clinic staff, compliance."
    )
    assert sites() == set()


def test_a_token_whose_scope_lacks_it_is_refused(client, bearer):
    headers = bearer(scopes=frozenset({"items.see"}))
    assert client.get("/api/v1/whoami", headers=headers).status_code == 200
    refused = client.post("/api/v1/sites", json={"code": "new"}, headers=headers)
    assert refused.status_code == 403
    assert refused.json["detail"] == (
        "This token of clinic.ana may not record what is done with a tube; ask an administrator for one that "
        "may."
    )


def test_who_may_not_is_told_so_before_what_they_sent_is_looked_at(client, bearer):
    headers = {**bearer("audit.eve"), "Content-Type": "application/json"}
    assert client.post("/api/v1/sites", data="{half", headers=headers).status_code == 403


def test_what_succeeds_is_kept(client, bearer, sites):
    assert client.post("/api/v1/sites", json={"code": "new"}, headers=bearer()).status_code == 201
    assert sites() == {"new"}


@pytest.mark.parametrize("path", ["/api/v1/refused", "/api/v1/answered-400"])
def test_what_is_refused_keeps_nothing(client, bearer, sites, path):
    assert client.post(path, headers=bearer()).status_code in (400, 409)
    assert sites() == set()


def test_a_reading_view_cannot_write(client, bearer, sites):
    assert client.get("/api/v1/writes-while-reading", headers=bearer()).status_code >= 500
    assert sites() == set()


def test_a_token_is_looked_up_in_one_statement_of_the_views_own_transaction(app, client, bearer):
    from sqlalchemy import event

    from biobank.core.database import db

    headers = bearer()
    begun = []
    with app.app_context():
        event.listen(db.engine, "begin", lambda _connection: begun.append(1))
    client.get("/api/v1/whoami", headers=headers)
    assert len(begun) == 1
