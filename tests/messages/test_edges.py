"""The outbox desk, its API and its commands: what people and programs see of messages, and what they do."""

import json
import re
from io import BytesIO

from click.testing import CliRunner
from pypdf import PdfReader

from biobank.access.actors import SETTING_UP
from biobank.access.operations import create_token
from biobank.commands import main
from biobank.core import moments
from biobank.core.database import writing
from biobank.identity.queries import accesses_of
from biobank.messages.models import Message
from tests.identity.conftest import IDENTITY
from tests.pages.conftest import Seat
from tests.programme import PARTICIPANT
from tests.withdrawals.test_api import decision

TELLING = ("given_name", "family_name", "email", "phone", "postal_address")
TOLD = [text for name, text in IDENTITY.texts().items() if name in TELLING]


def decided(outbox, **told):
    answer = outbox.programme.post("compliance", "/withdrawals", decision(**told))
    assert answer.status == 201, answer.json
    with outbox.look() as work:
        return work.session.query(Message).order_by(Message.id.desc()).first().id


def printed(desk, number):
    """The letter, as the browser gets it: its text, and the answer."""
    token = re.search(r'name="csrf_token" value="(\w*)"', desk.client.get("/").text)[1]
    answer = desk.client.post(f"/messages/{number}/letter", data={"csrf_token": token})
    assert (answer.status_code, answer.content_type) == (200, "application/pdf"), answer.text
    return " ".join(PdfReader(BytesIO(answer.data)).pages[0].extract_text().split()), answer


def today():
    return moments.now().date().isoformat()


def test_a_refused_message_is_found_printed_and_handed_over_at_the_desk(outbox, office):
    number = decided(outbox)
    office.answers = ["550 no"]
    assert outbox.send() == ["failed"]
    desk, url = Seat(outbox.programme, "comp.here"), f"/messages/{number}"
    assert "Messages that failed" in desk.get("/").text
    page = desk.get("/messages").text
    assert f"M-{number}" in page
    assert "The mail server refused the participant&#39;s address." in page
    one = desk.get(url).text
    assert "550" in one
    assert not any(told in page + one for told in TOLD)
    letter, answer = printed(desk, number)
    assert answer.headers["Cache-Control"] == "no-store"
    for text in (
        "Testa María Participant-Ñandú",
        "417 Invented Lane",
        "Nowhere, TX 00000",
        f"M-{number}",
        "destruiremos",
    ):
        assert text in letter
    assert PARTICIPANT not in letter
    with outbox.look() as work:
        look = accesses_of(work, PARTICIPANT)[0]
        assert (look.kind, look.by, look.document) == ("address", "comp.here", f"message:{number}")
    too_early = desk.post(f"{url}/hand-over", how="post", on="2020-01-01", handed_by="comp.here")
    assert "check the day" in too_early.problems
    stranger = desk.post(f"{url}/hand-over", how="post", on=today(), handed_by="nobody")
    assert "Nobody of that user name" in stranger.problems
    done = desk.sent(f"{url}/hand-over", how="post", on=today(), handed_by="lead.here").text
    assert "letter-form" not in done
    message = outbox.message(number)
    assert (message.state, message.handed_over_by, message.handed_over_how) == (
        "handed_over",
        "lead.here",
        "post",
    )
    assert outbox.findings() == []
    assert outbox.send() == []
    assert office.arrived == []


def test_who_asked_for_another_gets_a_letter_without_an_address(outbox):
    number = decided(outbox, requested_by="kin-1", capacity="next_of_kin", evidence="paper 9", samples="keep")
    outbox.programme.post(
        "compliance",
        f"/participants/{PARTICIPANT}/deaths",
        {
            "requested_by": "kin-1",
            "capacity": "next_of_kin",
            "channel": "phone",
            "decided_at": moments.to_text(moments.now()),
        },
    )
    assert outbox.send() == []
    assert outbox.message(number).by_post == "another"
    desk = Seat(outbox.programme, "comp.here")
    assert "Messages to hand over on paper" in desk.get("/").text
    letter, _ = printed(desk, number)
    assert "another person, for whom you ask" in letter
    assert not any(told.splitlines()[0] in letter for told in TOLD)
    with outbox.look() as work:
        assert {look.kind for look in accesses_of(work, PARTICIPANT)} == {"enter", "own_name"}


def test_a_reference_that_is_read_out_leads_to_what_was_said(outbox):
    number = decided(outbox)
    outbox.send()
    desk = Seat(outbox.programme, "comp.here")
    assert desk.get(f"/messages?reference=m-{number}").leads_to == f"/messages/{number}"
    assert "Guardamos su nombre y sus datos de contacto" in desk.get(f"/messages/{number}").text
    assert desk.get("/messages?reference=M-999").status == 404
    auditor = Seat(outbox.programme, "audit.here")
    assert "letter-form" not in auditor.get(f"/messages/{number}").text
    assert Seat(outbox.programme, "clinic.here").get("/messages").status == 403


def test_programs_see_codes_send_again_and_hand_over(outbox, office):
    number = decided(outbox)
    office.answers = ["550 <{address}> no"]
    outbox.send()
    programme, url = outbox.programme, f"/messages/{number}"
    listed = programme.get("auditor", "/messages?show=failed").json["messages"]
    assert [(each["message"], each["trouble"]) for each in listed] == [(number, "recipient")]
    one = programme.get("auditor", url)
    assert [(each["outcome"], each["code"]) for each in one.json["attempts"]] == [("failed", 550)]
    assert not any(told.encode() in one.data for told in TOLD)
    assert programme.get("compliance elsewhere", url).status == 404
    assert programme.post("compliance", f"{url}/retries", {}).json["state"] == "queued"
    told = programme.post("compliance", f"{url}/hand-overs", {"how": "in_person", "on": today()})
    assert (told.status, told.json["state"], told.json["handed_over_by"]) == (201, "handed_over", "comp.here")
    again = programme.post("compliance", f"{url}/hand-overs", {"how": "in_person"})
    assert (again.status, again.json["title"]) == (409, "Message is not waiting")


def test_whoever_watches_hears_of_what_failed_or_is_late(outbox, office):
    number = decided(outbox)
    command = watching(outbox)
    assert command("list").exit_code == 0
    outbox.later(hours=73)
    late = command("list", "--json")
    assert late.exit_code == 1
    document = json.loads(late.output)
    assert (document["late"], document["messages"][0]["message"]) == (1, number)
    office.answers = ["550 no"]
    assert command("send").exit_code == 1
    assert "The mail server refused the participant's address." in command("list").output
    outbox.programme.post("compliance", f"/messages/{number}/retries", {})
    sent = command("send")
    assert (sent.exit_code, sent.output.strip()) == (0, "sent 1")
    assert command("list").exit_code == 0
    assert not any(told in command("list", "--show", "sent").output for told in TOLD)


def watching(outbox):
    with outbox.app.app_context(), writing() as work:
        token = create_token(work, SETTING_UP, username="comp.here", days=30)[1]

    def command(*told):
        return CliRunner().invoke(
            main,
            ["messages", *told, "--as", "comp.here"],
            obj=lambda: outbox.app,
            env={"BIOBANK_TOKEN": token},
        )

    return command
