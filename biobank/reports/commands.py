"""The command that makes the milestones of reports again from the log."""

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import writing
from biobank.reports.milestones import make_again, tubes_after
from biobank.web.terminal import acting, json_option, show


@click.group("reports")
def group() -> None:
    """What charts are drawn from."""


@group.command("rebuild")
@json_option
@acting(Permission.MAINTAIN)
def rebuild(*, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (the permission is what counts)
    """Make the milestones of all tubes again from the log, a batch a transaction; scans go on meanwhile."""
    last = tubes = 0
    while True:
        with writing() as work:
            numbers = tubes_after(work, last)
            if not numbers:
                break
            make_again(work, numbers)
        last, tubes = numbers[-1], tubes + len(numbers)
    show({"tubes": tubes}, as_json=as_json, lines=[f"Made the milestones of {tubes} tubes again."])
