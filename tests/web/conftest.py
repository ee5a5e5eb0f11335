"""An application with people in it, and small views that show one thing each."""

from functools import cache

import pytest
from flask import Blueprint, jsonify, render_template, request

from biobank.access import operations
from biobank.access.accounts import hashed
from biobank.access.actors import SETTING_UP
from biobank.access.permissions import Permission
from biobank.core.database import writing
from biobank.core.errors import Conflict
from biobank.core.moments import now
from biobank.sites.models import Site
from biobank.sites.operations import add_site
from biobank.web.permission import public, reads, writes
from tests.conftest import put_together_on

PASSWORD = "plainly invented words"


@cache
def hashed_once():
    return hashed(PASSWORD)


class StepRefused(Conflict):
    title = "Not now"


def trial_views():
    views = Blueprint("trial", __name__)

    @views.get("/api/v1/whoami")
    @reads(Permission.SEE_ITEMS)
    def whoami(*, work, by):
        return jsonify(person=by.person, station=by.station)

    @views.post("/api/v1/sites")
    @writes(Permission.RECORD_STEPS)
    def add(*, work, by):
        told = request.get_json()
        add_site(work, by=by.person, name="N", kind="clinic", zone="UTC", **told)
        return jsonify(added=told["code"]), 201

    @views.post("/api/v1/refused")
    @writes(Permission.RECORD_STEPS)
    def refused(*, work, by):
        add_site(work, by=by.person, code="left-over", name="N", kind="clinic", zone="UTC")
        raise StepRefused(
            "This tube is stored; store it again elsewhere.", allowed_actions={"move", "check_out"}
        )

    @views.post("/api/v1/answered-400")
    @writes(Permission.RECORD_STEPS)
    def answered(*, work, by):
        add_site(work, by=by.person, code="left-over", name="N", kind="clinic", zone="UTC")
        return jsonify(problem="x"), 400

    @views.get("/api/v1/writes-while-reading")
    @reads(Permission.SEE_ITEMS)
    def writes_while_reading(*, work, by):
        add_site(work, by=by.person, code="left-over", name="N", kind="clinic", zone="UTC")
        return ""

    @views.post("/api/v1/unchecked")
    @writes(Permission.RECORD_STEPS)
    def unchecked(*, work, by):
        told = {"code": "new", "name": "N", **request.get_json()}
        work.session.add(Site(**told, kind="clinic", zone="UTC", created_at=now(), created_by=by.person))
        return "", 201

    @views.get("/api/v1/broken")
    @public("a trial")
    def broken():
        raise RuntimeError("secret-of-the-house")

    @views.get("/broken")
    @public("a trial")
    def broken_page():
        raise RuntimeError("secret-of-the-house")

    @views.get("/page")
    @reads(Permission.SEE_ITEMS)
    def page(*, work, by):
        return by.printed_name

    @views.get("/framed")
    @reads(Permission.SEE_ITEMS)
    def framed(*, work, by):
        return render_template("errors/problem.html", title="Trial", sentence="Trial.")

    @views.post("/page")
    @writes(Permission.RECORD_STEPS)
    def step(*, work, by):
        add_site(work, by=by.person, code=request.form["code"], name="N", kind="clinic", zone="UTC")
        return "", 303, {"Location": f"/page?{request.form['code']}"}

    return views


@pytest.fixture(scope="session")
def put_together(sqlite_template, tmp_path_factory):
    """One with routes that no other has."""
    return put_together_on(sqlite_template, tmp_path_factory, trial_views())


@pytest.fixture
def app(app):
    with app.app_context(), writing() as work:
        add_site(work, by="setup", code="clinic-1", name="Clinic One", kind="clinic", zone="America/Chicago")
        for username, role, site in (
            ("clinic.ana", "clinic_staff", "clinic-1"),
            ("audit.eve", "auditor", None),
        ):
            person = operations.add_person(
                work, SETTING_UP, username=username, printed_name=f"Testa {username}"
            )
            person.password_hash = hashed_once() if username == "clinic.ana" else None
            operations.grant_role(work, SETTING_UP, username=username, role=role, site=site)
    return app


@pytest.fixture
def bearer(app):
    """Headers with a new token of somebody."""

    def bearer(username="clinic.ana", **limits):
        with app.app_context(), writing() as work:
            _, text = operations.create_token(work, SETTING_UP, username=username, **{"days": 1, **limits})
        return {"Authorization": f"Bearer {text}"}

    return bearer


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def sites(app):
    """Codes of the sites that are there now: what the trial views add."""
    from biobank.core.database import reading
    from biobank.sites.queries import sites

    def now_there():
        with app.app_context(), reading() as work:
            return {site.code for site in sites(work)} - {"clinic-1"}

    return now_there
