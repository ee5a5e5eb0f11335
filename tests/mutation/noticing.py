"""Runs the tests that are to notice: quickly, each time anew, and only those that run what was broken."""

import ast
import contextlib
import importlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import coverage
import pytest

COMPILE = (sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash")
PYTEST = (
    *("-x", "-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider"),
    *("-m", "not campaign", "-k", "not postgresql"),
)
AT_MOST = 60
"""Seconds of a processor that a mutant is worth, the quickest tests first: what notices it only later hardly does."""
BASELINE = 1500
"""Seconds within which the tests of a feature pass while nothing is broken."""


def prepare(folder):
    """Let a copy be what this process tests: ours compiled by content, what is not ours imported once for all."""
    os.chdir(folder)
    os.environ |= {"PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([*COMPILE, "biobank", "labels", "migrations"], check=True)
    sys.path.insert(0, folder)
    listed = "import sys, biobank.app, tests.conftest, hypothesis.strategies; print(*sys.modules)"
    for name in subprocess.check_output([sys.executable, "-c", listed], text=True).split():
        if name.partition(".")[0] not in ("biobank", "labels", "tests", "__main__"):
            with contextlib.suppress(ImportError):
                importlib.import_module(name)


def passes(arguments, seconds, following=None):
    """Whether the tests pass, and what they said, in a fork; those that do not end in time do not.

    What is compiled of the tests themselves is kept by the run that breaks nothing and follows them.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        sys.dont_write_bytecode = following is None
        os.setsid()
        for stream in (1, 2):
            os.dup2(write, stream)
        os.close(read)
        plugins = [Templates(), *([following] if following else [])]
        os._exit(int(pytest.main([*PYTEST, *arguments], plugins)))
    os.close(write)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(child, signal.SIGKILL))
    signal.alarm(int(seconds))
    with os.fdopen(read, "rb") as output:
        said = output.read().decode(errors="replace")
    status = os.waitpid(child, 0)[1]
    signal.alarm(0)
    return status == 0, said


class Templates:
    """The schemas that the migrations make, made once for all mutants of a copy: no migration is broken."""

    def pytest_fixture_setup(self, fixturedef, request):
        if fixturedef.argname not in ("sqlite_template", "identity_template"):
            return None
        kept = Path(f"{fixturedef.argname}.db").resolve()
        if not kept.exists():
            shutil.copy(fixturedef.func(request.getfixturevalue("tmp_path_factory")), kept)
        fixturedef.cached_result = (kept, fixturedef.cache_key(request), None)
        return kept


class Followed:
    """Which test runs which line, and how much time of a processor each takes, while nothing is broken."""

    def __init__(self, paths, kept):
        self.kept, self.seconds = kept, {}
        self.coverage = coverage.Coverage(data_file=None, include=list(paths), config_file=False)

    def pytest_sessionstart(self):
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.coverage.switch_context(item.nodeid)
        begun = time.process_time()
        result = yield
        self.seconds[item.nodeid] = time.process_time() - begun
        return result

    def pytest_sessionfinish(self):
        self.coverage.stop()
        data = self.coverage.get_data()
        lines = {
            str(Path(path).relative_to(Path.cwd())): data.contexts_by_lineno(path)
            for path in data.measured_files()
        }
        self.kept.write_text(json.dumps({"seconds": self.seconds, "lines": lines}))


def followed(paths, tests):
    """Run the tests of a feature once, unbroken: which run what; None, and what they said, when they fail."""
    kept = Path("followed.json").resolve()
    whole, said = passes(tests, BASELINE, Followed(paths, kept))
    return (json.loads(kept.read_text()) if whole else None), said


def tests_of(path, line, known):
    """Those that run the statement there; for what is run by an import, those that run any of the module."""
    lines, source = known["lines"].get(path, {}), Path(path).read_text()
    first, last = _statement_around(source, line)
    ran = {test for number in range(first, last + 1) for test in lines.get(str(number), ())}
    if not _is_in_a_function(source, line):
        ran = {test for tests in lines.values() for test in tests}
    quickest = sorted(ran & known["seconds"].keys(), key=known["seconds"].get)
    spent = itertools.accumulate(known["seconds"][each] for each in quickest)
    return [each for each, until in zip(quickest, spent, strict=True) if until < AT_MOST] or quickest[:1]


def _is_in_a_function(source, line):
    functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    return any(node.body[0].lineno <= line <= node.end_lineno for node in functions)


def _statement_around(source, line):
    """The first and the last line of the smallest statement there; of one that holds others, its head alone."""
    around = [
        (node.lineno, node.body[0].lineno - 1 if getattr(node, "body", None) else node.end_lineno)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt) and node.lineno <= line <= node.end_lineno
    ]
    return max((each for each in around if each[1] >= line), default=(line, line))
