"""What several people gave to one pool: in the pack and the statement of each, without the others' codes."""

import json

from biobank.custody.states import Action
from biobank.processing.inputs import NewPool, Part
from biobank.processing.pools import make_pool
from biobank.statements.choices import Purpose
from biobank.statements.statement import statement_of
from tests.floor import CODE, SCAN
from tests.statements.test_pack import (
    OTHER,
    checked,
    codes_of_the_other,
    files_of,
    findings,
    lines,
    packed,
    text_of,
    unpacked,
    with_lines,
)

SERUM = "1SS08"


def pooled(leaving):
    """A pool of two people's serum, of which a portion is taken; both of them leave."""
    leaving.window(0)
    leaving.participant(OTHER)
    parts = tuple(Part(leaving.received(participant=code)[SERUM], 500) for code in (CODE, OTHER))
    new = NewPool(parts=parts, specification="serum pool")
    pool = make_pool(leaving.work, new, by=leaving.technician, source=SCAN, at=leaving.told()).pool.identifier
    portion = [{"specification": "serum", "volume_microlitres": 100}]
    leaving.step(pool, Action.ALIQUOT, details={"children": portion})
    for participant in (CODE, OTHER):
        leaving.decide(participant=participant)
    return pool


def test_a_pool_is_in_the_pack_of_each_and_tells_neither_of_the_other(leaving, tmp_path):
    pool = pooled(leaving)
    content, key = packed(leaving)
    files = files_of(content)
    code, text = checked(unpacked(files, tmp_path / "pack"), key)
    assert code == 0, text
    everything = "\n".join(text_of(name, content) for name, content in files.items())
    assert [code for code in codes_of_the_other(leaving) if code in everything] == []
    without = with_lines(files, [line for line in lines(files) if line["subject"] != pool])
    listed = [line for line in lines(files, "subjects.jsonl") if line["subject"] != pool]
    found = findings(with_lines(without, listed, "subjects.jsonl"), tmp_path / "without", key)
    assert any(finding.startswith(f"removed: {pool} is named by") for finding in found), found


def test_a_statement_says_that_other_people_are_in_it_and_not_who(leaving):
    pool = pooled(leaving)
    statement = statement_of(leaving.work, CODE, "en", Purpose.REQUEST)
    [mixture] = [sample for sample in statement.samples if sample.identifier == pool]
    assert "a mixture with material of other people" in mixture.title
    told = " ".join(line.text for part in statement.parts for line in part.lines)
    assert "Put together with material of other people" in told
    assert statement.unknown == ()
    assert OTHER not in str(statement)


def test_a_tube_that_turned_out_to_be_anothers_is_told_up_to_then(leaving, tmp_path):
    leaving.participant(OTHER)
    tube = leaving.tube()
    leaving.decide()
    leaving.step(tube, Action.LINK, leaving.lead, details={"participant": OTHER})
    leaving.step(tube, Action.FREEZE)
    content, key = packed(leaving)
    files = files_of(content)
    assert findings(files, tmp_path / "pack", key) == []
    assert OTHER not in "\n".join(text_of(name, content) for name, content in files.items())
    steps = [
        json.loads(line["body"]).get("action")
        for line in lines(files)
        if line["subject"] == tube and "body" in line
    ]
    assert "collect" in steps
    assert "freeze" not in steps
    statement = statement_of(leaving.work, CODE, "en", Purpose.REQUEST)
    [sample] = [sample for sample in statement.samples if sample.identifier == tube]
    assert "It turned out to be somebody else's" in sample.facts[-1]
    whole = statement_of(leaving.work, OTHER, "en", Purpose.REQUEST)
    assert "Frozen at" in str(whole)
    assert CODE not in str(whole)


def test_what_was_linked_away_before_anybody_decided_is_told_up_to_then(leaving, tmp_path):
    tube, third = leaving.tube(), "A700000003"
    for participant in (OTHER, third):
        leaving.participant(participant)
    leaving.step(tube, Action.LINK, leaving.lead, details={"participant": OTHER})
    leaving.step(tube, Action.FREEZE)
    leaving.step(tube, Action.LINK, leaving.lead, details={"participant": third})
    leaving.step(tube, Action.THAW)
    content, key = packed(leaving)
    files = files_of(content)
    assert findings(files, tmp_path / "pack", key) == []
    statements = [statement_of(leaving.work, code, "en", Purpose.REQUEST) for code in (CODE, OTHER, third)]
    assert [[sample.identifier for sample in each.samples] for each in statements] == [[tube]] * 3
    assert [statement.unknown for statement in statements] == [()] * 3
    mine, theirs, whole = map(str, statements)
    assert "turned out to be somebody else's" in mine
    assert ["Frozen at" in text for text in (mine, theirs, whole)] == [False, True, True]
    assert ["Thawed" in text for text in (mine, theirs, whole)] == [False, False, True]
    assert not any(code in mine for code in (OTHER, third))
    without = with_lines(files, [line for line in lines(files) if line["subject"] != tube])
    listed = [line for line in lines(files, "subjects.jsonl") if line["subject"] != tube]
    found = findings(with_lines(without, listed, "subjects.jsonl"), tmp_path / "without", key)
    assert any(finding.startswith(f"removed: {tube} is named by") for finding in found), found
