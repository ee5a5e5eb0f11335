"""What was promised about messages and contact, with a mail server that takes them."""

from datetime import timedelta

from biobank.core import moments
from biobank.identity.queries import accesses_of
from biobank.messages.mail import message_id
from biobank.messages.models import Message
from tests.identity.conftest import IDENTITY
from tests.programme import PARTICIPANT
from tests.withdrawals.test_api import decision


def decide(outbox, **told):
    answer = outbox.programme.post("compliance", "/withdrawals", decision(**told))
    assert answer.status == 201, answer.json
    return answer.json


def reverse(outbox):
    outbox.programme.let_sign("comp.here", "lead.here")
    url = f"/participants/{PARTICIPANT}/reversal"
    shown = outbox.programme.get("compliance", url).json
    signers = {
        name: {"username": username, "password": "plainly invented words"}
        for name, username in (("first", "comp.here"), ("second", "lead.here"))
    }
    told = {
        "requested_by": PARTICIPANT,
        "capacity": "participant",
        "channel": "phone",
        "decided_at": moments.to_text(moments.now()),
        "sha256": shown["sha256"],
        **signers,
    }
    answer = outbox.programme.post("compliance", url, told)
    assert answer.status == 201, answer.json


def messages(outbox):
    with outbox.look() as work:
        return [(each.id, each.state) for each in work.session.query(Message).order_by(Message.id)]


def test_p10_name_and_contact_stay_and_who_left_is_still_written_to(outbox):
    """In both cases, we will keep your name and contact information."""
    decide(outbox, information="remove", samples="destroy")
    assert outbox.send() == ["sent"]
    [letter] = outbox.office.arrived
    assert letter["to"] == IDENTITY.email
    assert "Guardamos su nombre y sus datos de contacto" in letter.get_content()
    with outbox.look() as work:
        look = accesses_of(work, PARTICIPANT)[0]
        assert (look.kind, look.by, look.document) == ("address", "service", "message:1")
    # Of people compliance alone reads it now, with a reason.
    asked = {"reason": "decision", "document": "M-1"}
    url = f"/identity/{PARTICIPANT}/reads"
    assert outbox.programme.post("identity_officer", url, asked).status == 403
    read = outbox.programme.post("compliance", url, asked)
    assert (read.status, read.json["email"]) == (200, IDENTITY.email)


def test_p11_one_message_confirms_each_decision_and_arrives(outbox):
    """You will receive a message that confirms your decision."""
    decide(outbox, information="keep", samples="undecided")
    decide(outbox, information="keep", samples="destroy")
    reverse(outbox)
    outbox.office.answers = ["450 not now"]
    assert outbox.send() == ["again", "sent", "sent"]
    outbox.later(minutes=6)
    assert outbox.send() == ["sent"]
    assert messages(outbox) == [(1, "sent"), (2, "sent"), (3, "sent")]
    subjects = {letter["message-id"]: letter["subject"] for letter in outbox.office.arrived}
    assert subjects == {
        message_id(outbox.settings, 1): "Hemos anotado su decisión",
        message_id(outbox.settings, 2): "Hemos anotado su decisión",
        message_id(outbox.settings, 3): "Hemos anulado su decisión",
    }
    assert len(outbox.office.arrived) == 3


def test_p11_nothing_is_mailed_to_the_dead_it_goes_to_who_asked(outbox):
    """You will receive a message that confirms your decision."""
    decide(outbox)
    told = {
        "requested_by": "kin-1",
        "capacity": "next_of_kin",
        "channel": "phone",
        "decided_at": moments.to_text(moments.now() - timedelta(minutes=1)),
    }
    answer = outbox.programme.post("compliance", f"/participants/{PARTICIPANT}/deaths", told)
    assert answer.status == 201, answer.json
    assert outbox.send() == []
    assert outbox.office.arrived == []
    [(number, state)] = messages(outbox)
    message = outbox.message(number)
    assert (state, message.addressee, message.by_post) == ("queued", "kin-1", "another")
    handed = outbox.programme.post("compliance", f"/messages/{number}/hand-overs", {"how": "in_person"})
    assert handed.json["state"] == "handed_over"
