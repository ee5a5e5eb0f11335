"""A kit of one site that turns up at another: its own site is told, and nobody else of its participant."""

from biobank.core.database import Work
from biobank.custody.holds import open_discrepancy
from biobank.custody.steps import Alert, Done
from biobank.items.identifiers import printed


def its_site_is_told(work: Work, done: Done) -> list[Alert]:
    """A case of the kit's own site, which says where the kit is and who saw it there."""
    seen_at = done.attempt.bench_site or "another site"
    kit = printed(done.item.identifier)
    sentence = f"{kit} was seen at {seen_at}; ask them to keep it, and fetch it or void it."
    open_discrepancy(work, done.item, "kit_astray", sentence, by=done.attempt.by)
    return []
