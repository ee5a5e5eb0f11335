"""An actor: the person who acts now, with roles by site, at a station, perhaps through a limited token."""

from dataclasses import dataclass
from functools import cached_property

from biobank.access.permissions import BY_BADGE, ROLE_PERMISSIONS, WHILE_ENROLLING, Permission, Role


@dataclass(frozen=True)
class Actor:
    """Who acts. A site of `None` in a grant is all sites; `token_scopes` of `None` limit nothing."""

    person: str
    printed_name: str
    grants: frozenset[tuple[Role, str | None]]
    station: str | None = None
    token_scopes: frozenset[str] | None = None
    by_badge: bool = False
    """Signed in at a station by badge and PIN, which are for routine steps alone."""
    enrolling: bool = False
    """Signed in by password where a second proof is asked for and none is set up: for setting it up alone."""
    address: str | None = None
    """From where, of somebody who asks over the network; failed signings are counted by it too."""

    @cached_property
    def roles(self) -> frozenset[Role]:
        return frozenset(role for role, _ in self.grants)

    @cached_property
    def sites(self) -> frozenset[str] | None:
        """Codes of the sites this person works at; `None` is all of them."""
        codes = frozenset(site for _, site in self.grants)
        return None if None in codes else frozenset(site for site in codes if site is not None)

    @cached_property
    def held(self) -> frozenset[Permission]:
        """What the roles give, however the person signed in."""
        return frozenset().union(*(ROLE_PERMISSIONS[role] for role in self.roles))

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        held = self.held & WHILE_ENROLLING if self.enrolling else self.held
        held = held & BY_BADGE if self.by_badge else held
        if self.token_scopes is None:
            return held
        return frozenset(permission for permission in held if permission in self.token_scopes)

    def has(self, role: Role, site: str | None = None) -> bool:
        """Whether the role is held, at `site` when one is named."""
        return any(held == role and (site is None or at in (None, site)) for held, at in self.grants)

    def may(self, permission: Permission, site: str | None = None) -> bool:
        """Whether some role gives `permission`, at `site` when one is named, within the token's limits."""
        return permission in self.permissions and (
            site is None
            or any(at in (None, site) and permission in ROLE_PERMISSIONS[role] for role, at in self.grants)
        )

    @property
    def bench_site(self) -> str | None:
        """Where the person is: at the station's site, or at the only one they work at."""
        if self.station:
            return self.station.partition("/")[0]
        sites = self.sites or frozenset()
        return next(iter(sites)) if len(sites) == 1 else None

    def works_at(self, site: str) -> bool:
        return self.sites is None or site in self.sites


SETTING_UP = Actor("setup", "Set-up", frozenset({(Role.ADMINISTRATOR, None)}))
"""Who acts while there is nobody yet: before the first token is made."""

SERVICE = Actor("service", "The service itself", frozenset())
"""Who acts when nobody does: clocks that run out, and what follows from a step."""
