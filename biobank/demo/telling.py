"""What the scenes of the story share: its people, its kit, and the lines told so far."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from biobank.access.actors import Actor
from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action, State
from biobank.custody.steps import Recorded, Source
from biobank.demo.programme import Programme
from biobank.destruction.inputs import Credentials
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.settings import Settings

PARTICIPANT = "A900000001"
SCANNER = Source("scan")
ZONE = "America/Chicago"


@dataclass
class Story:
    """The people of the programme, the kit whose story is told, and the lines told so far."""

    settings: Settings
    folder: Path
    programme: Programme
    tell: Callable[[str], None]
    kit: str = ""
    parcel: str = ""
    late_parcel: str = ""
    late_tube: str = ""
    order: str = ""
    bag: str = ""
    certificate: str = ""
    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.lines.append(line)
        self.tell(line)

    def credentials(self, person: str) -> Credentials:
        return Credentials(person, self.programme.accounts[person].password)

    def actor(self, work: Work, person: str) -> Actor:
        """The person as they are now, at the bench they stand at."""
        return actor_named(work, person)

    def scan(self, work: Work, person: str, item: str, action: Action, **told: Any) -> Recorded:
        """One scan by one person, now."""
        by = self.actor(work, person)
        return record(work, item, action, by=by, source=SCANNER, at=moments.told(moments.now(), ZONE), **told)


def now() -> moments.Told:
    return moments.told(moments.now(), ZONE)


def collected(work: Work, story: Story, state: State = State.COLLECTED) -> list[Item]:
    """The kit's tubes in this state, in draw order."""
    tubes = tubes_of_kit(work, item_now(work, story.kit).id)
    return [tube for tube in tubes if tube.state == state.value]
