"""Runs of a centrifuge with many tubes: all go in or none, balanced, taken out, as the log says."""

import pytest
from sqlalchemy import event, text

from biobank.custody.queries import newest_events
from biobank.custody.states import Action
from biobank.custody.steps import AskedBack
from biobank.processing.choices import Balance, Brake, Kept, Rotor
from biobank.processing.inputs import NewProgramme, NewRun
from biobank.processing.models import Spin
from biobank.processing.operations import add_programme
from biobank.processing.queries import newest_spin
from biobank.processing.replay import run_findings, spin_findings
from biobank.processing.runs import (
    RunOver,
    RunRefused,
    RunUnknown,
    end_run,
    is_cut_short,
    newest_runs,
    run_numbered,
    start_run,
    tubes_in,
)
from tests.floor import SCAN

SST, EDTA, EDTA_4, PST_1 = "1SS08", "1ED10", "1ED04", "PS04A"


@pytest.fixture
def programme(floor):
    new = NewProgramme(
        site="biobank-1", name="Plasma", g=1300, minutes=15, temperature_celsius=20, rotor=Rotor.SWINGING_BUCKET,
        brake=Brake.ON,
    )  # fmt: skip
    return add_programme(floor.work, new, by=floor.lead)


def run(floor, programme, *tubes, minutes=600, confirmation=None, **more):
    new = NewRun(tubes=tubes, **({"balance": Balance.EVEN} | more))
    return start_run(
        floor.work, new, programme, by=floor.technician, source=SCAN, at=floor.told(minutes),
        confirmation=confirmation,
    )  # fmt: skip


def test_all_tubes_of_a_run_go_in_at_one_moment_by_one_programme(floor, programme):
    tubes = floor.received(minutes=60)
    begun, steps = run(floor, programme, tubes[EDTA], tubes[EDTA_4], kept_at=Kept.COLD, centrifuge="Rotina 2")
    event = newest_events(floor.work, tubes[EDTA], 1)[0]
    assert event["details"] == {
        "run": begun.id,
        "programme": {"name": "Plasma", "g": 1300, "minutes": 15, "temperature_celsius": 20},
        "rotor": "swinging_bucket",
        "brake": "on",
        "kept_at": "2_to_10_degrees",
    }
    assert [tube.identifier for _, tube in tubes_in(floor.work, begun)] == [tubes[EDTA], tubes[EDTA_4]]
    assert (len(steps), begun.tubes, begun.site) == (2, 2, "biobank-1")
    assert newest_runs(floor.work, floor.technician) == [begun]
    ended = end_run(floor.work, begun.id, by=floor.technician, at=floor.told(616))
    assert not is_cut_short(ended)
    with pytest.raises(RunOver):
        end_run(floor.work, begun.id, by=floor.technician, at=floor.told(617))
    assert [*run_findings(floor.work), *spin_findings(floor.work)] == []
    ended.minutes = 10
    assert "is stored with minutes 10, not 15" in next(run_findings(floor.work)).sentence


def test_an_odd_tube_and_what_is_surprising_of_several_are_asked_about_once_each(floor, programme):
    tubes = floor.received(minutes=60)
    with pytest.raises(AskedBack, match="3 tubes cannot stand opposite"):
        run(floor, programme, tubes[SST], tubes[EDTA], tubes[PST_1])
    for code in (SST, PST_1):
        floor.step(tubes[code], Action.CENTRIFUGE, minutes=100)
    with pytest.raises(AskedBack) as question:
        run(floor, programme, tubes[SST], tubes[EDTA], tubes[PST_1], balance=Balance.COUNTERWEIGHT)
    assert question.value.detail.count("was centrifuged already") == 2
    assert question.value.detail.count("If it really is so") == 1


def test_what_cannot_be_is_refused_and_no_tube_went_in(floor, programme):
    tubes = floor.received(minutes=60)
    for named, more in (
        ((tubes[SST], tubes[SST]), {}),
        ((), {}),
        ((tubes[SST], tubes[EDTA]), {"centrifuge": "x" * 41}),
    ):
        with pytest.raises(RunRefused):
            run(floor, programme, *named, **more)
    with pytest.raises(RunRefused, match="Begin a run"):
        floor.step(tubes[SST], Action.CENTRIFUGE, details={"run": 99})
    assert newest_spin(floor.work, floor.now(tubes[SST]).id) is None
    begun, _ = run(floor, None, tubes[SST], tubes[EDTA])
    with pytest.raises(RunRefused, match="began after that"):
        end_run(floor.work, begun.id, by=floor.technician, at=floor.told(599))
    with pytest.raises(RunUnknown):
        run_numbered(floor.work, floor.clinic, begun.id + 1)


def test_tubes_that_come_out_early_are_said_to(floor, programme):
    tubes = floor.received(minutes=60)
    begun, _ = run(floor, programme, tubes[SST], tubes[EDTA])
    assert is_cut_short(end_run(floor.work, begun.id, by=floor.technician, at=floor.told(605)))


def test_each_tube_of_a_run_is_counted_and_none_is_read_again_for_the_next(floor, programme):
    """A rotor holds two hundred: read anew for each, they would be twenty thousand."""
    tubes = list(floor.received(minutes=60).values())
    read = []

    def note(spin, _context):
        read.append(spin.id)

    event.listen(Spin, "load", note)
    try:
        begun, steps = run(floor, None, *tubes, balance=Balance.COUNTERWEIGHT, confirmation="As they stand.")
    finally:
        event.remove(Spin, "load", note)
    assert (len(steps), read) == (len(tubes), [])
    assert len(tubes_in(floor.work, begun)) == len(tubes)
    if floor.work.dialect == "sqlite":  # PostgreSQL plans by what is in the table
        asked = f"EXPLAIN QUERY PLAN SELECT count(*) FROM spins WHERE run_id = {begun.id}"
        assert "ix_spins_run_id" in " ".join(row[3] for row in floor.work.connection.execute(text(asked)))
