"""Commands that write a statement or an audit pack to a file."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.statements.choices import FOR_PACKS, FOR_STATEMENTS, LANGUAGES, Purpose
from biobank.statements.schemas import StatementAnswer
from biobank.statements.statement import Statement
from biobank.statements.tasks import drawn, make_pack, make_statement
from biobank.web.terminal import acting, json_option, show

TO_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("statement")
@click.argument("code")
@click.option("--pdf", type=TO_FILE, help="Write it to this file, to be handed over.")
@click.option(
    "--language", type=click.Choice(LANGUAGES), help="Else the participant's own, as the vault has it."
)
@click.option("--purpose", type=click.Choice([each.value for each in FOR_STATEMENTS]), default="request")
@json_option
@acting(Permission.MAKE_STATEMENTS)
def statement(
    code: str, *, pdf: Path | None, language: str | None, purpose: str, by: Actor, as_json: bool
) -> None:
    """Tell in plain words everything that is kept of the participant CODE."""
    made = make_statement(by, code, Purpose(purpose), language)
    if pdf:
        pdf.write_bytes(drawn(made))
    lines = [f"Wrote {pdf}."] if pdf else _read_out(made)
    show(StatementAnswer().dump(made), as_json=as_json, lines=lines)


def _read_out(made: Statement) -> Iterator[str]:
    yield from (*made.introduction, "", made.samples_heading)
    yield from (f"  {sample.title} ({sample.code}). {'. '.join(sample.facts)}" for sample in made.samples)
    for part in made.parts:
        yield from ("", part.heading)
        for line in part.lines:
            yield f"  {line.at:%Y-%m-%d %H:%M}  {line.text}" if line.at else f"  {line.text}"


@click.command("audit-pack")
@click.argument("code")
@click.argument("file", type=TO_FILE)
@click.option("--purpose", type=click.Choice([each.value for each in FOR_PACKS]), default="audit")
@json_option
@acting(Permission.MAKE_AUDIT_PACKS)
def audit_pack(code: str, file: Path, *, purpose: str, by: Actor, as_json: bool) -> None:
    """Write everything of the participant CODE, with its proofs and the program that checks them, to FILE."""
    with TemporaryFile("w+b") as whole:  # what is refused leaves FILE as it was
        packed = make_pack(by, code, Purpose(purpose), whole)
        whole.seek(0)
        with file.open("wb") as stream:
            copyfileobj(whole, stream)
    told = f"{packed.entries} entries of {packed.subjects} subjects, {packed.withheld} of them withheld"
    lines = [
        f"Wrote {told}, to {file}.",
        f"Unpack it and run: python check_pack.py --public-key {packed.public_key}",
    ]
    show({"file": str(file), **asdict(packed)}, as_json=as_json, lines=lines)
