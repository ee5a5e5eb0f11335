"""Whose custody something is in that goes outside or comes back."""

from collections.abc import Mapping
from typing import Any

from biobank.core.database import Work
from biobank.custodians.choices import custody_of
from biobank.custodians.queries import custodian_named
from biobank.custody.checks import is_specimen
from biobank.custody.steps import Attempt
from biobank.storage.reactions import finder_takes_custody


def custodian_takes_it(work: Work, attempt: Attempt) -> Mapping[str, Any]:
    """Derived at `send_out`: the custodian has it, and it comes back to the site that had it."""
    code = custodian_named(work, str(attempt.details["custodian"])).code
    kind, _, holder = (attempt.item.custodian or "").partition(":")
    home = holder if kind == "site" else attempt.bench_site or attempt.item.site
    return {"custodian": custody_of(code), "sent_to": home}


def it_is_here_again(work: Work, attempt: Attempt) -> Mapping[str, Any]:
    """Derived at `return`: of a kit nothing follows but where it goes, which its own rule says."""
    return finder_takes_custody(work, attempt) if is_specimen(attempt.item) else {}
