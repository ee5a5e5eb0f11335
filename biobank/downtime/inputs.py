"""What stands on a downtime form, as the operation that enters it takes it."""

from dataclasses import dataclass

from biobank.core.moments import Told
from biobank.downtime.choices import TubeOutcome
from biobank.kits.choices import NotCollectedReason


@dataclass(frozen=True, kw_only=True)
class NewPack:
    """Blank forms to be printed for a site, each for one kit of this definition."""

    site: str
    definition: str
    count: int


@dataclass(frozen=True, kw_only=True)
class EnteredTube:
    """One row of the form; a time that is not on it is None, and unknown. Volumes in microlitres."""

    tube: str
    outcome: TubeOutcome
    at: Told | None = None
    volume_microlitres: int | None = None
    reason: NotCollectedReason | None = None
    spun_at: Told | None = None


@dataclass(frozen=True, kw_only=True)
class EnteredForm:
    """A form as somebody reads it off; `performer` is who drew, by user name.

    `identifiers` are those that were ticked. `blood_cleared` is None where nothing was ticked.
    """

    number: str
    kit: str
    participant: str
    performer: str
    tubes: tuple[EnteredTube, ...]
    identifiers: tuple[str, ...] = ()
    blood_cleared: bool | None = None
    labels_confirmed: bool = False
    compensated: bool = False
    parcel: str = ""

    @property
    def at(self) -> Told | None:
        """When the draw began, as far as the form tells."""
        return min((tube.at for tube in self.tubes if tube.at), key=lambda told: told.at, default=None)
