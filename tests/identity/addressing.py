"""The address of a message as the outbox asks for it: written down in one transaction, opened in the next."""

from biobank.core.database import reading, writing
from biobank.identity.operations import read_identity
from biobank.identity.service_questions import record_address


def address_for_message(by, participant, message):
    with writing() as work:
        access = record_address(work, by, participant, message)
    if access is None:
        return None
    with reading() as work:
        return read_identity(work, access)
