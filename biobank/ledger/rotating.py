"""New keys for what is kept sealed: each change of a key is an entry of the ledger."""

from dataclasses import dataclass

from biobank.core import key_rotation
from biobank.core.database import writing
from biobank.core.key_rotation import Exchanged, Ring, Rotated, Sealed
from biobank.ledger.operations import append_to


@dataclass(frozen=True)
class Logged(Sealed[Ring]):
    """Sealed rows, and under which subject and kind the ledger keeps what became of their keys."""

    subject: str
    entry: str


def rotate_data_key(rows: Logged[Ring], by: str) -> Rotated:
    """A new data key; the one before is emptied once nothing is sealed with it any more."""
    done = key_rotation.rotate_data_key(rows, by)
    _told(rows, {"key": done.key, "resealed": done.resealed, "what": "data_key", "recorded_by": by})
    return done


def exchange_file_key(rows: Logged[Ring], by: str) -> Exchanged:
    """A new key in the key file, every data key wrapped with it."""
    done = key_rotation.exchange_file_key(rows)
    _told(rows, {"key": done.key, "what": "key_file", "recorded_by": by})
    return done


def _told(rows: Logged[Ring], content: dict[str, object]) -> None:
    with writing() as work:
        append_to(work, subject=rows.subject, kind=rows.entry, content=content)
