"""Why a count was given up, or closed without a second one, names nobody whose tubes lie there or were read."""

import pytest

from biobank.inventories.operations import cancel_check
from biobank.participants import own_names
from biobank.participants.own_names import OwnNameWritten
from tests.floor import CODE


def test_a_reason_holds_the_name_of_nobody_in_the_box(bench, monkeypatch):
    box = bench.floor.box()
    bench.stored(box)
    read = bench.floor.received(participant=bench.floor.participant("A500000001"))["1ED04"]
    bench.count(box).read(read, "B1")
    bench.end()
    for theirs in (CODE, "A500000001"):
        told = [lambda _work, _by, code, text, theirs=theirs: code == theirs and "Testa" in text]
        monkeypatch.setattr(own_names, "_installed", told)
        with pytest.raises(OwnNameWritten, match="^because holds a word"):
            bench.close(because="It was Testa")
        with pytest.raises(OwnNameWritten, match="^because holds a word"):
            cancel_check(bench.work, bench.number, "It was Testa", by=bench.floor.lead)
    assert bench.check.state == "counted"
