"""Writes the pages that are read off the code: states, data dictionary, commands.

    .venv/bin/python docs/generate.py [--check]

With `--check` nothing is written, and the exit code is 1 when a page is not what the code says.
"""

import argparse
import ast
import importlib
import inspect
import pkgutil
import sys
from itertools import pairwise
from pathlib import Path

import click

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import biobank  # noqa: E402 (found once its folder is on the path)
from biobank.commands import main as command_line  # noqa: E402 (the same)
from biobank.core.tables import Base  # noqa: E402 (the same)
from biobank.custody.states import SPECIMENS, STORAGE, Kind, State  # noqa: E402 (the same)
from biobank.custody.transitions import TRANSITIONS  # noqa: E402 (the same)
from biobank.identity.models import IdentityBase  # noqa: E402 (the same)
from biobank.web.terminal import every_command  # noqa: E402 (the same)

MADE = "Made by `docs/generate.py` from the code; do not edit.\n"
DRAWN = {"Kit": [Kind.KIT], "Tube": [Kind.TUBE], "Aliquot": [Kind.ALIQUOT], "Parcel": [Kind.PARCEL],
         "Waste bag": [Kind.WASTE]}  # fmt: skip


def states_page():
    """One diagram a kind of the steps that change a state, and the whole table."""
    lines = ["# States and steps", "", MADE]
    for title, kinds in DRAWN.items():
        lines += [f"## {title}", "", "```mermaid", "stateDiagram-v2", *_arrows(kinds[0]), "```", ""]
    lines += [
        "## The table",
        "",
        "| of | step | from | to | who | nature | place |",
        "|---|---|---|---|---|---|---|",
    ]
    seen = []
    for row in TRANSITIONS.values():
        if row not in seen:
            seen.append(row)
            lines.append(_table_row(row))
    return "\n".join(lines) + "\n"


def _arrows(kind):
    for (of, action), row in TRANSITIONS.items():
        if of is kind and row.target not in (State.SAME, State.AS_BEFORE):
            for origin in sorted(row.origins):
                start = "[*]" if origin is State.UNREGISTERED else origin.value
                yield f"    {start} --> {row.target.value}: {action.value}"


def _table_row(row):
    kinds = "specimen" if row.kinds == SPECIMENS else "storage" if row.kinds == STORAGE else None
    kinds = kinds or ", ".join(sorted(kind.value for kind in row.kinds))
    origins = ", ".join(sorted(state.value for state in row.origins))
    roles = ", ".join(sorted(role.value for role in row.roles))
    asked = "" if row.asks_back or row.nature.value == "decision" else ", never asked back"
    return (
        f"| {kinds} | {row.action.value} | {origins} | {row.target.value} | {roles} | "
        f"{row.nature.value}{asked} | {row.placing.value} |"
    )


def dictionary_page():
    """Every table and column, with the sentence that stands under it in the models."""
    models = {}
    for module in pkgutil.walk_packages(biobank.__path__, "biobank."):
        if module.name.endswith(".models"):
            importlib.import_module(module.name)
    for mapper in Base.registry.mappers:
        models[mapper.local_table.name] = mapper.class_
    lines = ["# Data dictionary", "", MADE, "Moments are microseconds since 1970 in UTC.", ""]
    for name in sorted(models):
        lines += _table_lines(name, models[name])
    lines += ["# The identity vault", "", "A database of its own.", ""]
    vault = {mapper.local_table.name: mapper.class_ for mapper in IdentityBase.registry.mappers}
    for name in sorted(vault):
        lines += _table_lines(name, vault[name])
    return "\n".join(lines) + "\n"


def _table_lines(name, model):
    told = _sentences(model)
    yield from (f"## {name}", "", " ".join((model.__doc__ or "").split()), "")
    yield from ("| column | type | may be empty | meaning |", "|---|---|---|---|")
    for column in model.__table__.columns:
        yield (
            f"| {column.name} | {column.type.__class__.__name__} | {'yes' if column.nullable else ''} | "
            f"{told.get(column.name, '')} |"
        )
    yield ""


def _sentences(model):
    """The text literals that follow the attributes of a class, and of those that it has columns from."""
    shared = [each for each in reversed(model.__mro__) if each.__module__.startswith("biobank.")]
    return {name: sentence for each in shared for name, sentence in _sentences_within(each)}


def _sentences_within(model):
    for before, after in pairwise(ast.parse(inspect.getsource(model)).body[0].body):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(before, ast.AnnAssign) and is_text:
            yield before.target.id, " ".join(after.value.value.split())


def commands_page():
    lines = ["# Commands", "", MADE]
    for name, command in sorted(every_command(command_line)):
        context = click.Context(command, info_name=f"biobank {name}")
        lines += [f"## biobank {name}", "", "```", command.get_help(context), "```", ""]
    return "\n".join(lines) + "\n"


PAGES = {"states.md": states_page, "data-dictionary.md": dictionary_page, "commands.md": commands_page}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    stale = []
    for name, page in PAGES.items():
        path, text = HERE / name, page()
        if asked.check:
            stale += [name] if not path.exists() or path.read_text(encoding="utf-8") != text else []
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"Not what the code says: {', '.join(stale)}; run .venv/bin/python docs/generate.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
