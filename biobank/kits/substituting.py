"""A tube of the shelf takes the place of one of the kit: with its own code, lot and expiry."""

from collections.abc import Iterator
from datetime import date

from biobank.core.database import Work
from biobank.custody.births import Birth, register
from biobank.custody.codes import bearer_of, names_no_person, on_another
from biobank.custody.queries import item_by_id
from biobank.custody.states import Kind
from biobank.custody.steps import Alert, Attempt, Done, Flag
from biobank.items.aliases import Alias, read_alias
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.kits.checks import DetailMissing, day_of, one_of
from biobank.kits.choices import ReplacedReason

LONGEST_LOT = 64
EXPIRED = "tube_expired"
"""Flag of a tube that was past its date when it was taken from the shelf."""


def substitution_is_told(work: Work, attempt: Attempt) -> list[Flag]:
    """Why; of the tube from the shelf its maker's code, lot and expiry, each as far as it is known.

    Raises `DetailMissing`, `AliasRefused`.
    """
    one_of(attempt, "reason", ReplacedReason)
    lot = attempt.details.get("lot", "")
    if not isinstance(lot, str) or len(lot) > LONGEST_LOT:
        raise DetailMissing(
            f"details.lot is what stands on the tube, at most {LONGEST_LOT} characters.", field="details.lot"
        )
    alias = code_of_the_other(attempt)
    if alias is not None:
        names_no_person(work, alias)
        bearer = bearer_of(work, alias)
        if bearer is not None:
            raise DetailMissing(
                f"{on_another(alias, bearer, attempt.by)} Leave the code out and print a label of ours for "
                "the tube.",
                field="details.code",
            )
    return _not_expired(attempt)


def _not_expired(attempt: Attempt) -> list[Flag]:
    expires_on = expiry_of_the_other(attempt)
    if expires_on is None or expires_on >= day_of(attempt):
        return []
    return attempt.ask_back(EXPIRED, f"The tube from the shelf expired on {expires_on}.")


def expiry_of_the_other(attempt: Attempt) -> date | None:
    """Raises `DetailMissing` for what is no date."""
    told = attempt.details.get("expires_on")
    try:
        return date.fromisoformat(told) if told else None
    except (TypeError, ValueError) as problem:
        raise DetailMissing(
            "details.expires_on is a date such as 2027-05-31; leave it out when none stands on the tube.",
            field="details.expires_on",
        ) from problem


def code_of_the_other(attempt: Attempt) -> Alias | None:
    """What its maker wrote on it, if that can be scanned. Raises `AliasRefused`."""
    if not attempt.details.get("code"):
        return None
    return read_alias(attempt.details.get("issuer"), attempt.details["code"])


def substitute_is_born(work: Work, done: Done) -> Iterator[Alert]:
    """It waits in the kit at the same place of the draw order, for the same participant."""
    attempt, replaced = done.attempt, work.session.get_one(Item, done.item.id)
    alias = code_of_the_other(attempt)
    birth = Birth(
        kind=Kind.TUBE,
        specification=replaced.specification,
        site=replaced.site,
        custodian=replaced.custodian,
        participant=replaced.participant,
        kit=item_by_id(work, replaced.kit_id) if replaced.kit_id is not None else None,
        draw_order=replaced.draw_order,
        lot=str(attempt.details.get("lot", "")).strip() or None,
        expires_on=expiry_of_the_other(attempt),
        aliases=((alias.issuer, alias.value),) if alias else (),
        details={"replaces": replaced.identifier, "replaced_sequence": done.event["sequence"]},
    )
    born = register(work, birth, by=attempt.by, source=attempt.source, at=attempt.at)
    done.born.append(born)
    yield Alert("children", f"{printed(born.identifier)} takes the place of {printed(done.item.identifier)}.")
