"""Numbers by which studies know what they are given, and the manifest: nothing in it identifies anybody."""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.rows import in_turns
from biobank.custody.steps import ItemNow
from biobank.distribution.models import Distribution, StudyRequest
from biobank.distribution.queries import distributed_in, distribution_seen_by, request_called
from biobank.items.models import Item
from biobank.items.queries import items_numbered, participants_behind
from biobank.ledger.operations import append_to
from biobank.reports.formats import as_csv
from biobank.retrieval.choices import Dates
from biobank.retrieval.models import StudySample
from biobank.retrieval.queries import samples_of

KIND = "study_sample"
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without what is mistaken for another: 0 and O, 1, I and L, U and V."""
HEAD = ("sample", "kind", "specification", "volume_microlitres", "collected")
FORMATS = {Dates.NONE: "", Dates.YEAR: "%Y", Dates.MONTH: "%Y-%m"}


@dataclass(frozen=True)
class ManifestLine:
    """A piece as the study is told of it."""

    sample: str
    kind: str
    specification: str
    volume_microlitres: int | None
    collected: str

    @property
    def told(self) -> tuple[str, ...]:
        volume = "" if self.volume_microlitres is None else str(self.volume_microlitres)
        return self.sample, self.kind, self.specification, volume, self.collected


@dataclass(frozen=True)
class Manifest:
    """What a study is told of one hand-over, and the bytes of its file."""

    distribution: int
    request: StudyRequest
    lines: tuple[ManifestLine, ...]
    content: bytes


def subject_of_samples(request: StudyRequest) -> str:
    """Under which subject the ledger keeps the sample numbers of a study."""
    return f"study_samples:{request.id}"


def number_sample(work: Work, request: StudyRequest, item: ItemNow, *, by: Actor) -> str:
    """The study's number of a piece: drawn once, the same when it is handed over again.

    The caller has locked the request.
    """
    known = samples_of(work, request.id, [item.id]).get(item.id)
    if known is not None:
        return known
    number = _new_number(work, request)
    given_at = moments.now()
    work.session.add(
        StudySample(
            request_id=request.id, item_id=item.id, number=number, given_at=given_at, given_by=by.person
        )
    )
    work.flush()
    content = {"change": "numbered", "item": item.identifier, "number": number, "recorded_by": by.person}
    append_to(work, subject=subject_of_samples(request), kind=KIND, content=content)
    return number


def _new_number(work: Work, request: StudyRequest) -> str:
    while True:
        drawn = "".join(secrets.choice(ALPHABET) for _ in range(8))
        number = f"S-{drawn[:4]}-{drawn[4:]}"
        taken = select(StudySample.id).where(
            StudySample.request_id == request.id, StudySample.number == number
        )
        if work.session.scalar(taken) is None:
            return number


def manifest_lines(
    work: Work, distribution: Distribution, dates: Dates, left_out: frozenset[str]
) -> list[ManifestLine]:
    """By sample number, so that not even the order in which they lay tells anything.

    Of whoever is in `left_out` the number and the kind stand alone: the piece is in the box, and nothing more
    is told.
    """
    pieces = [each.item_id for each in distributed_in(work, distribution)]
    numbers = samples_of(work, distribution.request_id, pieces)
    chose = _whose_is_left_out(work, pieces, left_out)
    items = [item for item in items_numbered(work, pieces) if item.id in numbers]
    return sorted(
        (_line(item, numbers[item.id], dates, quiet=item.id in chose) for item in items),
        key=lambda line: line.sample,
    )


def _whose_is_left_out(work: Work, pieces: list[int], left_out: frozenset[str]) -> set[int]:
    found: set[int] = set()
    for some in in_turns(pieces):
        whose = select(Item.id, Item.participant).where(Item.id.in_(some))
        for number, code in work.session.execute(whose):
            people = [code] if code else participants_behind(work, number)
            found |= {number} if left_out.intersection(people) else set()
    return found


def _line(item: Item, sample: str, dates: Dates, *, quiet: bool) -> ManifestLine:
    form = FORMATS[dates]
    collected = item.collected_at.strftime(form) if item.collected_at and form and not quiet else ""
    return ManifestLine(
        sample=sample,
        kind=item.kind,
        specification=item.specification or "",
        volume_microlitres=None if quiet else item.volume_microlitres,
        collected=collected,
    )


def make_manifest(
    work: Work, number: int, dates: Dates, *, by: Actor, left_out: frozenset[str] = frozenset()
) -> Manifest:
    """The file for a study about one hand-over, as an entry of the log. Raises `DistributionUnknown`."""
    distribution = distribution_seen_by(work, by, number)
    named = work.session.get_one(StudyRequest, distribution.request_id).number
    request = request_called(work, named, locked=True)
    lines = manifest_lines(work, distribution, dates, left_out)
    content = as_csv([HEAD, *(line.told for line in lines)])
    sha256 = hashlib.sha256(content).hexdigest()
    told = {"distribution": number, "dates": dates.value, "pieces": len(lines), "sha256": sha256}
    kept = {"change": "manifest", "recorded_by": by.person, **told}
    append_to(work, subject=subject_of_samples(request), kind=KIND, content=kept)
    return Manifest(number, request, tuple(lines), content)


def sample_numbers(work: Work) -> Iterator[tuple[str, str, str]]:
    """Subject, piece and number of every one that was given."""
    question = select(StudyRequest, Item.identifier, StudySample.number)
    question = question.join(StudySample, StudySample.request_id == StudyRequest.id)
    for request, item, number in work.session.execute(question.join(Item, Item.id == StudySample.item_id)):
        yield subject_of_samples(request), item, number
