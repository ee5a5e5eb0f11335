"""What was promised about telling participants what became of what they gave, and who looked at them."""

from io import BytesIO
from pathlib import Path

from pypdf import PdfReader

from biobank.access.models import Person
from biobank.custody.states import Action, Kind
from biobank.identity.operations import check_identity, enter_identity, record_read
from biobank.statements.choices import Purpose
from biobank.statements.documents import statement_pdf
from biobank.statements.operations import record_statement
from biobank.statements.statement import statement_of
from biobank.statements.wording import words_in
from tests.floor import CODE
from tests.identity.conftest import CALLS, CLINIC, ENROLLED, IDENTITY, OFFICER, PLAIN, SAID, VISIT
from tests.statements.test_pack import files_of, packed, text_of
from tests.studies import approved, committee, hand_over, shares

PORTIONS = [{"specification": "serum", "volume_microlitres": 500}] * 2


def lived(leaving):
    """Given, divided, stored, handed to a study, looked at by name, withdrawn, destroyed, certified."""
    work = leaving.work
    leaving.window(0)
    shares(leaving)
    committee(leaving)
    approved(leaving)
    enter_identity(work, OFFICER, CODE, IDENTITY, ENROLLED)
    check_identity(work, CLINIC, CODE, SAID, VISIT)
    record_read(work, OFFICER, CODE, CALLS)
    first, second = list(leaving.received().values())[:2]
    leaving.step(first, Action.ALIQUOT, details={"children": PORTIONS})
    leaving.step(second, Action.STORE, place=leaving.unit(Kind.FREEZER, "Freezer 3").identifier)
    hand_over(leaving, second)
    leaving.decide()
    return first


def read(leaving, language):
    """The paper as the participant reads it, line by line."""
    record_statement(leaving.work, leaving.clinic, CODE, Purpose.REQUEST, language)
    statement = statement_of(leaving.work, CODE, language, Purpose.REQUEST)
    words = words_in(Path(leaving.work.settings.statement_file), language)
    pages = PdfReader(BytesIO(statement_pdf(statement, words))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_p20_participants_are_told_how_what_they_gave_is_used_accessed_and_shared(leaving):
    """ "We inform participants about how their data are used, accessed and shared"; "Participants have access
    to their information\""""
    lived(leaving)
    text = read(leaving, "en")
    for told in (
        "Sample 1: a tube of blood",  # samples
        "a small portion of blood serum, made of sample 1",
        "at biobank-1",  # places
        "It was with biobank-1 and clinic-1.",  # custody
        "Given to UNI-1 for study STUDY-A under request REQ-7: sample 2.",  # distributions
        "They were not asked what became of it.",
        "An identity officer looked at",  # identity reads, with who and why
        "because somebody called and had to be recognised",
        "Clinic staff compared",
        "because you were at a visit",
        "You said that you leave the programme. Your information: remove. Your samples: destroy.",
        "Every sample is looked for and destroyed",
        "A message about your decision was made for you",
        "Sample 2: handed over to a study for good.",  # what cannot be had back
    ):
        assert told in text, told
    assert "Un oficial de identidad consultó" in read(leaving, "es")


def test_p20_the_certificate_is_told_with_its_number_and_how_to_check_it(leaving):
    """ "Participants have access to their information\""""
    leaving.window(0)
    tube = leaving.tube()
    leaving.decide()
    leaving.destroy(tube)
    leaving.confirm(leaving.order())
    text = read(leaving, "en")
    assert "Certificate of destruction C " in text
    assert "whoever holds it can check it, with us or without us" in text
    assert "Now: destroyed" in text


def test_p14_neither_paper_names_anybody(leaving):
    """ "names, addresses, and other identifying information will be removed\""""
    lived(leaving)
    paper = read(leaving, "es")
    pack = "\n".join(text_of(name, content) for name, content in files_of(packed(leaving)[0]).items())
    for plain in PLAIN:
        assert plain.decode() not in paper + pack, plain
    staff = [person.printed_name for person in leaving.work.session.query(Person)]
    assert [name for name in staff if name in paper] == []
