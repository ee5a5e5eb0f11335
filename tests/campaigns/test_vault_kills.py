"""The vault's keys are rotated by a process that is killed without warning; then the next run goes on."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from biobank.core.database import writing
from biobank.identity.operations import enter_identity
from biobank.identity.replay import access_findings, field_findings
from biobank.identity.vault import vault_reading
from tests.campaigns.service import environment
from tests.identity.conftest import ENROLLED, OFFICER
from tests.identity.test_canaries import canary

pytestmark = pytest.mark.campaign
PROGRAM = Path(sys.executable).with_name("biobank")
PEOPLE, KILLS = 600, 12


@pytest.fixture
def full(programme, vault_on_the_same_kind):
    with programme.app.app_context():
        for number in range(PEOPLE):
            code = programme.add_participant(f"A77{number:07d}")
            with writing() as work:
                enter_identity(work, OFFICER, code, canary(number), ENROLLED)
    return programme


def rotating(programme, settings, *told):
    token = {"BIOBANK_TOKEN": programme.tokens["administrator"]}
    command = [PROGRAM, "vault", "rotate", *told, "--as", "admin.here"]
    return subprocess.Popen(
        command, env=environment(settings) | token, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_a_rotation_that_is_killed_again_and_again_loses_nothing(full, settings):
    chance = random.Random(417)
    killed = 0
    for turn in range(KILLS):
        told = ("--key-file",) if turn % 3 == 2 else ()
        process = rotating(full, settings, *told)
        time.sleep(chance.uniform(1.0, 4.0))
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        process.communicate()
        with full.app.app_context(), vault_reading() as vault:
            assert list(field_findings(vault)) == []
    for told in ((), ("--key-file",)):
        process = rotating(full, settings, *told)
        _, wrong = process.communicate()
        assert process.returncode == 0, wrong
    with full.app.app_context():
        with vault_reading() as vault:
            assert len(vault.live_keys()) == len(vault.file_keys) == 1
            assert list(field_findings(vault)) == []
        with writing() as work:
            assert list(access_findings(work)) == []
    print(f"vault: {killed} of {KILLS} rotations of {PEOPLE} identities killed: 0 lost")
