"""Tubes that lie in a parcel and in no record: the second one of a code, and one that nobody knows."""

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody.codes import bearer_of, names_no_person, on_another
from biobank.custody.holds import open_discrepancy
from biobank.custody.queries import item_now
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.discrepancies.separating import SameCode, report_same_code
from biobank.discrepancies.without_record import NO_RECORD, Unrecorded, register_found
from biobank.items.aliases import Alias, read_alias
from biobank.items.identifiers import printed
from biobank.kits.definitions import newest_specification
from biobank.kits.queries import definitions
from biobank.shipments.choices import Presence
from biobank.shipments.inputs import FoundTube
from biobank.shipments.models import ManifestLine
from biobank.shipments.receipt_checks import FoundTubeRefused
from biobank.shipments.receiving import take_in


def take_in_second(
    work: Work, parcel: str, text: str, *, by: Actor, source: Source, at: Told | None
) -> SameCode:
    """Another one with this code lies in the parcel: both are held, and the second gets a code of its own.

    Raises what `take_in` and `report_same_code` raise.
    """
    first = take_in(work, parcel, text, by=by, source=source, at=at)
    found = report_same_code(work, first.item.identifier, by=by, source=source, at=at)
    _is_extra(work, item_now(work, parcel), found.other)
    return found


def take_in_unknown(
    work: Work, parcel: str, tube: FoundTube, *, by: Actor, source: Source, at: Told | None
) -> Recorded:
    """A tube without any record is registered as found here, put in quarantine, and is a case.

    Raises `FoundTubeRefused`, `AliasRefused`.
    """
    outer, alias = item_now(work, parcel), _code_on_it(work, tube, by)
    if tube.specification and newest_specification(definitions(work), tube.specification) is None:
        sentence = "There is no such kind of tube; choose one of the list."
        raise FoundTubeRefused(sentence, field="specification")
    found = Unrecorded(specification=tube.specification or None, alias=alias)
    details = {"parcel": outer.identifier}
    done = register_found(work, outer, found, by=by, source=source, at=at, details=details)
    _is_extra(work, outer, done.item)
    sentence = (
        f"{printed(done.item.identifier)} lay in {printed(outer.identifier)}, and there is no record of it."
    )
    open_discrepancy(work, done.item, NO_RECORD, sentence, by=by)
    return done


def _code_on_it(work: Work, tube: FoundTube, by: Actor) -> Alias | None:
    """Raises `FoundTubeRefused` where the code is of something that is known."""
    if not tube.code.strip():
        return None
    alias = read_alias(tube.issuer, tube.code)
    names_no_person(work, alias)
    bearer = bearer_of(work, alias)
    if bearer is not None:
        raise FoundTubeRefused(on_another(alias, bearer, by), field="code")
    return alias


def _is_extra(work: Work, parcel: ItemNow, born: ItemNow) -> None:
    work.session.add(
        ManifestLine(shipment_id=parcel.id, item_id=born.id, presence=Presence.EXTRA.value, conditions="")
    )
    work.flush()
