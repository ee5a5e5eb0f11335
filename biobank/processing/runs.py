"""Runs of a centrifuge with many tubes: all go in by one programme at one moment, all of it or nothing."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from biobank.access.actors import Actor
from biobank.core.counting import counted
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid, NotFound
from biobank.core.moments import Told, text_or_none
from biobank.core.personal_shapes import names_nobody
from biobank.core.rows import row_numbered
from biobank.custody.locking import lock_in_order
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action
from biobank.custody.steps import AskedBack, Attempt, ItemNow, Recorded, Source
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.ledger.operations import append_to
from biobank.participants.own_names import own_name_is_not_in
from biobank.processing.choices import LONGEST_NAME, Balance
from biobank.processing.inputs import NewRun
from biobank.processing.models import CentrifugeProgramme, CentrifugeRun, Spin
from biobank.processing.operations import told_of

ENTRY = "centrifuge_run"
MOST_TUBES = 200
"""More than the largest rotors hold."""
MOST_QUESTIONS = 5


class RunRefused(Invalid):
    """What was told of a run cannot be so."""

    title = "Centrifuge run"


class RunUnknown(NotFound):
    title = "Run unknown"


class RunOver(Conflict):
    title = "Run over"


def start_run(
    work: Work,
    new: NewRun,
    programme: CentrifugeProgramme | None,
    *,
    by: Actor,
    source: Source,
    at: Told | None,
    confirmation: str | None = None,
) -> tuple[CentrifugeRun, list[Recorded]]:
    """Every tube goes in at `at`, each by a step of its own. Without a programme nobody knows which it was.

    What is surprising about several of them is asked back about at once. Raises `RunRefused`, `AskedBack` and
    of each tube what `record` does.
    """
    tubes = _tubes(work, new)
    _centrifuge_is_a_name(work, new, tubes, by)
    if not confirmation:
        _is_balanced(new)
    lock_in_order(work, [tube.id for tube in tubes])
    run = _stored(work, new, programme, by, at)
    told = _told(new, programme, run)
    steps, questions = list[Recorded](), list[AskedBack]()
    for tube in tubes:
        try:
            steps.append(
                record(
                    work, tube.identifier, Action.CENTRIFUGE, by=by, source=source, at=at, details=told,
                    confirmation=confirmation,
                )
            )  # fmt: skip
        except AskedBack as question:
            questions.append(question)
    if questions:
        raise _one_question(questions)
    append_to(work, subject=subject_of_run(run), kind=ENTRY, content={**begun_content(run), **_who(tubes)})
    return run, steps


def end_run(work: Work, number: int, *, by: Actor, at: Told) -> CentrifugeRun:
    """The tubes are out, at `at`. Raises `RunUnknown`, `RunOver`, `RunRefused`."""
    run = run_numbered(work, by, number, locked=True)
    if run.ended_at is not None:
        raise RunOver(f"The tubes of run {run.id} were taken out already; look at each tube.")
    if run.began_at is not None and at.at < run.began_at:
        raise RunRefused(f"Run {run.id} began after that; look at the time again.", field="occurred_at")
    run.ended_at, run.ended_by = at.at, by.person
    append_to(work, subject=subject_of_run(run), kind=ENTRY, content=ended_content(run))
    work.flush()
    return run


def is_cut_short(run: CentrifugeRun) -> bool:
    """Whether the tubes came out a minute or more before the end of the programme."""
    if run.began_at is None or run.minutes is None or run.ended_at is None:
        return False
    return run.ended_at + timedelta(minutes=1) <= run.began_at + timedelta(minutes=run.minutes)


def run_numbered(work: Work, by: Actor, number: int, *, locked: bool = False) -> CentrifugeRun:
    """A run of a site of theirs. Raises `RunUnknown`."""
    run = row_numbered(work, CentrifugeRun, number, locked=locked)
    if run is None or (run.site is not None and not by.works_at(run.site)):
        raise RunUnknown("Your site has no centrifuge run of that number; look at the newest runs.")
    return run


MOST_RUNS = 30


def newest_runs(work: Work, by: Actor) -> list[CentrifugeRun]:
    """Of somebody's sites, the newest first."""
    asked = select(CentrifugeRun)
    if by.sites is not None:
        asked = asked.where(CentrifugeRun.site.in_(sorted(by.sites)))
    return list(work.session.scalars(asked.order_by(CentrifugeRun.id.desc()).limit(MOST_RUNS)))


def tubes_in(work: Work, run: CentrifugeRun) -> list[tuple[Spin, Item]]:
    """In the order in which they were scanned; what was taken back is not among them."""
    asked = select(Spin, Item).join(Item, Item.id == Spin.item_id)
    found = work.session.execute(asked.where(*_in(run)).order_by(Spin.id))
    return [(spin, tube) for spin, tube in found]


def _count_in(work: Work, run: CentrifugeRun) -> int:
    return work.session.scalar(select(func.count(Spin.id)).where(*_in(run))) or 0


def _in(run: CentrifugeRun) -> tuple[ColumnElement[bool], ...]:
    return Spin.run_id == run.id, Spin.undone_sequence.is_(None)


def run_is_known(work: Work, attempt: Attempt) -> None:
    """Wired before `centrifuge`: a tube is of a run only when it goes in with it. Raises `RunRefused`."""
    told = attempt.details.get("run")
    if told is None:
        return
    run = row_numbered(work, CentrifugeRun, told) if type(told) is int else None
    if run is None or run.ended_at is not None or _count_in(work, run) >= run.tubes:
        raise RunRefused("Begin a run with all its tubes, or scan a tube in by itself.", field="details.run")


# What the log keeps of a run; `verify` compares it.


def subject_of_run(run: CentrifugeRun) -> str:
    return f"centrifuge-run:{run.id}"


def begun_content(run: CentrifugeRun) -> dict[str, Any]:
    return {
        "change": "begun",
        "site": run.site,
        "centrifuge": run.centrifuge,
        "programme": run.programme,
        "minutes": run.minutes,
        "balance": run.balance,
        "tubes": run.tubes,
        "began_at": text_or_none(run.began_at),
        "recorded_by": run.begun_by,
    }


def ended_content(run: CentrifugeRun) -> dict[str, Any]:
    return {"change": "ended", "ended_at": text_or_none(run.ended_at), "recorded_by": run.ended_by}


def _who(tubes: Sequence[ItemNow]) -> Mapping[str, Any]:
    return {"items": [tube.identifier for tube in tubes]}


def _tubes(work: Work, new: NewRun) -> list[ItemNow]:
    if not 1 <= len(new.tubes) <= MOST_TUBES:
        raise RunRefused(f"Scan the tubes that go in, 1 to {MOST_TUBES} of them.", field="tubes")
    tubes = [item_now(work, text) for text in new.tubes]
    seen = set[int]()
    for tube in tubes:
        if tube.id in seen:
            raise RunRefused(
                f"{printed(tube.identifier)} was scanned twice; each tube stands in one place.", field="tubes"
            )
        seen.add(tube.id)
    return tubes


def _centrifuge_is_a_name(work: Work, new: NewRun, tubes: Sequence[ItemNow], by: Actor) -> None:
    if len(new.centrifuge) > LONGEST_NAME or not new.centrifuge.isprintable():
        raise RunRefused(f"A centrifuge has a name of at most {LONGEST_NAME} characters.", field="centrifuge")
    names_nobody("centrifuge", new.centrifuge)
    for participant in sorted({tube.participant for tube in tubes if tube.participant}):
        own_name_is_not_in(work, by, participant, new.centrifuge, "centrifuge")


def _is_balanced(new: NewRun) -> None:
    """Raises `AskedBack`: an odd tube has none opposite it, so either one is missing or one is a dummy."""
    if new.balance is Balance.EVEN and len(new.tubes) % 2:
        raise AskedBack(
            f"{counted(len(new.tubes), 'tube')} cannot stand opposite each other: one is not scanned, or a "
            "balance tube stands among them. If it really is so, confirm it with a reason.",
            confirmable=True,
            reason_code="unbalanced",
        )


def _stored(
    work: Work, new: NewRun, programme: CentrifugeProgramme | None, by: Actor, at: Told | None
) -> CentrifugeRun:
    run = CentrifugeRun(
        site=programme.site if programme else by.bench_site,
        centrifuge=new.centrifuge or None,
        programme=programme.name if programme else None,
        minutes=programme.minutes if programme else None,
        balance=new.balance.value,
        tubes=len(new.tubes),
        began_at=at.at if at else None,
        begun_by=by.person,
    )
    work.session.add(run)
    work.flush()
    return run


def _told(new: NewRun, programme: CentrifugeProgramme | None, run: CentrifugeRun) -> dict[str, Any]:
    told: dict[str, Any] = {"run": run.id, **(told_of(programme) if programme else {})}
    return told | ({"kept_at": new.kept_at.value} if new.kept_at else {})


ASKING = " If it really is so, confirm it with a reason."


def _one_question(questions: Sequence[AskedBack]) -> AskedBack:
    """All sentences in one, and how many more there are."""
    sentences = [question.detail.removesuffix(ASKING) for question in questions[:MOST_QUESTIONS]]
    more = len(questions) - len(sentences)
    told = " ".join([*sentences, f"Like that besides: {more}." if more else ""]).strip()
    code = questions[0].extra.get("reason_code")
    return AskedBack(f"{told}{ASKING}", confirmable=True, reason_code=code)
