"""What somebody says who makes a pick list, brings a piece back, or makes a study's manifest."""

from dataclasses import dataclass

from biobank.custody.states import Kind
from biobank.retrieval.choices import LabDid, PickPurpose, Rule


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How many pieces of one kind; without a specification of any."""

    kind: Kind
    count: int
    specification: str = ""


@dataclass(frozen=True, kw_only=True)
class NewPickList:
    """What is to be picked at one biobank, and for what.

    Either wishes, for which pieces are chosen by the rule, or the codes of the pieces themselves.
    `goes_to` is a bench or the code of a custodian; of a study's list its receiver stands in the request.
    """

    purpose: PickPurpose
    site: str
    request: str | None = None
    goes_to: str = ""
    wishes: tuple[Wish, ...] = ()
    items: tuple[str, ...] = ()
    rule: Rule = Rule.OLDEST
    one_each: bool = False
    """At most one piece of a participant."""
    least_microlitres: int = 0
    """At least so much in each; then a piece of unknown volume is none."""
    collected_at: str | None = None
    """Code of the clinic that they are from; empty is any."""
    out_hours: int | None = None
    """How long a piece may be out; empty is the setting's."""


@dataclass(frozen=True, kw_only=True)
class Back:
    """A piece that was out is here again; without a place it goes where it was proposed."""

    item: str
    place: str | None = None
    position: str | None = None
    kept_cold: bool = False
    """It was on dry ice or in a cold block all the time."""
    taken_microlitres: int | None = None
    """How much of it was used; empty is none."""
    lab_did: LabDid | None = None
    """Of a piece that was at a laboratory outside."""
    confirmation: str | None = None
