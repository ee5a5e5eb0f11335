"""The small programme with its participant in the vault, and two people of compliance who can sign."""

import pytest

from biobank.core.database import writing
from tests.identity.conftest import settled as settled_programme
from tests.programme import PASSWORD

settled = settled_programme
FIRST, SECOND = "comp.here", "comp.elsewhere"


class Desk:
    """Compliance at work: each act in a transaction of its own, as the pages do it."""

    def __init__(self, programme):
        self.programme = programme
        self.first, self.second = programme.actor(FIRST), programme.actor(SECOND)
        self.officer, self.clinic = programme.actor("ident.here"), programme.actor("clinic.here")

    def do(self, operation, *told, **named):
        with writing() as work:
            done = operation(work, *told, **named)
            work.flush()
            if hasattr(done, "_sa_instance_state"):
                work.session.refresh(done)
                work.session.expunge(done)
            return done

    def signing(self, username, sha256, password=PASSWORD):
        from biobank.access.inputs import Signing

        return Signing(username=username, password=password, sha256=sha256)


@pytest.fixture
def desk(settled):
    settled.let_sign(FIRST, SECOND, "ident.here")
    with settled.app.app_context():
        yield Desk(settled)
