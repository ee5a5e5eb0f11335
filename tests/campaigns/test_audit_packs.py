"""Packs and statements of many specimens: how long they take, how large they are, and that they are right."""

import time
import tracemalloc
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from biobank.custody.states import Action, Kind
from biobank.ledger.sealing import seal_whole
from biobank.statements.choices import Purpose
from biobank.statements.documents import statement_pdf
from biobank.statements.operations import record_pack
from biobank.statements.packs import prepare, write_pack
from biobank.statements.statement import statement_of
from biobank.statements.wording import words_in
from tests.floor import CODE
from tests.leaving import leaving
from tests.statements.test_pack import checked, files_of, unpacked

__all__ = ["leaving"]
pytestmark = pytest.mark.campaign


def specimens(leaving, count):
    """Tubes of kits, each divided, every portion stored, moved and held when their participant leaves."""
    freezer = leaving.unit(Kind.FREEZER, "Freezer 1").identifier
    other = leaving.unit(Kind.FREEZER, "Freezer 2").identifier
    made = 0
    while made < count:
        tube = leaving.received("urine-1")["1UR10"]
        portions = min(34, count - made - 1)
        children = [{"specification": "urine", "volume_microlitres": 10}] * portions
        born = leaving.step(tube, Action.ALIQUOT, details={"children": children}).born if portions else ()
        for child in born:
            leaving.step(child.identifier, Action.STORE, place=freezer)
            leaving.step(child.identifier, Action.MOVE, place=other)
        made += 1 + len(born)
    leaving.decide("keep", "keep")
    return made


def timed(work):
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def memory_of(work):
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("count", [35, 1000])
def test_a_pack_and_a_statement_of_many_specimens(leaving, tmp_path, count):
    specimens(leaving, count)
    seal_whole(leaving.work)
    reading, prepared = timed(lambda: prepare(leaving.work, CODE))
    signing, made = timed(lambda: record_pack(leaving.work, leaving.compliance, prepared, Purpose.AUDIT))
    stream = BytesIO()
    writing, entries = timed(lambda: write_pack(leaving.work, prepared, made, stream))
    peak = memory_of(lambda: write_pack(leaving.work, prepared, made, (tmp_path / "pack.zip").open("wb")))
    folder = unpacked(files_of(stream.getvalue()), tmp_path / "pack")
    checking, (code, text) = timed(lambda: checked(folder, str(made.public_key)))
    assert code == 0, text
    telling, statement = timed(lambda: statement_of(leaving.work, CODE, "en", Purpose.REQUEST))
    words = words_in(Path(leaving.work.settings.statement_file), "en")
    drawing, pdf = timed(lambda: statement_pdf(statement, words))
    assert len(statement.samples) >= count
    print(
        f"\n{count} specimens ({leaving.work.dialect}): {entries} entries; pack read {reading:.2f} s, signed "
        f"{signing:.2f} s, written {writing:.2f} s with {peak / 1e6:.0f} MB, "
        f"{len(stream.getvalue()) / 1e6:.2f} MB; checked {checking:.2f} s; statement read {telling:.2f} s, "
        f"drawn {drawing:.2f} s, {len(PdfReader(BytesIO(pdf)).pages)} pages, {len(pdf) / 1e6:.2f} MB"
    )
