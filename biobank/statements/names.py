"""What codes of the log are called by people: sites, carriers, places, samples, roles; in one language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from biobank.core.database import Work
from biobank.core.moments import read_moment, zone_named
from biobank.custodians.queries import custodian_named
from biobank.items.models import Item
from biobank.items.queries import place_path
from biobank.kits.queries import specification_of_tube
from biobank.shipments.choices import CARRIER_NAMES, Carrier
from biobank.sites.models import Site
from biobank.statements.wording import Words


@dataclass
class Names:
    """Asked again and again while a statement is written; each answer is found once."""

    work: Work
    words: Words
    _holders: dict[str, str] = field(default_factory=dict)

    def holder(self, custody: str | None) -> str:
        """Of `site:CODE`, `carrier:NAME`, `custodian:CODE`, or of a site's code alone."""
        if custody is None:
            return self.words.say("texts", "somebody")
        if custody not in self._holders:
            self._holders[custody] = self._found(custody)
        return self._holders[custody]

    def _found(self, custody: str) -> str:
        kind, _, code = custody.rpartition(":")
        if kind == "carrier":
            return CARRIER_NAMES[Carrier(code)] if code in set(Carrier) else code
        if kind == "custodian":
            return custodian_named(self.work, code).organisation
        site = self.work.session.get(Site, code)
        return site.name if site else code

    def roles(self, told: str | None) -> str:
        """`told` are roles with commas between; none are the service's own."""
        roles = [role for role in (told or "").split(",") if role]
        return self.words.say(
            "roles", roles[0] if roles and self.words.knows("roles", roles[0]) else "service"
        )

    def several(self, section: str, keys: Iterable[str]) -> str:
        return self.words.listed([self.words.said_or(section, key, key) for key in keys])

    def what(self, item: Item) -> str:
        """`a tube of blood`, `a small portion of serum`."""
        return self.words.say("kinds", item.kind, material=self._material(item))

    def _material(self, item: Item) -> str:
        found = specification_of_tube(self.work, item) if item.kind == "tube" else None
        key = (found.specimen.value if found else item.specification or "sample").lower()
        return self.words.said_or("materials", key, item.specification or key)

    def now(self, item: Item) -> str:
        """Where a sample is, and in what it lies."""
        where = self.holder(item.custodian)
        state = self.words.say("states", item.state, where=where)
        around = [
            self.words.said_or("places", outer.kind, outer.kind) for outer in place_path(self.work, item)
        ]
        return self.words.say("texts", "in_place", places=state, where=", ".join(around)) if around else state

    def told_at(self, event: Mapping[str, Any]) -> datetime | None:
        """When it happened, in the offset in which it was told; None when nobody knows."""
        for name in ("occurred_at", "decided_at", "at", "effective_at", "begins_at"):
            if event.get(name):
                return self.local(read_moment(event[name]).at, event.get("offset_minutes"))
        return None if "occurred_at" in event else self.recorded_at(event)

    def recorded_at(self, event: Mapping[str, Any]) -> datetime:
        return self.local(read_moment(event["recorded_at"]).at)

    def local(self, at: datetime, offset_minutes: int | None = None) -> datetime:
        if offset_minutes is None:
            return at.astimezone(zone_named(self.work.settings.time_zone))
        return at.astimezone(timezone(timedelta(minutes=offset_minutes)))
