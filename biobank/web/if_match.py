"""The version on which a change was decided, as its sender read it in an ETag."""

import re

from biobank.core.errors import Malformed

ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')


class EtagRefused(Malformed):
    """`If-Match` names no version."""

    title = "If-Match not understood"


def version_expected(told: str) -> int:
    """The number in an `If-Match`, weak or not: versions are whole documents. Raises `EtagRefused`."""
    found = ETAG.fullmatch(told.strip())
    if found is None:
        raise EtagRefused('Write If-Match like W/"1", as the ETag of the order was.', field="If-Match")
    return int(found[1])
