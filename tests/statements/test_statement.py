"""The statement that a participant is handed: everything of the log, in words of people, in two languages."""

from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from biobank.access.permissions import Role
from biobank.core.errors import DomainError
from biobank.custody.states import SPECIMEN_STATES, SPECIMENS, Action, HoldKind, Kind
from biobank.custody.transitions import TRANSITIONS
from biobank.destruction.instructing import let_clinics_destroy
from biobank.disclosures.choices import FIELDS, Basis
from biobank.distribution.choices import HolderAnswer
from biobank.identity.choices import IdentityField, Reason
from biobank.ledger.operations import append_to
from biobank.messages.states import MessageState
from biobank.retrieval.choices import LineState, PickPurpose
from biobank.settings import DEFAULT_FILE
from biobank.statements.choices import Purpose
from biobank.statements.documents import statement_pdf
from biobank.statements.operations import record_statement
from biobank.statements.statement import statement_of
from biobank.statements.subjects import entries_about, subjects_of
from biobank.statements.telling import CASE_TOLD, Told, how_told
from biobank.statements.wording import words_in
from biobank.supplies.choices import Stage
from biobank.visits.choices import Change
from biobank.withdrawals.choices import SignedKind
from tests.floor import CODE
from tests.promises.test_promises import in_every_state
from tests.statements.test_pack import share_a_box_and_a_bag
from tests.statements.test_shared_material import pooled

CHILDREN = [{"specification": "serum", "volume_microlitres": 500}] * 3


def whole_life(leaving):
    """As much as one participant can live through: steps, holds, a loss, leaving, destruction, a certificate."""
    leaving.window(0)
    tubes = leaving.received()
    first, second, third, fourth = (tubes[name] for name in list(tubes)[:4])
    box = leaving.box()
    leaving.step(first, Action.ALIQUOT, details={"children": CHILDREN})
    leaving.step(second, Action.STORE, place=box, position="A1")
    leaving.step(second, Action.CHECK_OUT)
    leaving.step(second, Action.CONSUME)
    leaving.step(third, Action.REPORT_LOST)
    leaving.step(third, Action.FIND)
    leaving.step(fourth, Action.BREAK)
    leaving.step(first, Action.QUARANTINE, details={"reason": "label unreadable"})
    leaving.decide("undecided", "undecided")
    leaving.decide()
    leaving.destroy(third)
    return first


LIVES = (whole_life, in_every_state, share_a_box_and_a_bag, pooled)


@pytest.mark.parametrize("life", LIVES)
def test_every_entry_of_the_log_is_told_or_left_out_for_a_written_reason(leaving, life):
    life(leaving)
    record_statement(leaving.work, leaving.clinic, CODE, Purpose.REQUEST, None)
    statement = statement_of(leaving.work, CODE, "en", Purpose.REQUEST)
    told = [entry for part in statement.parts for line in part.lines for entry in line.entries]
    left_out = [entry for entries in statement.left_out.values() for entry in entries]
    log = [
        f"{row.subject}:{row.sequence}"
        for row, _ in entries_about(leaving.work, subjects_of(leaving.work, CODE).subjects)
    ]
    assert Counter(told + left_out) == Counter(log)
    assert statement.unknown == ()
    assert len(told) > len(left_out) / 2


def test_a_life_is_told_in_words_and_without_the_names_of_staff(leaving):
    whole_life(leaving)
    statement = statement_of(leaving.work, CODE, "en", Purpose.REQUEST)
    everything = " ".join(line.text for part in statement.parts for line in part.lines)
    assert "Taken from you at clinic-1" in everything
    assert "Used up at biobank-1" in everything
    assert (
        "You said that you leave the programme. Your information: remove. Your samples: destroy."
        in everything
    )
    assert "clinic.ana" not in everything


def test_what_has_no_words_yet_is_told_all_the_same_and_noticed_here(leaving):
    append_to(leaving.work, subject=f"participant:{CODE}", kind="brand_new", content={"recorded_by": "x"})
    statement = statement_of(leaving.work, CODE, "es", Purpose.REQUEST)
    assert statement.unknown == (f"participant:{CODE}:3",)
    told = [line.text for part in statement.parts for line in part.lines]
    assert any("brand new" in text for text in told)


def test_every_step_and_change_that_there_is_has_words():
    """Who adds a step, a hold or a state finds here that a participant has to be told of it too."""
    words = words_in(DEFAULT_FILE.with_name("statement.toml"), "en")
    missing = []
    for (kind, action), row in TRANSITIONS.items():
        for state in row.origins:
            event = {"action": action.value, "from": state.value}
            told = how_told(kind.value, "custody", event)
            if (
                kind in SPECIMENS | {Kind.KIT}
                and isinstance(told, Told)
                and not words.knows(told.words, told.key)
            ):
                missing.append(f"steps.{told.key}")
    missing += [f"holds.{hold}" for hold in HoldKind if not words.knows("holds", hold)]
    missing += [f"states.{state}" for state in sorted(SPECIMEN_STATES) if not words.knows("states", state)]
    missing += [f"kinds.{kind}" for kind in sorted(SPECIMENS) if not words.knows("kinds", kind)]
    missing += [f"roles.{role}" for role in Role if not words.knows("roles", role)]
    missing += [f"visits.{change}" for change in Change if not words.knows("visits", change)]
    missing += [f"reasons.{reason}" for reason in Reason if not words.knows("reasons", reason)]
    missing += [f"fields.{name}" for name in IdentityField if not words.knows("fields", name)]
    missing += [f"purposes.{purpose}" for purpose in Purpose if not words.knows("purposes", purpose)]
    missing += [
        f"records.signed_{kind}" for kind in SignedKind if not words.knows("records", f"signed_{kind}")
    ]
    missing += [f"records.mailed_{stage}" for stage in Stage if not words.knows("records", f"mailed_{stage}")]
    missing += [f"records.case_{each}" for each in CASE_TOLD if not words.knows("records", f"case_{each}")]
    missing += [f"pick_purposes.{each}" for each in PickPurpose if not words.knows("pick_purposes", each)]
    missing += [f"pick_states.{state}" for state in LineState if not words.knows("pick_states", state)]
    missing += [f"messages.{state}" for state in MessageState if not words.knows("messages", state)]
    missing += [f"bases.{basis}" for basis in Basis if not words.knows("bases", basis)]
    missing += [f"fields.{name}" for name in FIELDS if not words.knows("fields", name)]
    missing += [
        f"holder_answers.{answer}" for answer in HolderAnswer if not words.knows("holder_answers", answer)
    ]
    assert sorted(set(missing)) == []


def test_a_statement_says_which_way_it_was_decided(leaving):
    leaving.window(0)
    leaving.tube()
    leaving.decide()
    order = leaving.order().identifier
    for allowed in (True, False):
        let_clinics_destroy(leaving.work, leaving.compliance, order, allowed=allowed)
    for change in ("received", "accepted", "refused"):
        content = {"change": change, "recorded_by": "comp.ana"}
        append_to(leaving.work, subject=f"participant:{CODE}", kind="attestation", content=content)
    statement = statement_of(leaving.work, CODE, "en", Purpose.REQUEST)
    assert statement.unknown == ()
    [destruction] = [part for part in statement.parts if part.name == "destruction"]
    told = " ".join(line.text for line in destruction.lines)
    for sentence in (
        "your samples may be destroyed at the clinic that still has them",
        "It was taken back that your samples may be destroyed",
        "we have not accepted that yet",
        "We accepted what we were told",
        "We did not accept what we were told",
    ):
        assert sentence in told, sentence
    words = words_in(DEFAULT_FILE.with_name("statement.toml"), "en")
    for answer in HolderAnswer:  # nobody asks researchers to give anything back
        assert words.say("holder_answers", answer).startswith("Asked what became of it, they answered")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_person_who_never_saw_a_code_can_read_the_paper(leaving, language):
    whole_life(leaving)
    statement = statement_of(leaving.work, CODE, language, Purpose.REQUEST)
    words = words_in(Path(leaving.work.settings.statement_file), language)
    pdf = PdfReader(BytesIO(statement_pdf(statement, words)))
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    expected = {
        "en": ("What cannot be had back", "used up; nothing is left", "a tube of blood", "into a waste bag"),
        "es": ("Lo que no se puede recuperar", "usada por completo", "un tubo de sangre", "bolsa de desecho"),
    }
    for told in expected[language]:
        assert told in text, told
    assert pdf.metadata.author in (None, "")
    assert all(font["/FontDescriptor"].get_object().get("/FontFile2") for font in fonts_of(pdf))


def fonts_of(pdf):
    """Every typeface that is used: all of them have to be in the file."""
    for page in pdf.pages:
        for font in page["/Resources"]["/Font"].values():
            known = font.get_object()
            if known["/Subtype"] == "/TrueType":
                yield known


def test_a_statement_is_written_down_before_it_is_made(leaving):
    leaving.tube()
    with pytest.raises(DomainError, match="one of en, es"):
        record_statement(leaving.work, leaving.clinic, CODE, Purpose.REQUEST, "fr")
    assert record_statement(leaving.work, leaving.clinic, CODE, Purpose.COMPLAINT, None) == "en"
    statement = statement_of(leaving.work, CODE, "en", Purpose.COMPLAINT)
    [papers] = [part for part in statement.parts if part.name == "papers"]
    told = [line.text for line in papers.lines]
    assert told == ["Clinic staff made a statement like this one, because there was a complaint."]
