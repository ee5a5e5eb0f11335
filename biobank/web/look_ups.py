"""Where anything that bears a code leads: an item's page, a participant's, a destruction order's."""

import re

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.permissions import Permission, Role
from biobank.core.database import Work
from biobank.custody.queries import item_if_known, item_now
from biobank.custody.states import Kind, State
from biobank.destruction.models import Certificate, DestructionOrder
from biobank.destruction.queries import order_named
from biobank.downtime.queries import form_named
from biobank.items.identifiers import Letter, read_identifier, read_scan, refuse_too_long
from biobank.kits.open_kits import waits
from biobank.kits.queries import kit_of
from biobank.participants.queries import participant_seen_by
from biobank.supplies.queries import order_scanned
from biobank.web.cards import page_of
from biobank.web.found_items import found_by, is_of_another_site


def page_behind(work: Work, by: Actor, text: str) -> str:
    """The address of the page that a scan leads to, for whoever may see it; raises why there is none."""
    refuse_too_long(text)
    reading = read_scan(text)
    code = reading.code or read_identifier(text)  # which says that nothing was scanned
    if by.may(Permission.SEE_PARTICIPANTS) and is_participant(work, code):
        return f"/participants/{participant_seen_by(work, by, code).code}"
    if reading.is_ours and code[0] == Letter.FORM and by.may(Permission.RUN_VISITS):
        return f"/downtime/forms/{form_named(work, by, code).number}"
    if reading.is_ours and code[0] in (Letter.ORDER, Letter.CERTIFICATE):
        return f"/destruction-orders/{_order_behind(work, read_identifier(code)).identifier}"
    mailed = order_scanned(work, by, text) if _may_be_a_mailed_kit(work, by, text) else None
    return f"/supplies/{mailed.number}" if mailed else _page_of_item(work, by, text)


def _may_be_a_mailed_kit(work: Work, by: Actor, text: str) -> bool:
    """The number of its order or of its parcel, for who may see either; a code of an item comes first."""
    return by.may(Permission.SEE_SUPPLIES) and item_if_known(work, text) is None


def _page_of_item(work: Work, by: Actor, text: str) -> str:
    """At a clinic a kit, and a tube of one that is being collected, lead to the page at the chair."""
    item = item_now(work, text)
    at_the_chair = Role.CLINIC in by.roles and by.may(Permission.RECORD_STEPS)
    if at_the_chair and item.kind is Kind.KIT and is_of_another_site(by, item):
        return f"/kits/{item.identifier}/collect"
    found = found_by(work, by, text)
    kit = kit_of(work, found) if at_the_chair and found.kind is Kind.TUBE else None
    if kit is not None and kit.state == State.ASSIGNED.value and waits(work, kit.id):
        return f"{page_of(kit, by)}?tube={found.identifier}"
    return page_of(found, by)


def page_of_other(work: Work, by: Actor, text: str) -> str | None:
    """Where a scan leads that is none of a tube, from the page at the chair; raises as `page_behind`."""
    item = item_if_known(work, text)
    return None if item is not None and item.kind is Kind.TUBE else page_behind(work, by, text)


def is_participant(work: Work, code: str) -> bool:
    """Whether it has the shape of a participant's code."""
    return re.fullmatch(work.settings.participant_code_pattern, code) is not None


def _order_behind(work: Work, identifier: str) -> DestructionOrder:
    """The order of that code, or of the certificate of that code. Raises `OrderUnknown`."""
    certificate = work.session.scalar(select(Certificate).where(Certificate.identifier == identifier))
    if certificate is not None:
        return work.session.get_one(DestructionOrder, certificate.order_id)
    return order_named(work, identifier)
