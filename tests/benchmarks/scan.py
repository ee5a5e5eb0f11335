"""The scan against its floor: the same statements, raw, on the same schema with its triggers, in one run.

    .venv/bin/python tests/benchmarks/scan.py [--rounds 9] [--scans 200] [--database sqlite postgresql]

The step is `thaw`: look up, holds, step, entry with chain, state, the row of its thaw, idempotency row, commit. `request` is that step through the whole WSGI stack in this process; `batch` a hundred in one request.
"""

import argparse
import io
import itertools
import sqlite3
import sys
import uuid
from pathlib import Path

import orjson
from sqlalchemy import make_url

sys.path.insert(0, str(Path(__file__).parent))
import ground

from biobank.core import moments
from biobank.core.database import db, writing
from biobank.custody.operations import record
from biobank.custody.statements import CHANGE_ITEM, CHANGEABLE, COLUMNS, FIND_HOLDS, FIND_ITEM
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.ledger.operations import ADD_ENTRY, ADD_UNSEALED
from biobank.processing.freezing import NOTE_CHANGE
from biobank.web.idempotency import REMEMBER, RESERVE

BATCH = 100


def raw_scan(connection, dialect, body=b"x" * 420):
    """The statements of one scan on the driver alone, with values that were made before."""
    cursor = connection.cursor()
    numbers = itertools.count()

    def run(statement, **values):
        return cursor.execute(statement.text[dialect], {**statement.constants[dialect], **values})

    def scan(identifier):
        if dialect == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        key = uuid.uuid4().hex
        run(RESERVE, person="raw", key=key, request_sha256="0" * 64, body=b"", created_at=1)
        item = dict(zip(COLUMNS, run(FIND_ITEM, identifier=identifier).fetchone(), strict=True))
        run(FIND_HOLDS, item_id=item["id"]).fetchall()
        changed = {f"new_{name}": item[name] for name in CHANGEABLE}
        changed |= {"new_sequence": item["sequence"] + 1, "new_head": uuid.uuid4().bytes * 2}
        run(
            CHANGE_ITEM,
            item_id=item["id"],
            sequence_read=item["sequence"],
            state_read=item["state"],
            **changed,
        )
        entry = run(
            ADD_ENTRY, subject=identifier, sequence=item["sequence"] + 1, kind="custody",
            recorded_at=next(numbers), previous=bytes(item["head"]), hash=changed["new_head"], body=body,
        ).fetchone()  # fmt: skip
        run(ADD_UNSEALED, entry_id=entry[0])
        run(NOTE_CHANGE, item_id=item["id"], sequence=item["sequence"] + 1, change="thawed", thaws=1, at=1)
        run(
            REMEMBER,
            of_person="raw",
            of_key=key,
            status=201,
            content_type="application/json",
            location="",
            body=body,
            told=None,
        )
        connection.commit() if dialect == "postgresql" else cursor.execute("COMMIT")

    return scan


def our_scan():
    """The operation with its idempotency row, in the product's own transaction."""
    body = b"x" * 420

    def scan(identifier):
        with writing() as work:
            key = uuid.uuid4().hex
            work.run(RESERVE, person="ours", key=key, request_sha256="0" * 64, body=b"", created_at=1)
            record(
                work, identifier, Action.THAW, by=ground.LEAD, source=Source("scan"),
                at=moments.told(moments.now(), "America/Chicago"),
            )  # fmt: skip
            work.run(
                REMEMBER, of_person="ours", of_key=key, status=201, content_type="application/json", location="",
                body=body, told=None,
            )  # fmt: skip

    return scan


def request(app, token, path, document, expected):
    """One WSGI call in this process; no client library between."""
    body = orjson.dumps(document)
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "", "SERVER_NAME": "bench",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr, "wsgi.multithread": True,
        "wsgi.multiprocess": False, "wsgi.run_once": False, "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)), "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "bench",
        "HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex,
    }  # fmt: skip
    answered = {}

    def start(status, _headers, _problem=None):
        answered["status"] = status

    body = b"".join(app.wsgi_app(environ, start))
    if not answered["status"].startswith(expected):
        raise SystemExit(f"{path} answered {answered['status']}: {body[:500]!r}")
    return body


def thaw(identifier):
    return {"item": identifier, "action": "thaw", "occurred_at": moments.to_text(moments.now())}


def raw_connection(url, synchronous):
    if url.startswith("sqlite"):
        connection = sqlite3.connect(make_url(url).database, isolation_level=None)
        for pragma in ("journal_mode = WAL", f"synchronous = {synchronous}", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection
    import psycopg

    return psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))


def measure(kind, synchronous, rounds, scans):
    goal_operation = {"NORMAL": "2.0", "FULL": "1.6"}[synchronous] if kind == "sqlite" else "1.5"
    samples = {name: ([], []) for name in ("operation", "request", "batch")}
    with ground.installation(kind, synchronous) as (app, url, token):
        connection = raw_connection(url, synchronous)
        raw = raw_scan(connection, "sqlite" if kind == "sqlite" else "postgresql")
        with app.app_context():
            ours = our_scan()
            for number in range(rounds + 1):  # the first round warms up and is thrown away
                items = ground.tubes(scans)
                floor = ground.per_item(raw, items)
                took = {
                    "operation": ground.per_item(ours, items),
                    "request": ground.per_item(
                        lambda item: request(app, token, "/api/v1/custody/events", thaw(item), "201"), items
                    ),
                    "batch": ground.per_item(
                        lambda part: request(
                            app, token, "/api/v1/custody/batches", {"scans": [thaw(item) for item in part]}, "20"
                        ),
                        [items[at : at + BATCH] for at in range(0, scans, BATCH)],
                    ) / BATCH,
                }  # fmt: skip
                if number:
                    for name, value in took.items():
                        samples[name][0].append(floor)
                        samples[name][1].append(value)
            db.engine.dispose()
        connection.close()
    label = f"{kind} {synchronous if kind == 'sqlite' else 'synchronous_commit=on'}"
    ground.report(
        f"{label}: {rounds} rounds of {scans} scans",
        [
            ("scan operation", *samples["operation"], goal_operation),
            (
                "one scan as a request in process",
                *samples["request"],
                "8" if synchronous == "NORMAL" else "-",
            ),
            (f"a scan in a batch of {BATCH}", *samples["batch"], "1.0"),
        ],
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--scans", type=int, default=200)
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    asked = parser.parse_args()
    if "sqlite" in asked.database:
        measure("sqlite", "NORMAL", asked.rounds, asked.scans)
        measure("sqlite", "FULL", asked.rounds, asked.scans)
    if "postgresql" in asked.database:
        measure("postgresql", "FULL", asked.rounds, asked.scans)


if __name__ == "__main__":
    main()
