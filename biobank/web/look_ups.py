"""Where anything that bears a code leads: an item's page, a participant's, a destruction order's."""

import re

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.destruction.models import Certificate, DestructionOrder
from biobank.destruction.queries import order_named
from biobank.items.identifiers import Letter, read_identifier, read_scan, refuse_too_long
from biobank.participants.queries import participant_seen_by
from biobank.web.cards import page_of
from biobank.web.found_items import found_by


def page_behind(work: Work, by: Actor, text: str) -> str:
    """The address of the page that a scan leads to, for whoever may see it; raises why there is none."""
    refuse_too_long(text)
    reading = read_scan(text)
    code = reading.code or read_identifier(text)  # which says that nothing was scanned
    if by.may(Permission.SEE_PARTICIPANTS) and is_participant(work, code):
        return f"/participants/{participant_seen_by(work, by, code).code}"
    if reading.is_ours and code[0] in (Letter.ORDER, Letter.CERTIFICATE):
        return f"/destruction-orders/{_order_behind(work, read_identifier(code)).identifier}"
    return page_of(found_by(work, by, text), by)


def is_participant(work: Work, code: str) -> bool:
    """Whether it has the shape of a participant's code."""
    return re.fullmatch(work.settings.participant_code_pattern, code) is not None


def _order_behind(work: Work, identifier: str) -> DestructionOrder:
    """The order of that code, or of the certificate of that code. Raises `OrderUnknown`."""
    certificate = work.session.scalar(select(Certificate).where(Certificate.identifier == identifier))
    if certificate is not None:
        return work.session.get_one(DestructionOrder, certificate.order_id)
    return order_named(work, identifier)
