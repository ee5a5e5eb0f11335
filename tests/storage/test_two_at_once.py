"""Two scanners put two tubes into one position at the same moment: one wins, the other is asked back."""

from threading import Barrier, Thread

from biobank.core.database import reading, writing
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action
from biobank.custody.steps import AskedBack
from biobank.wiring import install_rules
from tests.floor import SCAN, Floor

TIMES = 5


def test_one_position_is_taken_once(app):
    install_rules()
    with app.app_context(), writing() as work:
        floor = Floor(work)
        tubes = list(floor.received().values())[:2]
        box = floor.box(rows=1, columns=TIMES)
    for column in range(1, TIMES + 1):
        answers = at_once(app, floor, tubes, box, f"A{column}")
        assert sorted(answers) == ["asked back", "stored"]
        with app.app_context(), reading() as work:
            found = [item_now(work, tube).position for tube in tubes]
        assert found.count(f"A{column}") == 1


def at_once(app, floor, tubes, box, position):
    answers, ready = [], Barrier(len(tubes), timeout=30)

    def store(tube):
        ready.wait()
        with app.app_context():
            try:
                with writing() as work:
                    record(
                        work, tube, Action.MOVE, by=floor.technician, source=SCAN, at=floor.told(),
                        place=box, position=position,
                    )  # fmt: skip
                answers.append("stored")
            except AskedBack:
                answers.append("asked back")
            except Exception as problem:
                answers.append(repr(problem))

    threads = [Thread(target=store, args=(tube,)) for tube in tubes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
