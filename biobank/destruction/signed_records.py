"""A signature as records state it: printed name, role, meaning, moment."""

from typing import Any

from biobank.access.models import Signature
from biobank.core.moments import to_text

Record = dict[str, Any]


def signed_by(signature: Signature | None) -> Record | None:
    if signature is None:
        return None
    return {
        "signature": signature.id,
        "signer": signature.signer,
        "printed_name": signature.printed_name,
        "role": signature.role,
        "meaning": signature.meaning,
        "signed_at": to_text(signature.signed_at),
    }
