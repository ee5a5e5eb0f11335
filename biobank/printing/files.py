"""Labels into a file: a PDF or ZPL as its ending says; logged once the file is whole."""

from dataclasses import replace
from pathlib import Path

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.printing.choices import JobState, Medium
from biobank.printing.inputs import NewPrint
from biobank.printing.models import PrintJob
from biobank.printing.operations import Prepared, note, prepare
from biobank.printing.queries import LabelsRefused


def write_labels(
    work: Work, asked: NewPrint, path: Path, *, by: Actor, requisition: Path | None = None
) -> PrintJob:
    """Make a job and write its labels, the whole file or none. Raises `LabelsRefused`, and as `prepare`.

    `requisition` is where that of a whole kit goes; refused for anything else.
    """
    ending = path.suffix.removeprefix(".")
    if ending not in list(Medium):
        raise LabelsRefused(f"{path.name} has to end in .pdf or .zpl.", field="labels")
    prepared = prepare(work, replace(asked, medium=Medium(ending)), by=by)
    if requisition is not None:
        if len(prepared.documents) == 1:
            raise LabelsRefused("Only a whole kit has a requisition; print one kit.", field="requisition")
        write_whole(requisition, prepared.documents[1].content)
    write_job(work, prepared, path, by=by)
    return prepared.job


def write_job(work: Work, prepared: Prepared, path: Path, *, by: Actor) -> None:
    """Write the labels of a job that was just made; that is handing it out. Raises `LabelsRefused`."""
    document = prepared.documents[0]
    note(work, prepared.job, JobState.HANDED_OUT, by=by, remark=document.name)
    write_whole(path, document.content)


def write_whole(path: Path, content: bytes) -> None:
    """Under its name once all of it is written. Raises `LabelsRefused`."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as problem:
        raise LabelsRefused(f"{path} cannot be written: {problem.strerror}.", field="labels") from problem
