"""Breaks the product in one place at a time, in a copy, and looks whether the tests notice.

    .venv/bin/python tests/mutation/campaign.py [PART OF A PATH ...] [--sample 20] [--seed 1] [--processes 2]

Cosmic Ray changes the code; `modules.toml` says of which modules, and which tests are to notice: those of them
that run what was broken are run. Without `--sample` every mutant is tried, with it that many of each module,
drawn by the seed. The work tree is never touched: each process works in a copy of it, in memory where there is
some. Prints the score and the survivors.
"""

import argparse
import ast
import itertools
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray import mutating
from cosmic_ray.commands.init import init
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
from noticing import followed, passes, prepare, tests_of  # noqa: E402 (scripts beside it)
from operators import CHOSEN  # noqa: E402 (naming it makes our own operators known)


@dataclass(frozen=True)
class Module:
    path: str
    tests: tuple[str, ...]
    """Files and folders."""


@dataclass(frozen=True)
class Tried:
    operator: str
    line: int
    outcome: str
    diff: str
    tests: int
    """How many tests run what was broken."""


def modules_named(parts):
    told = tomllib.loads((HERE / "modules.toml").read_text())["feature"]
    known = [Module(path, tuple(each["tests"])) for each in told for path in each["modules"]]
    return [each for each in known if not parts or any(part in each.path for part in parts)]


def copied(folder):
    """The files of the work tree as they are, without what git ignores."""
    listed = subprocess.check_output(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True
    )
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def annotated(source):
    """Where types are written, and how a class is made: what stands there changes nothing while the product runs."""
    found = []
    for node in ast.walk(ast.parse(source)):
        made = node.decorator_list if isinstance(node, ast.ClassDef) else []
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None), *made):
            if part is not None:
                found.append(((part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)))
    return found


def mutants_of(module, folder):
    """All that can be done to a module, in an order that stays the same."""
    os.chdir(folder)
    with use_db(str(folder / "mutants.sqlite"), WorkDB.Mode.create) as known:
        init([Path(module.path)], known, {})
        mutations = [item.mutations[0] for item in known.work_items]
    types = annotated(Path(module.path).read_text())
    kept = [
        each
        for each in mutations
        if each.operator_name in CHOSEN and not any(start <= each.start_pos < end for start, end in types)
    ]
    return sorted(kept, key=lambda each: (each.start_pos, each.operator_name, each.occurrence))


def begin(folders):
    """A process of its own takes one copy, and stands back for whoever works on the machine."""
    os.nice(5)
    prepare(folders.get())


def unbroken(modules):
    return followed([each.path for each in modules], modules[0].tests)


def judged(module, mutation, known):
    """Tests that run what is broken have to notice; what none of them runs, none can."""
    tests = tests_of(module.path, mutation.start_pos[0], known)
    seconds = 60 + 20 * sum(known["seconds"][each] for each in tests)  # of a clock, on a machine that is busy

    def notice(*_):
        whole, said = passes(tests, seconds) if tests else (True, "")
        return (TestOutcome.SURVIVED if whole else TestOutcome.KILLED), said

    mutating.run_tests = notice
    result = mutating.mutate_and_test([mutation], "", seconds)
    outcome = result.test_outcome or TestOutcome.INCOMPETENT
    diff = result.diff or result.output
    return Tried(mutation.operator_name, mutation.start_pos[0], outcome.value, diff, len(tests))


def told(module, known, jobs):
    """Each survivor as soon as it is known, and the module's score after them."""
    print(f"\n{module.path}: {known} mutants", flush=True)
    results = [_told(job.result()) for job in jobs]
    killed = [each for each in results if each.outcome != TestOutcome.SURVIVED.value]
    score = 100 * len(killed) / len(results) if results else 100
    print(f"  {len(results)} tried, {len(killed)} killed: {score:.0f} %", flush=True)
    return len(results), len(killed)


def _told(each):
    if each.outcome == TestOutcome.SURVIVED.value:
        changed = [
            line for line in each.diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ]
        print(f"  line {each.line}, {each.operator.split('/')[1]}, run by {each.tests} tests")
        print("".join(f"      {line}\n" for line in changed), end="", flush=True)
    return each


def run(asked):
    import multiprocessing

    begun, sums = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="mutants-", dir=in_memory()) as scratch:
        folders = multiprocessing.Manager().Queue()
        copies = [copied(Path(scratch) / str(number)) for number in range(asked.processes)]
        for each in copies:
            folders.put(str(each))
        os.environ |= {"TMPDIR": in_memory(), "PYTHONPATH": str(copies[0])}
        with ProcessPoolExecutor(asked.processes, initializer=begin, initargs=(folders,)) as pool:
            for _, feature in itertools.groupby(modules_named(asked.modules), key=lambda each: each.tests):
                modules = list(feature)
                known, said = pool.submit(unbroken, modules).result()
                if known is None:
                    print(f"\n{modules[0].tests} fail without any mutant:\n{said[-3000:]}")
                    continue
                for module in modules:
                    mutants = every = mutants_of(module, copies[0])
                    if asked.sample and asked.sample < len(every):
                        mutants = random.Random(f"{asked.seed} {module.path}").sample(every, asked.sample)
                    jobs = [pool.submit(judged, module, each, known) for each in mutants]
                    sums.append(told(module, len(every), jobs))
    tried, killed = map(sum, zip(*sums, (0, 0), strict=True))
    print(
        f"\n{tried} mutants tried, {killed} killed: {100 * killed / max(tried, 1):.1f} %, seed {asked.seed}, ",
        end="",
    )
    print(f"{time.monotonic() - begun:.0f} s")


def in_memory():
    return os.environ.get("TMPDIR") or (
        "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="part of a path; all of modules.toml when none is named")
    parser.add_argument("--sample", type=int, help="mutants a module; all when it is not said")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    run(parser.parse_args())
