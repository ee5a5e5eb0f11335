"""What keeps the service or the demonstration from starting is one sentence."""

import socket

import pytest
from click.testing import CliRunner

from biobank.app import create_app
from biobank.commands import main
from biobank.demo.commands import NotOurFolder, clear
from biobank.service.commands import AddressTaken, listening
from biobank.settings import load_settings


def test_a_taken_port_is_said_in_a_sentence(app):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = load_settings({}).with_changes(serve_port=other.getsockname()[1])
        with pytest.raises(AddressTaken, match="cannot listen on 127.0.0.1:.*BIOBANK_SERVE_PORT"):
            listening(app, taken)


def test_a_port_that_there_is_not_is_said_in_a_sentence(app):
    with pytest.raises(AddressTaken, match="no port 99999"):
        listening(app, load_settings({}).with_changes(serve_port=99999))


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file" / "demo", tmp_path / ("x" * 300)):
        with pytest.raises(NotOurFolder, match="cannot be made .*--out"):
            clear(folder)


@pytest.mark.parametrize("command", ["check", "upgrade"])
def test_a_file_that_is_no_database_is_said_in_a_sentence(tmp_path, command):
    (tmp_path / "no.db").write_text("this was never a database, only a text that is long enough\n" * 40)
    settings = load_settings({}).with_changes(database_url=f"sqlite:///{tmp_path}/no.db", demo=True)
    done = CliRunner().invoke(main, ["database", command], obj=lambda: create_app(settings))
    assert done.exit_code == 2
    assert "The database cannot be used" in done.stderr
    assert "Traceback" not in done.output
