"""Signed notes, against C2SP's own example too, and what is refused."""

import pytest

from biobank.ledger import notes
from biobank.ledger.notes import KeyRefused, NoteRefused, PublicKey, SigningKey

TEXT = "biobank.example/log\n3\nsomething\n"
KEY = SigningKey.generate("biobank.example/log")
WITNESS = SigningKey.generate("witness.example/one")

# From Go's golang.org/x/mod/sumdb/note documentation: made by another implementation.
FOREIGN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
FOREIGN_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_of_another_implementation_is_read():
    key = PublicKey.parse(FOREIGN_KEY)
    note = notes.verify(FOREIGN_NOTE, [key])
    assert note.text == FOREIGN_NOTE.partition("\n\n")[0] + "\n"
    assert note.signed_by == (key,)
    assert str(key) == FOREIGN_KEY


def test_signed_and_cosigned():
    note = notes.cosign(notes.sign(TEXT, KEY), WITNESS)
    assert notes.verify(note, [KEY.public]).signed_by == (KEY.public,)
    assert notes.verify(note, [WITNESS.public, KEY.public]).signed_by == (KEY.public, WITNESS.public)
    assert notes.verify(note, [KEY.public]).text == TEXT


def test_the_text_may_hold_empty_lines():
    text = "one\n\n\ntwo\n\n"
    assert notes.verify(notes.sign(text, KEY), [KEY.public]).text == text


def test_keys_survive_their_text_form():
    assert PublicKey.parse(str(KEY.public)) == KEY.public
    assert SigningKey.parse(KEY.secret_text()).public == KEY.public
    assert "PRIVATE" not in str(KEY.public)


def test_no_trusted_signature_is_refused():
    with pytest.raises(NoteRefused, match="No trusted key"):
        notes.verify(notes.sign(TEXT, KEY), [WITNESS.public])


def test_a_key_of_the_same_name_is_not_the_same_key():
    with pytest.raises(NoteRefused, match="No trusted key"):
        notes.verify(notes.sign(TEXT, KEY), [SigningKey.generate(KEY.name).public])


def test_a_false_signature_of_a_trusted_key_spoils_the_note():
    note = notes.cosign(notes.sign(TEXT, KEY), WITNESS)
    cosignature = notes.cosign(notes.sign("other\n", KEY), WITNESS).splitlines(keepends=True)[-1]
    forged = note.replace(note.splitlines(keepends=True)[-1], cosignature)
    with pytest.raises(NoteRefused, match=r"witness.example/one is not true"):
        notes.verify(forged, [KEY.public, WITNESS.public])


def test_every_changed_character_is_refused():
    note = notes.sign(TEXT, KEY)
    for position, character in enumerate(note):
        other = "x" if character != "x" else "y"
        with pytest.raises(NoteRefused):
            notes.verify(note[:position] + other + note[position + 1 :], [KEY.public])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\nno dash\n",
        "text\n\n\u2014 a AAAAAAA=",
        "te\txt\n\n\u2014 a AAAAAAA=\n",
        "text\n\n\u2014 a AAAA\n",
        "text\n\n\u2014 a AAAAAAB=\n",
        "text\n\n\u2014 a A\n",
        "text\n\n\u2014 a+b AAAAAAA=\n",
        "\ud800\n\n\u2014 a AAAAAAA=\n",
        "x" * 1_000_001 + "\n\n\u2014 a AAAAAAA=\n",
    ],
    ids=lambda note: ascii(note)[:40],
)
def test_what_is_no_note_is_refused(note):
    with pytest.raises(NoteRefused, match=r"not a signed note|cannot be read"):
        notes.verify(note, [KEY.public])


@pytest.mark.parametrize("text", ["", "no newline", "a\rb\n", "\ud800\n"], ids=ascii)
def test_what_cannot_be_signed(text):
    with pytest.raises(NoteRefused, match="A note ends with a newline"):
        notes.sign(text, KEY)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\u00a0b", "a\nb", "\ud800"], ids=ascii)
def test_names_of_keys(name):
    with pytest.raises(KeyRefused, match="one word"):
        SigningKey.generate(name)


@pytest.mark.parametrize(
    "text",
    ["", "log", "log+00000000+AQ==", FOREIGN_KEY[:-4], FOREIGN_KEY.replace("+AR", "+BR"), FOREIGN_KEY + "\n"],
    ids=ascii,
)
def test_what_is_no_public_key(text):
    with pytest.raises(KeyRefused, match="not an Ed25519 key"):
        PublicKey.parse(text)


def test_a_key_under_another_identifier_is_refused():
    with pytest.raises(KeyRefused, match="does not fit its own identifier"):
        PublicKey.parse(FOREIGN_KEY.replace("PeterNeumann", "PeterNewmann"))
    with pytest.raises(KeyRefused, match="restore it from a copy"):
        SigningKey.parse(KEY.secret_text().replace("log", "dog"))


def test_a_public_key_does_not_sign():
    with pytest.raises(KeyRefused, match="not a private key"):
        SigningKey.parse(str(KEY.public))
