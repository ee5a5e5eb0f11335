"""Labels from the command line: into files, to a printer, once more, given up; exit 1 when they are not out."""

import json
from pathlib import Path

import pytest

from biobank.commands import main
from tests.printing.label_printer import status

PERSON = "lead.here"


@pytest.fixture
def biobank(programme, monkeypatch, tmp_path):
    """Runs a command as the lead of biobank-1, in an empty folder."""
    monkeypatch.setenv("BIOBANK_TOKEN", programme.tokens["biobank_lead"])
    monkeypatch.chdir(tmp_path)

    def run(*words, code=0):
        from click.testing import CliRunner

        done = CliRunner().invoke(main, [*words, "--as", PERSON], obj=lambda: programme.app)
        assert done.exit_code == code, (done.output, done.exception)
        return json.loads(done.stdout) if "--json" in words else done.output

    return run


@pytest.fixture
def kit(programme):
    return programme.kit("urine-1")


def test_labels_go_into_a_file_as_its_ending_says(biobank, kit):
    assert biobank("labels", "print", kit[0], *kit[1]) == "Wrote 3 labels to labels.pdf.\n"
    assert Path("labels.pdf").read_bytes().startswith(b"%PDF")
    refused = biobank("labels", "print", kit[0], "--out", "labels.zpl", code=2)
    assert "has 1 label already; say why" in refused
    assert not Path("labels.zpl").exists()
    told = biobank("labels", "print", kit[0], "--out", "labels.zpl", "--reason", "other_printer", "--json")
    assert (told["labels"], Path("labels.zpl").read_bytes().count(b"^XA")) == (1, 1)
    assert "has to end in .pdf or .zpl" in biobank("labels", "print", kit[0], "--out", "labels.txt", code=2)


def test_a_whole_kit_comes_with_its_requisition(biobank, kit):
    biobank("labels", "print", "--kit", kit[0], "--start", "28", "--requisition", "requisition.pdf")
    assert Path("requisition.pdf").read_bytes().startswith(b"%PDF")
    refused = biobank("labels", "print", kit[0], "--reason", "lost", "--requisition", "none.pdf", code=2)
    assert "Only a whole kit has a requisition" in refused
    assert not Path("none.pdf").exists()


def test_a_list_is_read_from_a_file_and_its_wrong_lines_are_named(biobank, kit):
    Path("codes.txt").write_text(f"{kit[0]}\n\nT999\n{kit[1][0]}\nT998\n")
    refused = biobank("labels", "print", "--from", "codes.txt", code=2)
    assert "2 lines of the list cannot be" in refused
    assert "Line 3: " in refused
    assert "Line 5: " in refused
    Path("codes.txt").write_text(f"{kit[0]}\n\n{kit[1][0]}\n")
    assert biobank("labels", "print", "--from", "codes.txt", "--json")["labels"] == 3


def test_a_job_is_sent_and_its_state_is_the_exit_code(biobank, bench, kit):
    assert biobank("labels", "send", kit[0], "--printer", "bench") == "Job 1 is sent.\n"
    bench.answers = [status(open=1), status()]
    told = biobank("labels", "send", kit[0], "--printer", "bench", "--reason", "spoiled", "--json", code=1)
    assert (told["state"], "its head is open" in told["remark"]) == ("failed", True)
    assert biobank("labels", "send", "--job", str(told["job"])) == f"Job {told['job']} is sent.\n"
    assert "is sent, so its labels may be out" in biobank("labels", "send", "--job", "1", code=2)
    rows = biobank("labels", "jobs", "--json")["jobs"]
    assert [(row["job"], row["state"]) for row in rows] == [(2, "sent"), (1, "sent")]
    assert "bench" in biobank("labels", "jobs")


def test_an_unclear_job_is_settled_and_reprinted(biobank, bench, kit):
    bench.answers = [status(), "close", status()]
    biobank("labels", "send", kit[0], "--printer", "bench", code=1)
    assert biobank("labels", "settle", "1", "printed") == "Job 1 is printed.\n"
    told = biobank("labels", "reprint", "1", "--reason", "spoiled", "--json")
    assert told == {"job": 2, "labels": 1, "file": "labels.zpl"}
    hashes = {row["sha256"] for row in biobank("labels", "jobs", "--json")["jobs"]}
    assert len(hashes) == 1


def test_codes_are_given_up_one_by_one_or_by_job(biobank, kit):
    biobank("labels", "print", "--kit", kit[0])
    assert biobank("labels", "void", kit[1][0], "--reason", "spoiled").endswith("is voided.\n")
    told = biobank("labels", "void", "--job", "1", "--reason", "lost", "--json")
    assert told == {"voided": [kit[0]]}  # what was left of it
    assert "lead.here (lost); void is possible" in biobank(
        "labels", "void", kit[0], "--reason", "lost", code=2
    )


def test_a_job_is_sent_as_it_was_made(biobank, bench, kit):
    biobank("labels", "print", kit[0])
    for beside in ((kit[1][0],), ("--printer", "bench")):
        biobank("labels", "send", "--job", "1", *beside, code=2)
    assert bench.labels == 0


def test_a_label_is_looked_at(biobank, kit):
    assert biobank("labels", "preview", kit[0]) == "Wrote label.png.\n"
    assert Path("label.png").read_bytes().startswith(b"\x89PNG")
    assert "has to end in .png or .svg" in biobank("labels", "preview", kit[0], "--out", "label.gif", code=2)


def test_printers_are_shown_one_is_chosen_and_one_is_measured(biobank, bench, kit):
    told = biobank("labels", "printers", "--mine", "bench", "--json")
    assert [(each["printer"], each["yours"]) for each in told["printers"]] == [
        ("sheets", None),
        ("bench", "yes"),
    ]
    assert biobank("labels", "send", kit[0]) == "Job 1 is sent.\n"
    assert "Label" not in biobank("labels", "printers", "--mine", "none")
    assert "Wrote calibration.pdf" in biobank("labels", "calibration", "sheets")
    assert Path("calibration.pdf").read_bytes().startswith(b"%PDF")
    assert "with its own menu" in biobank("labels", "calibration", "bench", code=2)


def test_kits_are_made_with_their_labels_or_not_at_all(biobank):
    told = biobank("kits", "make", "urine-1", "--count", "2", "--labels", "kits.pdf", "--json")
    assert (len(told["kits"]), told["labels"]) == (2, 6)
    assert Path("kits.pdf").read_bytes().startswith(b"%PDF")
    biobank("kits", "make", "urine-1", "--labels", "kits.doc", code=2)
    assert biobank("labels", "jobs", "--json")["jobs"][0]["labels"] == 6
