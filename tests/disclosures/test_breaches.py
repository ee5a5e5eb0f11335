"""After a breach: whom it concerns, what of them was seen, and who was told when."""

from datetime import UTC, date, datetime, timedelta

import pytest

from biobank.access.actors import SETTING_UP
from biobank.access.models import Token
from biobank.access.operations import create_token
from biobank.access.queries import PersonUnknown
from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.core.errors import Invalid
from biobank.disclosures.breaches import report_breach, tell_people, whom_it_concerns
from biobank.disclosures.checks import BreachRefused
from biobank.disclosures.choices import BreachAbout, BreachCause, BreachStep
from biobank.disclosures.inputs import NewBreach
from biobank.disclosures.queries import breach_numbered, message_to, people_of
from biobank.disclosures.replay import disclosure_findings
from biobank.identity.choices import Reason
from biobank.identity.inputs import Asked
from biobank.identity.operations import check_identity, enter_identity, record_read
from tests.identity.conftest import CALLS, ENROLLED, IDENTITY, OFFICER, SAID, VISIT
from tests.programme import PARTICIPANT

OTHER = "A200000001"


def breach(about=BreachAbout.ACCOUNT, named="ident.here", *, hours=1, **more):
    now = moments.now()
    told = {
        "from_at": now - timedelta(hours=hours), "until_at": now + timedelta(minutes=1),
        "cause": BreachCause.STOLEN_CREDENTIALS, "found_on": now.date(), "steps": (BreachStep.WATCH_FOR_CALLS,),
    }  # fmt: skip
    return NewBreach(about=about, named=named, **(told | more))


def look(desk, code=PARTICIPANT, fields=frozenset({"phone", "email"}), by=None):
    desk.do(record_read, by or desk.officer, code, CALLS, fields)


def found(told):
    with reading() as work:
        return {
            code: (sorted(each.shown), sorted(each.confirmed), each.looks, each.entries > 0)
            for code, each in whom_it_concerns(work, told).items()
        }


def test_of_an_account_what_was_shown_and_what_was_only_confirmed_are_told_apart(desk):
    desk.programme.add_participant(OTHER)
    with writing() as work:
        other = IDENTITY.__class__(
            **{**IDENTITY.__dict__, "programme_participant": None, "given_name": "Testo"}
        )
        enter_identity(work, desk.second, OTHER, other, ENROLLED)
    look(desk)
    desk.do(check_identity, desk.clinic, OTHER, SAID, VISIT)
    entered = sorted(name.value for name in IDENTITY.texts())
    assert found(breach())[PARTICIPANT] == (entered, [], 2, False)  # who entered them typed it all
    assert OTHER not in found(breach())
    assert found(breach(named="clinic.here")) == {
        OTHER: ([], ["birth_date", "family_name", "given_name"], 1, False)
    }
    assert found(breach(BreachAbout.WINDOW, None)).keys() == {PARTICIPANT, OTHER}
    since = moments.now()
    assert found(breach(from_at=since, until_at=moments.now())) == {}


def test_a_token_counts_while_it_was_valid_and_a_station_by_its_name(desk):
    look(desk)
    with writing() as work:
        before = work.session.query(Token).filter_by(person="ident.here").first().id
        create_token(work, SETTING_UP, username="ident.here", days=1)
        later = work.session.query(Token).filter_by(person="ident.here").order_by(Token.id.desc()).first().id
    assert "phone" in found(breach(BreachAbout.TOKEN, str(before)))[PARTICIPANT][0]
    assert found(breach(BreachAbout.TOKEN, str(later))) == {}
    for about, named in ((BreachAbout.TOKEN, "999"), (BreachAbout.STATION, "clinic-1/none")):
        with pytest.raises(BreachRefused):
            found(breach(about, named))
    with pytest.raises(PersonUnknown):
        found(breach(named="nobody.here"))


def test_who_wrote_about_samples_may_have_seen_codes_and_nobody_is_written_to_for_that(desk):
    desk.programme.collected_kit(definition="urine-1")
    assert found(breach(named="clinic.here")) == {PARTICIPANT: ([], [], 0, True)}
    number = desk.do(report_breach, breach(named="clinic.here"), by=desk.first).id
    assert desk.do(tell_people, number, by=desk.first) == []


def test_each_person_is_told_once_what_was_seen_and_the_report_says_when(desk):
    look(desk)
    number = desk.do(report_breach, breach(), by=desk.first).id
    look(desk, fields=frozenset({"birth_date"}))  # what comes later is another report's
    assert len(desk.do(tell_people, number, by=desk.first)) == 1
    assert desk.do(tell_people, number, by=desk.first) == []
    with reading() as work:
        [person] = people_of(work, breach_numbered(work, number))
        message = message_to(work, person)
        assert list(disclosure_findings(work)) == []
    assert "phone" in person.shown
    assert (message.template, message.participant) == ("breach_told", PARTICIPANT)
    assert message.queued_at is not None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"named": None}, "Name the account"), ({"about": BreachAbout.WINDOW}, "Name the account"),
     ({"until_at": moments.now() - timedelta(days=2)}, "ends before"),
     ({"found_on": moments.now().date() + timedelta(days=2)}, "not come yet"),
     ({"found_on": date(1, 1, 1)}, "year of"), ({"found_on": date(9999, 12, 31)}, "not come yet|year of"),
     ({"from_at": datetime(1, 1, 2, tzinfo=UTC)}, "year of")],
)  # fmt: skip
def test_a_report_that_cannot_be_is_refused(desk, wrong, said):
    with pytest.raises(Invalid, match=said):
        found(breach(**wrong))


def test_reasons_of_the_vault_stay_what_they_were(desk):
    """Somebody who has to be told of a breach is read for that reason, without a disclosure."""
    desk.do(record_read, OFFICER, PARTICIPANT, Asked(reason=Reason.BREACH), frozenset({"phone"}))
