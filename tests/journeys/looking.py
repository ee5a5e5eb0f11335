"""Who looks into the vault in an invented history, also while what is looked at cannot be written down."""

import sqlite3
from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core.database import reading, writing
from biobank.core.errors import DatabaseUnavailable, DomainError
from biobank.identity.choices import Reason
from biobank.identity.inputs import Asked, Identity, Said
from biobank.identity.models import VaultAccess
from biobank.identity.operations import (
    check_identity,
    enter_identity,
    find_participant,
    read_identity,
    record_read,
)
from biobank.identity.replay import UNDER_WAY, finish_accesses
from biobank.identity.vault import vault_reading
from tests.journeys.deciding import anyone

OFFICER = Actor("ident.here", "Testa Officer", frozenset({(Role.IDENTITY, None)}))
COMPLIANCE = Actor("comp.cleo", "Testa Compliance", frozenset({(Role.COMPLIANCE, None)}))
CLINIC = Actor("clinic.ana", "Testa Clinic", frozenset({(Role.CLINIC, "clinic-1")}))


def written_down(_work):
    """How many looks the vault tells of."""
    with vault_reading() as vault:
        return vault.session.query(VaultAccess).count()


def called(code):
    return Said(given_name="Testa", family_name=f"Invented {code}", birth_date=date(1984, 5, 31))


class Looking:
    """Rules; the machine that has them knows `people`, `ground` and `code`."""

    @rule(
        kind=st.sampled_from(
            ["enter", "read", "check", "find", "look_with_a_full_disk", "look_with_a_full_disk"]
        ),
        who=anyone,
        other=anyone,
    )
    def look_into_the_vault(self, kind, who, other):
        getattr(self, kind)(who, other)

    def enter(self, who, _other):
        code, said = self.code(who), called(self.code(who))

        def entered(work):
            identity = Identity(
                given_name=said.given_name, family_name=said.family_name, birth_date=said.birth_date,
                phone="+1 555 010 0417",
            )  # fmt: skip
            return enter_identity(work, OFFICER, code, identity, Asked(reason=Reason.ENROLMENT))

        self.look("enter", entered)

    def read(self, who, other):
        code, by = self.code(who), (OFFICER, COMPLIANCE, CLINIC)[other % 3]
        access = self.look("read", lambda work: record_read(work, by, code, Asked(reason=Reason.CALLER)))
        if access is not None:
            with self.ground.app.app_context(), reading() as work:
                assert read_identity(work, access).given_name == "Testa"

    def check(self, who, whose):
        said, asked = called(self.code(whose)), Asked(reason=Reason.VISIT)
        self.look("check", lambda work: check_identity(work, CLINIC, self.code(who), said, asked))

    def find(self, who, _other):
        said, asked = called(self.code(who)), Asked(reason=Reason.CALLER)
        self.look("find", lambda work: find_participant(work, OFFICER, asked, said=said))

    def look_with_a_full_disk(self, who, other):
        """I9: what cannot be written down is not answered."""
        code, said = self.code(who), called(self.code(who))
        side, kind = ("vault", "ledger")[other % 2], ("read", "check", "find")[other % 3]
        caller, visit = Asked(reason=Reason.CALLER), Asked(reason=Reason.VISIT)
        looks = {
            "read": lambda work: record_read(work, OFFICER, code, caller),
            "check": lambda work: check_identity(work, CLINIC, code, said, visit),
            "find": lambda work: find_participant(work, OFFICER, caller, said=said),
        }
        self.enter(who, other)
        before = self.ground.asks(written_down)
        with self.ground.nothing_is_written(side):
            answer = self.looked(looks[kind])
        assert isinstance(answer, Exception), (
            f"I9 a {kind} was answered {answer!r}, and nothing was written down"
        )
        self.made_good(kind, before)
        known = isinstance(answer, DatabaseUnavailable | sqlite3.IntegrityError)
        self.ground.told[f"{kind} with a full disk" if known else f"{kind} refused"] += 1

    def made_good(self, kind, before):
        """What the vault kept and the log could not is added later, as after a power cut; nothing was shown."""
        self.ground.looks[kind] += self.ground.asks(written_down) - before
        self.ground.clock.later += 2 * UNDER_WAY
        with self.ground.app.app_context(), writing() as work:
            finish_accesses(work)

    def look(self, kind, job):
        answer = self.looked(job)
        if isinstance(answer, DomainError):
            self.ground.told[f"not {kind}: {type(answer).__name__}"] += 1
            return None
        self.ground.looks[kind] += 1
        self.ground.told[kind] += 1
        return answer

    def looked(self, job):
        try:
            with self.ground.app.app_context(), writing() as work:
                return job(work)
        except (DomainError, DatabaseUnavailable, sqlite3.IntegrityError) as refusal:
            return refusal
