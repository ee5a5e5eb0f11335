"""What was promised about the list that links codes to names: who sees it, who is told, how it lies there."""

import re
import stat
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from biobank.core.database import db
from biobank.settings import KEY_FILES, ROOT
from tests.identity.conftest import IDENTITY, PLAIN, inside, settled
from tests.identity.test_vault import SABOTAGE, refuse_inserts
from tests.pages.conftest import Seat
from tests.programme import PARTICIPANT

__all__ = ["inside", "settled"]
READ = {"reason": "caller", "document": "call 7"}
SAID = {"given_name": "Testa María", "family_name": "Participant-Ñandú", "birth_date": "1984-05-31"}


def test_p12_whoever_looks_is_listed_with_the_reason(settled):
    """Keeps track of who can see it."""
    path, officer = f"/identity/{PARTICIPANT}", Seat(settled, "ident.here")
    assert settled.post("identity_officer", f"{path}/reads", READ).json["family_name"] == IDENTITY.family_name
    assert settled.post("clinic_staff", f"{path}/checks", {**SAID, "reason": "visit"}).json["matches"] is True
    listed = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", officer.get(path).text))
    assert re.search(r"ident\.here|Testa identity", listed)
    for told in ("call 7", "clinic"):
        assert told in listed
    assert not any(plain.decode() in listed for plain in PLAIN)


@pytest.mark.parametrize("side", sorted(SABOTAGE))
def test_p12_what_cannot_be_written_down_is_not_shown(settled, side):
    """Keeps track of who can see it."""
    with settled.app.app_context():
        refuse_inserts(*SABOTAGE[side])
    for who, path, told in (
        ("identity_officer", "reads", READ),
        ("clinic_staff", "checks", {**SAID, "reason": "visit"}),
    ):
        settled.app.testing, before = False, settled.app.testing
        answer = settled.post(who, f"/identity/{PARTICIPANT}/{path}", told)
        settled.app.testing = before
        assert answer.status >= 400
        assert b"matches" not in answer.data
        assert not any(plain in answer.data for plain in PLAIN)


def test_p13_a_database_and_a_key_of_its_own_and_a_list_of_who_may_look(settled):
    """Replace them with a code. There is a master list linking codes to names, kept secure, and very few people
    have access to it."""
    with settled.app.app_context():
        samples, vault = db.engine, db.engines["identity"]
        assert samples.url != vault.url
        kept = set(inspect(vault).get_table_names()) - {"alembic_version"}
        assert kept & set(inspect(samples).get_table_names()) == set()
    files = settled.app.extensions["biobank.settings"]
    keys = [getattr(files, name) for name in KEY_FILES]
    assert len(set(keys)) == len(keys)
    page = Seat(settled, "ident.here").get("/identity/holders").text
    assert set(re.findall(r"\b(\w+\.(?:here|elsewhere))\b", page)) == {
        "ident.here", "ident.elsewhere", "comp.here", "comp.elsewhere",
    }  # fmt: skip
    for nobody in ("clinic.here", "tech.here", "lead.here"):
        assert Seat(settled, nobody).get("/identity/holders").status == 403
        assert Seat(settled, nobody).get(f"/identity/{PARTICIPANT}").status in (403, 404)


def test_p15_names_are_encrypted_where_they_lie_and_keys_lie_elsewhere(inside):
    """We encrypt participant data. Everything will be stored securely."""
    files = inside.app.extensions["biobank.settings"]
    keys = [Path(getattr(files, name)) for name in KEY_FILES]
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    secrets = [key.read_bytes().strip() for key in keys]
    for name in (None, "identity"):
        with db.engines[name].connect() as connection:
            for table in inspect(db.engines[name]).get_table_names():
                rows = repr(connection.execute(text(f"SELECT * FROM {table}")).all()).encode()
                assert not any(plain in rows for plain in (*PLAIN, *secrets)), table


def test_p15_no_secret_is_in_the_repository():
    """Everything will be stored securely: keys are made where the service runs, and none comes with it."""
    folders = [ROOT / name for name in ("biobank", "config", "docs", "labels", "migrations", "tests")]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 1000
    assert [path for path in files if path.suffix in (".key", ".pem", ".p12", ".pfx")] == []
    private = re.compile(
        rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{16}|PRIVATE\+KEY\+[\w./-]+\+[0-9a-f]{8}\+\w{20}"
    )
    assert [path for path in files if private.search(path.read_bytes())] == []
