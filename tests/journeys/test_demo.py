"""The story that the README tells: it runs, and what it leaves behind is what the documentation says."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from biobank.access.queries import actor_named
from biobank.app import create_app
from biobank.commands import main
from biobank.core.database import reading, writing
from biobank.demo.commands import clear, settings_in
from biobank.demo.desk import LAB, LEFT
from biobank.demo.floor import STAYS
from biobank.demo.logger_files import FILES, LOGGERS
from biobank.demo.programme import begin
from biobank.destruction.outside import outside_of_orders
from biobank.destruction.queries import current_order, progress
from biobank.items.models import Item
from biobank.items.queries import items_of
from biobank.outages.inputs import NewOutage
from biobank.outages.operations import declare_outage
from biobank.outages.spare_space import spare_space
from biobank.settings import load_settings
from biobank.shipments.models import Shipment
from biobank.temperatures.inputs import SentFile
from biobank.temperatures.operations import take_logger_file
from biobank.temperatures.queries import excursions_of
from biobank.web.waiting import counted, piles_of
from biobank.web.waiting_lists import lists_of

ROOT = Path(__file__).resolve().parents[2]
PATTERN = re.compile(r"[BCDFHKNRSTX]\d{12}")


def command(*arguments, environment=None):
    return subprocess.run(
        [sys.executable, "-c", "from biobank.commands import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        check=False,
    )


def here(*words, environment):
    """A command within this process: to start one takes longer than most of them do."""
    return CliRunner(env=environment).invoke(
        main, [str(word) for word in words], obj=lambda: create_app(load_settings())
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    done = command("demo", "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def as_auditor(told):
    """Environment of a command on the demonstration's database, as its auditor: one variable and a token."""
    people = json.loads((told / "access.json").read_text())["people"]
    token = next(person["token"] for person in people if person["person"] == "demo.auditor")
    return {"BIOBANK_DATABASE_URL": f"sqlite:///{told / 'biobank.db'}", "BIOBANK_TOKEN": token}


@pytest.fixture(scope="module")
def custody(told):
    return json.loads((told / "custody.json").read_text())


def test_every_file_is_there_and_the_sign_ins_are_for_their_owner_alone(told):
    names = {path.name for path in told.iterdir()}
    assert names >= {
        "access.json", "keys", "biobank.db", "labels.pdf", "labels.zpl", "custody.json", "certificate.pdf",
        "checkpoint.txt", "ledger.jsonl", "journey.txt",
    }  # fmt: skip
    assert stat.S_IMODE((told / "access.json").stat().st_mode) == 0o600
    keys = list((told / "keys").rglob("*.key"))
    assert {"ledger.key", "signer.key", "root.key"} <= {key.name for key in keys}
    assert all(stat.S_IMODE(key.stat().st_mode) == 0o600 for key in keys)


def test_every_specimen_of_the_kit_ends_destroyed_and_says_by_whom(custody):
    specimens = [item for item in custody["items"] if item["kind"] in ("tube", "aliquot")]
    assert Counter(item["kind"] for item in specimens) == {"tube": 12, "aliquot": 2}
    assert {item["state"] for item in specimens} == {"destroyed"}
    assert all(item["place"] is None for item in specimens)
    for item in specimens:
        last = item["events"][-1]
        assert last["action"] == "destroy"
        assert {last["performed_by"], last["details"]["witness"]} == {"demo.technician", "demo.witness"}


def test_aliquots_name_their_parent_and_each_event_follows_the_one_before(custody):
    by_id = {item["id"]: item for item in custody["items"]}
    aliquots = [item for item in custody["items"] if item["kind"] == "aliquot"]
    assert all(by_id[aliquot["parent"]]["specification"] == "1ED10" for aliquot in aliquots)
    for item in custody["items"]:
        assert [event["sequence"] for event in item["events"]] == list(range(1, len(item["events"]) + 1))
    assert by_id[custody["kit"]]["kind"] == "kit"


def test_nothing_of_the_programmes_own_ids_or_staff_is_left(told):
    kept = b"".join(
        (told / name).read_bytes() for name in ("biobank.db", "custody.json", "ledger.jsonl", "journey.txt")
    )
    order = (ROOT / "config" / "demo" / "biobank_order.json").read_text()
    ids, staff = set(re.findall(r"P9\d{8}", order)), set(re.findall(r"[\w.]+@[\w.-]+", order))
    assert ids
    assert staff
    for secret in ids | staff:
        assert secret.encode() not in kept


def test_the_labels_are_those_of_the_kit_and_decode(told, custody):
    import pypdfium2
    import zxingcpp

    seen = {"Code128": Counter(), "DataMatrix": Counter()}  # each label bears both
    for page in pypdfium2.PdfDocument(told / "labels.pdf"):
        image = page.render(scale=300 / 72).to_pil()
        for code in zxingcpp.read_barcodes(image):
            seen[code.format.name][code.text] += 1
    wanted = Counter(item["id"] for item in custody["items"] if item["kind"] in ("kit", "tube"))
    urine = [item["id"] for item in custody["items"] if (item["specification"] or "").startswith("1UR")]
    wanted.update(urine)  # cup and tube carry the same code
    assert seen == {"Code128": wanted, "DataMatrix": wanted}
    zpl = (told / "labels.zpl").read_text()
    assert set(PATTERN.findall(zpl)) >= set(wanted)


def test_the_ledger_verifies_here_and_by_the_program_that_needs_nothing_of_ours(told, as_auditor):
    done = command(
        "ledger",
        "verify",
        "--checkpoint",
        told / "checkpoint.txt",
        "--as",
        "demo.auditor",
        environment=as_auditor,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    verifier = ROOT / "biobank" / "ledger" / "offline_verifier.py"
    alone = subprocess.run(
        [sys.executable, "-I", verifier, told / "ledger.jsonl", "--checkpoint", told / "checkpoint.txt",
         "--certificate", told / "certificate.pdf"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert alone.returncode == 0, alone.stdout
    assert "nothing was found to be wrong" in alone.stdout


def test_the_offline_verifier_notices_one_changed_letter(told, tmp_path):
    changed = tmp_path / "ledger.jsonl"
    text = (told / "ledger.jsonl").read_text()
    assert '\\"cycle\\":\\"DEMO-CYCLE-1\\"' in text
    changed.write_text(text.replace("DEMO-CYCLE-1", "DEMO-CYCLE-2", 1))
    verifier = ROOT / "biobank" / "ledger" / "offline_verifier.py"
    done = subprocess.run([sys.executable, verifier, changed], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "changed" in done.stdout


def test_the_certificate_is_as_issued_and_a_changed_one_is_not(told, as_auditor, tmp_path):
    genuine = here(
        "certificate",
        "verify",
        told / "certificate.pdf",
        "--as",
        "demo.auditor",
        "--json",
        environment=as_auditor,
    )
    assert genuine.exit_code == 0, genuine.stderr
    assert json.loads(genuine.stdout)["state"] == "standing"
    changed = tmp_path / "certificate.pdf"
    changed.write_bytes((told / "certificate.pdf").read_bytes() + b"\n")
    refused = here("certificate", "verify", changed, "--as", "demo.auditor", environment=as_auditor)
    assert refused.exit_code == 1
    assert "It was added to after it was signed: 1 bytes lie outside" in refused.stdout


def test_another_machine_judges_the_certificate_too(told, tmp_path):
    [root] = (told / "keys" / "certificates" / "trusted").iterdir()
    received, export = told / "certificate.pdf", told / "ledger.jsonl"
    nowhere = {"BIOBANK_DATABASE_URL": f"sqlite:///{tmp_path}/nothing.db"}

    def verify(*words):
        done = here("certificate", "verify", received, *words, environment=nowhere)
        return done.exit_code, done.stdout

    assert verify("--offline", "--trusted", root, "--ledger", export)[0] == 0
    code, said = verify("--offline", "--trusted", root)
    assert (code, "cannot be said without --ledger" in said) == (0, True)
    code, said = verify("--offline")
    assert (code, "no root's certificate is known" in said) == (1, True)
    assert verify("--trusted", root)[0] == 2
    assert verify("--ledger", export)[0] == 2
    assert verify()[0] == 2  # here it needs somebody
    auditor = ROOT / "biobank" / "ledger" / "offline_certificate.py"
    alone = subprocess.run(
        [sys.executable, "-I", auditor, received, "--root", root, "--export", export],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (alone.returncode, alone.stdout) == (0, "nothing was found to be wrong\n")


def test_the_order_is_done_and_the_commands_say_so(told, as_auditor, custody):
    listed = here("destruction", "list", "--as", "demo.auditor", "--json", environment=as_auditor)
    assert (listed.exit_code, json.loads(listed.stdout)["orders"]) == (0, [])
    shown = here("custody", "show", custody["kit"], "--as", "demo.auditor", "--json", environment=as_auditor)
    assert json.loads(shown.stdout)["id"] == custody["kit"]


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    done = here("demo", "--out", tmp_path, environment={})
    assert done.exit_code == 2
    assert "thesis.txt" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_told_again_it_replaces_what_it_made_before(told, tmp_path):
    again = shutil.copytree(told, tmp_path / "again")
    clear(again)
    assert list(again.iterdir()) == []


def test_the_story_says_what_happened_in_the_order_it_happened(told):
    story = (told / "journey.txt").read_text().splitlines()
    marks = ("makes two kits", "order file", "biobank id", "into the vault", "labels", "paper form", "leave in parcel", "opens the parcel",
             "stored", "aliquots", "participant leaves", "STOP", "autoclaved", "performer", "witness", "confirms",
             "checkpoint")  # fmt: skip
    assert [next(at for at, line in enumerate(story) if mark in line) for mark in marks] == list(
        range(len(marks))
    )


def test_something_waits_for_compliance_in_the_demonstration_that_is_served(tmp_path):
    settings = settings_in(tmp_path)
    with create_app(settings).app_context():
        begin(settings, with_kits=True)
        with reading() as work:
            by = actor_named(work, "demo.compliance")
            waiting = {each.label for each in lists_of(by) if each.count(work, by)}
            outside = outside_of_orders(work, by)
            ends = progress(work, current_order(work, LEFT))
    assert ends == {"open": 3, "distributed_earlier": 1, "never_collected": 5}
    assert waiting == {"Studies to ask", "Answers still open", "Orders to carry out"}
    assert [each.custodian for each in outside] == [LAB]


def test_something_waits_on_the_floor_in_the_demonstration_that_is_served(tmp_path):
    settings = settings_in(tmp_path)
    with create_app(settings).app_context():
        begin(settings, with_kits=True)
        with reading() as work:
            by = actor_named(work, "demo.technician")
            lists = {each.label: each.count(work, by) for each in lists_of(by)}
            store = next(pile for pile in piles_of(by) if pile.code == "store")
            stored = [item for item in items_of(work, STAYS) if item.state == "stored"]
            assert (lists["Parcels on their way"], lists["Parcels to receive"]) == (1, 1)
            assert counted(work, store, by) == 2
            assert lists.get("Cases that stand", 0) == 0
            assert [item.position for item in stored] == ["A1", "A2", "A3", "A4", "A5", "A6"]


def test_the_racks_of_a_freezer_of_the_demonstration_can_be_carried_to_another_one(tmp_path):
    settings = settings_in(tmp_path)
    with create_app(settings).app_context():
        begin(settings, with_kits=True)
        with writing() as work:
            lead = actor_named(work, "demo.lead")
            freezer = work.session.scalars(select(Item).where(Item.specification == "Freezer 2")).one()
            outage = declare_outage(work, NewOutage(unit=freezer.identifier, began=None), by=lead)
            spots = [spot for _, spot in spare_space(work, outage)]
    assert [spot and (spot.unit.name, spot.position) for spot in spots] == [
        ("Shelf for racks", f"A{column}") for column in (1, 2, 3, 4)
    ]


def test_the_logger_in_the_parcel_at_the_dock_has_files_that_are_read_for_it(tmp_path):
    settings = settings_in(tmp_path)
    with create_app(settings).app_context():
        begin(settings, with_kits=True)
        with reading() as work:
            parcel = work.session.scalars(select(Item.identifier).where(Item.state == "arrived")).one()
        warm, *cold = [held(tmp_path / LOGGERS / name, parcel) for name in FILES]
    assert warm == ["1UR10"]
    assert cold == [[]] * 5


def test_the_story_leaves_files_that_are_read_for_its_first_parcel(told, tmp_path):
    again = shutil.copytree(told, tmp_path / "again")
    with create_app(settings_in(again)).app_context():
        with reading() as work:
            parcel = work.session.scalars(
                select(Item.identifier).join(Shipment).where(Shipment.logger.is_not(None))
            ).one()
        assert sorted(path.name for path in (again / LOGGERS).iterdir()) == sorted(FILES)
        assert [held(again / LOGGERS / name, parcel) for name in FILES] == [[]] * len(FILES)


def held(file, parcel):
    """Tubes that a file of the layout that its name tells speaks against; nothing about it surprises."""
    sent = SentFile(parcel=parcel, content=file.read_bytes(), zone="America/Chicago")
    with writing() as work:
        taken = take_logger_file(work, sent, by=actor_named(work, "demo.technician"))
        assert taken.layout == file.stem
        return [item.specification for _, item in excursions_of(work, taken)]
