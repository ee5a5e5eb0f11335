"""What the programme's orders say, as the importing operation takes it.

Two things in an order point at people and may reach the sample side only through a keyed hash:
`ProgrammeOrder.programme_participant` and `Author.value`. They, and all that may repeat them, are left out
of every `repr`, so that no log or traceback shows them.
"""

from dataclasses import dataclass, field

from biobank.core.moments import Told
from biobank.exchange.choices import Fate, FlagKind


@dataclass(frozen=True, slots=True)
class OrderIdentifier:
    """A name of the order in the system that gave it.

    `names_participant` is true where the value contains the programme's participant number, as those of some
    systems do: then only a keyed hash of the value may be kept.
    """

    system: str
    value: str = field(repr=False)
    names_participant: bool = False


@dataclass(frozen=True, slots=True)
class Author:
    """A member of the staff by the account of another system, often an e-mail address: to be hashed."""

    system: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SiteReference:
    """A site by its code in another system."""

    system: str
    value: str


@dataclass(frozen=True, slots=True)
class Handling:
    """Who did something with an order, and at which site; either may be unknown."""

    author: Author | None = None
    site: SiteReference | None = None


@dataclass(frozen=True, slots=True)
class OrderSample:
    """One line of `samples` as it is written; a time that is not there is None, and unknown."""

    position: int
    test: str
    description: str | None = None
    processing_required: bool | None = None
    collected: Told | None = None
    processed: Told | None = None
    finalized: Told | None = None

    @property
    def where(self) -> str:
        return f"$.samples[{self.position}]"


@dataclass(frozen=True, slots=True)
class OrderedTube:
    """One tube of the order: the samples that mean the same tube, with the earliest time that any has.

    `code` is the code of the draw. `spun_as` is the code after the spin where the order names exactly one.
    `fate` is `not_collected`, reason unknown, where a finalized order has no time of collection.
    """

    code: str
    samples: tuple[OrderSample, ...]
    fate: Fate
    collected: Told | None = None
    processed: Told | None = None
    finalized: Told | None = None
    spun_as: str | None = None

    @property
    def tests(self) -> tuple[str, ...]:
        return tuple(sample.test for sample in self.samples)


@dataclass(frozen=True, slots=True)
class OrderFlag:
    """Something odd that was kept: its place in the file, a sentence with codes only, the tests concerned."""

    kind: FlagKind
    where: str
    sentence: str
    tests: tuple[str, ...] = ()

    @property
    def told(self) -> dict[str, str]:
        """As events and documents keep it."""
        return {"code": self.kind.value, "where": self.where, "sentence": self.sentence}


@dataclass(frozen=True, slots=True)
class Note:
    """Free text about a step (`collected`, `processed` ...), without addresses and participant numbers."""

    about: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProgrammeOrder:
    """An order of the programme's clinic system.

    `definition` is the key of the newest kit definition that holds every test; None where none does, and the
    kit is then recorded as ordered. `content` is the order as canonical JSON, to tell by a keyed hash whether
    a second import brings anything new; it is not to be stored.
    """

    file: str
    programme_participant: str = field(repr=False)
    """Empty where the order names the participant by our own code, which is `participant_code` then."""
    identifiers: tuple[OrderIdentifier, ...]
    created: Told
    created_info: Handling
    samples: tuple[OrderSample, ...]
    tubes: tuple[OrderedTube, ...]
    flags: tuple[OrderFlag, ...]
    definition: str | None
    content: bytes = field(repr=False)
    collected_info: Handling | None = None
    processed_info: Handling | None = None
    finalized_info: Handling | None = None
    cancelled_info: Handling | None = None
    restored_info: Handling | None = None
    amended_info: Handling | None = None
    amended_reason: str | None = field(default=None, repr=False)
    notes: tuple[Note, ...] = ()
    status: str | None = None
    origin: str | None = None
    version: str | None = None
    participant_code: str = ""

    def info(self, handling: str) -> Handling | None:
        """Who did a handling (`created`, `collected` ...) and where, as far as the order tells."""
        found: Handling | None = getattr(self, f"{handling}_info")
        return found

    @property
    def subject(self) -> str:
        """What names the participant in it, whichever of the two it is."""
        return self.programme_participant or self.participant_code
