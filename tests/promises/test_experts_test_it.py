"""What was promised about testing: the whole programme of tests runs by one command, and its figures are published."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIGURES = (ROOT / "docs/figures.md").read_text()


def test_p23_one_command_runs_every_test_that_a_figure_names():
    """Experts continue to test the security of our databases."""
    command = (ROOT / ".ci/run").read_text()
    assert "exec ./test --campaigns" in command
    assert "-m campaign" in (ROOT / "test").read_text()
    named = set(re.findall(r"tests/[\w/]+\.(?:py|txt)", FIGURES))
    assert named >= {"tests/campaigns/test_kills.py", "tests/campaigns/test_tampering.py"}
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


def test_p23_figures_say_when_and_of_which_commit_they_are():
    """Experts continue to test the security of our databases."""
    assert re.search(r"\b\d{1,2}(?: and \d{1,2})? \w+ 20\d\d\b", FIGURES)
    commits = re.findall(r"commit `([0-9a-f]{7,40})`", FIGURES)
    assert commits
    if (ROOT / ".git").exists():
        for commit in commits:
            subprocess.run(["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=ROOT, check=True)
