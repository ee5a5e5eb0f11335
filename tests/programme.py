"""A small programme that tests of the edges share: sites, a person for each role here and elsewhere, their tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask

from biobank.access import operations as access
from biobank.access.actors import SETTING_UP, Actor
from biobank.access.permissions import MAY_HOLD_ALL_SITES, Role
from biobank.access.queries import actor_named, person_named
from biobank.core.database import reading, writing
from biobank.custody.steps import Source
from biobank.kits.operations import make_kits
from biobank.participants.operations import record_consent, register_participant
from biobank.sites.operations import add_site

SITES = {"clinic-1": "clinic", "clinic-2": "clinic", "biobank-1": "biobank", "biobank-2": "biobank"}
PASSWORD = "plainly invented words"
PARTICIPANT = "A100000001"


def just_now() -> str:
    """As a bench in Chicago would say it in winter."""
    return datetime.now(timezone(timedelta(hours=-6))).isoformat()


@dataclass
class Answered:
    """One answer, read."""

    status: int
    json: Any
    headers: Mapping[str, str]
    data: bytes


@dataclass
class Programme:
    app: Flask
    tokens: dict[str, str] = field(default_factory=dict)

    def ask(self, who: str | None, method: str, path: str, json: Any = None, **headers: str) -> Answered:
        """`who` is a role (`clinic_staff`), a role elsewhere (`clinic_staff elsewhere`) or None for nobody."""
        if who is not None:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.app.test_client().open("/api/v1" + path, method=method, json=json, headers=named)
        return Answered(answer.status_code, answer.get_json(silent=True), answer.headers, answer.data)

    def get(self, who: str | None, path: str, **headers: str) -> Answered:
        return self.ask(who, "GET", path, **headers)

    def post(self, who: str | None, path: str, json: Any, **headers: str) -> Answered:
        return self.ask(who, "POST", path, json, **headers)

    def scan(self, who: str, item: str, action: str, **told: Any) -> Answered:
        """A scan that has to be taken or was."""
        return self.post(
            who, "/custody/events", {"item": item, "action": action, "occurred_at": just_now(), **told}
        )

    def taken(self, who: str, item: str, action: str, **told: Any) -> Any:
        answer = self.scan(who, item, action, **told)
        assert answer.status in (200, 201), answer.json
        return answer.json

    def kit(self, definition: str = "adult-3.2", site: str = "biobank-1") -> tuple[str, list[str]]:
        """A new kit and its tubes in draw order."""
        from biobank.items.queries import tubes_of_kit

        with self.app.app_context(), writing() as work:
            lead = actor_named(work, "lead.here")
            kit = make_kits(work, definition, 1, by=lead, site=site, source=Source("command"))[0]
            return kit.identifier, [tube.identifier for tube in tubes_of_kit(work, kit.id)]

    def issued_kit(self, **named: str) -> tuple[str, list[str]]:
        """A kit at clinic-1."""
        kit, tubes = self.kit(**named)
        self.taken("biobank_lead", kit, "issue", details={"site": "clinic-1"})
        return kit, tubes

    def assigned_kit(self, participant: str = PARTICIPANT, **named: str) -> tuple[str, list[str]]:
        """A kit at clinic-1, assigned to `participant`."""
        kit, tubes = self.issued_kit(**named)
        self.taken("clinic_staff", kit, "assign", details={"participant": participant})
        return kit, tubes

    def let_sign(self, *usernames: str) -> None:
        """Give people the password that they sign with."""
        with self.app.app_context(), writing() as work:
            for username in usernames:
                access.set_password(person_named(work, username), PASSWORD)

    def collected_kit(self, **named: str) -> tuple[str, list[str]]:
        """An assigned kit with every tube collected."""
        kit, tubes = self.assigned_kit(**named)
        scans = [
            {"item": tube, "action": "collect", "occurred_at": just_now(), "details": {"fill": "full"}}
            for tube in tubes
        ]
        answer = self.post("clinic_staff", "/custody/batches", {"scans": scans})
        assert answer.json["refused"] == 0, answer.json
        return kit, tubes

    def actor(self, username: str) -> Actor:
        with self.app.app_context(), reading() as work:
            return actor_named(work, username)

    def add_participant(self, code: str, site: str = "clinic-1") -> str:
        with self.app.app_context(), writing() as work:
            register_participant(
                work, SETTING_UP, code=code, pattern=work.settings.participant_code_pattern, site=site
            )
            record_consent(
                work, SETTING_UP, participant=code, form_version="2026-1", language="en",
                scopes=("blood", "urine", "dna"), effective_at=datetime(2026, 1, 5, tzinfo=UTC), source="form F1",
            )  # fmt: skip
        return code


SHORT = {
    Role.CLINIC: "clinic",
    Role.TECHNICIAN: "tech",
    Role.LEAD: "lead",
    Role.COMPLIANCE: "comp",
    Role.IDENTITY: "ident",
    Role.AUDITOR: "audit",
    Role.ADMINISTRATOR: "admin",
    Role.COMMITTEE: "committee",
}


def set_up(app: Flask) -> Programme:
    programme = Programme(app)
    with app.app_context(), writing() as work:
        for code, kind in SITES.items():
            add_site(work, by="setup", code=code, name=code, kind=kind, zone="America/Chicago")
        for role, short in SHORT.items():
            here = "clinic-1" if role is Role.CLINIC else "biobank-1"
            elsewhere = "clinic-2" if role is Role.CLINIC else "biobank-2"
            everywhere = role in MAY_HOLD_ALL_SITES
            programme.tokens[role.value] = person(work, f"{short}.here", role, None if everywhere else here)
            programme.tokens[f"{role.value} elsewhere"] = person(work, f"{short}.elsewhere", role, elsewhere)
    programme.add_participant(PARTICIPANT)
    return programme


def person(work: Any, username: str, role: Role, site: str | None) -> str:
    access.add_person(work, SETTING_UP, username=username, printed_name=f"Testa {username}")
    access.grant_role(work, SETTING_UP, username=username, role=role.value, site=site)
    return access.create_token(work, SETTING_UP, username=username, days=1)[1]


@pytest.fixture
def programme(app, tokens):
    """In the database already: `tests/conftest.py` sets it up once a process."""
    return Programme(app, dict(tokens))
