"""A shared station: badge and PIN, the lock, a switch of person in one scan, and forms that outlive a sign-in."""

import re
from datetime import timedelta

import pytest

from biobank.access.actors import SETTING_UP
from biobank.access.badges import give_badge, set_pin
from biobank.access.identifiers import printed_badge
from biobank.access.models import BrowserSession
from biobank.access.operations import add_person, grant_role
from biobank.access.queries import person_named
from biobank.core.database import reading, writing
from biobank.core.moments import now
from biobank.items.models import LoggedScan
from biobank.sites.operations import register_station
from biobank.web.models import KeptForm

PASSWORD = "plainly invented words"
PIN = {"clinic.ana": "482913", "clinic.ben": "573024"}
BENCH = "clinic-1/bench-2"


@pytest.fixture
def badges(app):
    """Two people of the clinic with badge and PIN."""
    with app.app_context(), writing() as work:
        add_person(work, SETTING_UP, username="clinic.ben", printed_name="Testa clinic.ben")
        grant_role(work, SETTING_UP, username="clinic.ben", role="clinic_staff", site="clinic-1")
        for person, pin in PIN.items():
            set_pin(work, person_named(work, person), pin)
        return {person: give_badge(work, SETTING_UP, person) for person in PIN}


@pytest.fixture
def client(app):
    """A browser that is a registered station."""
    with app.app_context(), writing() as work:
        _, token = register_station(work, by="setup", site="clinic-1", name="bench-2")
    client = app.test_client()
    client.set_cookie("biobank_station", token)
    return client


def by_badge(client, badges, person="clinic.ana", next_url="/page"):
    answer = client.post("/badge", data={"text": badges[person], "next": next_url})
    assert answer.headers["Location"] == "/badge/pin", answer.text
    assert f"Testa {person}" in client.get("/badge/pin").text
    answer = client.post("/badge/pin", data={"pin": PIN[person]})
    assert answer.status_code == 303, answer.text
    return answer


def csrf(client):
    return re.search(r'name="csrf_token" value="([0-9a-f]{64})"', client.get("/framed").text)[1]


def change(app, edit, person="clinic.ana"):
    with app.app_context(), writing() as work:
        rows = work.session.query(BrowserSession).filter_by(person=person)
        edit(rows.order_by(BrowserSession.id.desc()).first())


def unused_for(app, **time):
    change(app, lambda session: setattr(session, "last_seen_at", now() - timedelta(**time)))


def stored(app, table):
    with app.app_context(), reading() as work:
        return [dict(vars(row)) for row in work.session.query(table)]


def test_badge_and_pin_sign_in_at_a_station_and_events_carry_it(client, badges):
    assert client.get("/page").headers["Location"] == "/badge?next=/page"
    assert by_badge(client, badges).headers["Location"] == "/page"
    assert client.get("/api/v1/whoami").json == {"person": "clinic.ana", "station": BENCH}


def test_a_wrong_pin_is_told_counted_and_soon_waits(client, badges):
    client.post("/badge", data={"text": badges["clinic.ana"]})
    for _ in range(3):
        answer = client.post("/badge/pin", data={"pin": "111222"})
        assert (answer.status_code, "not the PIN" in answer.text) == (403, True)
    assert client.post("/badge/pin", data={"pin": PIN["clinic.ana"]}).status_code == 429


def test_badges_are_for_stations_and_unknown_ones_for_nobody(app, client, badges):
    elsewhere = app.test_client()
    assert elsewhere.get("/badge").headers["Location"].startswith("/sign-in")
    with app.app_context(), writing() as work:
        lost, _ = badges["clinic.ben"], give_badge(work, SETTING_UP, "clinic.ben")
    answer = client.post("/badge", data={"text": lost})
    assert (answer.status_code, "not known" in answer.text) == (403, True)
    answer = client.post("/badge", data={"text": "T483134562451"})
    assert (answer.status_code, "not the code of a badge" in answer.text) == (409, True)


def test_unused_it_locks_and_the_badge_alone_goes_on_where_one_was(app, client, badges):
    by_badge(client, badges)
    token = csrf(client)
    unused_for(app, minutes=3)
    assert client.get("/page?box=7").headers["Location"] == "/badge?next=/page?box%3D7"
    assert "goes on with the badge alone" in client.get("/badge?next=/page?box=7").text
    answer = client.post("/badge", data={"text": badges["clinic.ana"], "next": "/page?box=7"})
    assert answer.headers["Location"] == "/page?box=7"
    assert client.post("/page", data={"code": "new", "csrf_token": token}).status_code == 303


def test_after_a_quarter_of_an_hour_the_pin_is_asked_for(app, client, badges):
    by_badge(client, badges)
    unused_for(app, minutes=15)
    by_badge(client, badges)


def test_another_badge_in_any_scan_box_switches_and_the_first_comes_back_where_they_were(app, client, badges):
    by_badge(client, badges)
    scan = {"text": badges["clinic.ben"], "from": "/page?of=ana", "csrf_token": csrf(client)}
    assert client.post("/scan", data=scan).headers["Location"] == "/badge/pin"
    assert client.get("/page").headers["Location"].startswith("/badge")
    client.post("/badge/pin", data={"pin": PIN["clinic.ben"]})
    assert client.get("/api/v1/whoami").json == {"person": "clinic.ben", "station": BENCH}
    back = {"text": badges["clinic.ana"], "from": "/page?of=ben", "csrf_token": csrf(client)}
    assert client.post("/page", data=back).headers["Location"] == "/page?of=ana"
    assert client.get("/api/v1/whoami").json == {"person": "clinic.ana", "station": BENCH}
    assert stored(app, LoggedScan) == []


def test_a_page_that_stays_is_told_where_another_badge_leads(client, badges):
    by_badge(client, badges)
    data = {"text": badges["clinic.ben"], "csrf_token": csrf(client)}
    answer = client.post("/scan", data=data, headers={"X-From-Script": "page"})
    assert (answer.status_code, answer.headers["Location"]) == (204, "/badge/pin")


def test_a_page_that_stays_is_told_that_its_sign_in_is_over_and_keeps_its_form_itself(app, client, badges):
    by_badge(client, badges)
    data = {"text": "x", "csrf_token": csrf(client), "idempotency_key": "a-key", "from": "/page?box=7"}
    unused_for(app, minutes=3)
    answer = client.post("/page", data=data, headers={"X-From-Script": "page"})
    assert (answer.status_code, answer.headers["Location"]) == (401, "/badge?next=/page?box%3D7&kept=yes")
    assert stored(app, KeptForm) == []


@pytest.mark.parametrize(
    ("form", "logged"), [("printed", 0), ("damaged", 1), ("joined", 1), ("cut", 1), ("French", 0)]
)
def test_whatever_arrives_of_a_badge_is_never_kept(app, badges, form, logged):
    """Also away from stations, where a whole one is read for what it is and anything else is a scan."""
    client, code = app.test_client(), badges["clinic.ana"]
    azerty = str.maketrans("1234567890", "&é\"'(-è_çà")
    text = {
        "printed": printed_badge(code),
        "damaged": code[:-1] + str((int(code[-1]) + 1) % 10),
        "joined": f"T483134562451{code}",
        "cut": code[:-4],
        "French": code.lower().translate(azerty),
    }[form]
    client.post("/sign-in", data={"name": "clinic.ana", "password": PASSWORD})
    client.post("/scan", data={"text": text, "csrf_token": csrf(client)})
    rows = stored(app, LoggedScan)
    assert len(rows) == logged
    for row in rows:
        assert "a person's badge" in row["text_seen"]
        assert row["read_as"] is None
        assert code[3:12] not in str(row)


def test_a_badge_scanned_behind_what_was_typed_is_not_recorded_with_it(app, client, badges):
    by_badge(client, badges)
    code = badges["clinic.ben"]
    for text in (f"it broke {code}", f"{code}{code}", f"it broke {printed_badge(code)}"):
        form = {"csrf_token": csrf(client), "code": "A100000001", "remark": ["a", text]}
        refused = client.post("/visits", data=form)
        assert (refused.status_code, code in refused.text) == (422, False), refused.text
        assert "a person&#39;s badge" in refused.text


def test_a_password_opens_what_a_badge_does_not(app, client, badges):
    by_badge(client, badges)
    answer = client.get("/account/pin")
    assert (answer.status_code, "Sign in with your password for this" in answer.text) == (403, True)
    client.post("/sign-in", data={"name": "clinic.ana", "password": PASSWORD})
    assert client.get("/account/pin").status_code == 200
    unused_for(app, minutes=3)
    client.post("/badge", data={"text": badges["clinic.ana"]})
    assert client.get("/account/pin").status_code == 403


def test_a_pin_is_chosen_with_the_password_and_kept_by_nobody(app, client, badges):
    client.post("/sign-in", data={"name": "clinic.ana", "password": PASSWORD})
    told = {"pin": "908172", "pin_again": "908172", "password": PASSWORD, "csrf_token": csrf(client)}
    assert client.post("/account/pin", data=told | {"password": "something else"}).status_code == 403
    answer = client.post("/account/pin", data=told | {"pin_again": "908173"})
    assert "not the same" in answer.text
    assert "908172" not in answer.text
    for _ in range(2):
        answer = client.post("/account/pin", data=told | {"idempotency_key": "form-1"})
        assert answer.status_code == 303
        assert "PIN chosen" in client.get("/framed").text
    assert answer.headers["Idempotency-Replayed"] == "true"
    with app.app_context(), reading() as work:
        assert "908172" not in person_named(work, "clinic.ana").pin_hash
    client.post("/sign-out", data={"csrf_token": csrf(client)})
    client.post("/badge", data={"text": badges["clinic.ana"]})
    assert client.post("/badge/pin", data={"pin": "908172"}).headers["Location"] == "/"


def test_the_lock_over_a_page_opens_in_place(app, client, badges):
    by_badge(client, badges)
    token = csrf(client)
    assert (
        client.post("/lock", data={"page": "/page?box=7", "csrf_token": token}).headers["Location"]
        == "/badge"
    )
    assert client.get("/session").status_code == 303
    wrong = client.post("/unlock", data={"text": "T483134562451"})
    assert (wrong.status_code, "not the code of a badge" in wrong.json["sentence"]) == (409, True)
    assert client.post("/unlock", data={"text": badges["clinic.ana"]}).json == {"open": True}
    assert client.get("/session").status_code == 204
    unused_for(app, minutes=20)
    assert client.post("/unlock", data={"text": badges["clinic.ana"]}).json == {"ask": "pin"}
    assert client.post("/unlock", data={"pin": PIN["clinic.ana"]}).json == {"open": True}
    assert client.post("/page", data={"code": "new", "csrf_token": token}).status_code == 303
    client.post("/lock", data={"csrf_token": token})
    assert client.post("/unlock", data={"password": PASSWORD}).json == {"open": True}
    client.post("/lock", data={"csrf_token": token})
    assert client.post("/unlock", data={"text": badges["clinic.ben"]}).json == {"go": "/badge/pin"}


def typed(client, **more):
    return {"code": "new", "csrf_token": csrf(client), "idempotency_key": "form-1", **more}


def offered(client):
    """The form that the page of kept forms would send."""
    page = client.get("/kept-form").text
    form = re.search(r'<form method="post" action="([^"]+)"[^>]*data-send-kept.*?</form>', page, re.DOTALL)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[0]))
    return form[1], fields, page


def test_what_was_typed_when_the_sign_in_ended_is_offered_again_and_sent_once(app, client, badges, sites):
    by_badge(client, badges)
    told = {"hold": "legal", "occurred_at": "2026-01-06T08:00", "outcome-3": "not_drawn"}
    form = typed(client, note="The cap was open.", password="typed words", pin="482913", **told)
    unused_for(app, minutes=16)
    answer = client.post("/page", data={**form, "from": "/page?box=7"})
    assert answer.headers["Location"] == "/badge?next=/page?box%3D7&kept=yes"
    assert sites() == set()
    assert "cap was open" not in str(stored(app, KeptForm))
    client.post("/badge", data={"text": badges["clinic.ana"]})
    assert client.post("/badge/pin", data={"pin": PIN["clinic.ana"]}).headers["Location"] == "/kept-form"
    path, fields, page = offered(client)
    assert "The cap was open." in page
    for label, value in (
        ("Because of", "Legal"),
        ("When it happened", "6 Jan 2026, 08:00"),
        ("Outcome 3", "Not drawn"),
    ):
        assert f"<dt>{label}</dt><dd>{value}</dd>" in page
    assert "typed words" not in page
    assert "482913" not in page
    assert (path, fields["idempotency_key"]) == ("/page", "form-1")
    for _ in range(2):
        assert client.post(path, data=fields).headers["Location"] == "/page?new"
    assert sites() == {"new"}
    assert stored(app, KeptForm) == []


def test_a_form_that_was_recorded_before_the_sign_in_ended_is_not_recorded_twice(app, client, badges, sites):
    """Its answer was lost with the network."""
    by_badge(client, badges)
    form = typed(client)
    assert client.post("/page", data=form).status_code == 303
    unused_for(app, minutes=3)
    client.post("/page", data=form)
    client.post("/badge", data={"text": badges["clinic.ana"]})
    path, fields, _ = offered(client)
    answer = client.post(path, data=fields)
    assert answer.headers["Idempotency-Replayed"] == "true"


def test_a_kept_form_is_for_its_person_alone_and_not_for_long(app, client, badges, sites):
    by_badge(client, badges)
    form = typed(client)
    by_badge(client, badges, "clinic.ben")
    answer = client.post("/page", data=form)
    assert (answer.status_code, "opened by somebody else" in answer.text) == (409, True)
    assert "Nothing is kept for you" in client.get("/kept-form").text
    client.post("/badge", data={"text": badges["clinic.ana"]})
    assert offered(client)[0] == "/page"
    assert client.post("/kept-form/999/discard", data={"csrf_token": csrf(client)}).status_code == 303
    with app.app_context(), writing() as work:
        work.session.query(KeptForm).one().kept_until = now()
    assert "Nothing is kept for you" in client.get("/kept-form").text
    assert sites() == set()


def test_a_form_of_nobody_we_know_is_not_kept(app, client, badges):
    form = {"code": "new", "csrf_token": "0" * 64, "idempotency_key": "form-1"}
    assert client.post("/page", data=form).headers["Location"] == "/badge?next=/&kept=no"
    assert stored(app, KeptForm) == []


def test_a_form_sent_again_with_something_else_says_what_is_recorded(client, badges, sites):
    by_badge(client, badges)
    form = typed(client)
    client.post("/page", data=form)
    answer = client.post("/page", data=form | {"code": "newer"})
    assert (answer.status_code, "was sent before" in answer.text) == (409, True)
    assert 'href="/page?new"' in answer.text
    assert sites() == {"new"}
