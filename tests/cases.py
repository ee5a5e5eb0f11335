"""The cases that stand open, as the tests of many features look at them."""

from sqlalchemy import select

from biobank.custody.models import Discrepancy


def open_cases(work, site=None):
    """Oldest first."""
    question = select(Discrepancy).where(Discrepancy.state == "open").order_by(Discrepancy.id)
    if site is not None:
        question = question.where(Discrepancy.site == site)
    return list(work.session.scalars(question))
