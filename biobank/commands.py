"""The command line: every feature's commands under one name, acting as a person like the pages do."""

from functools import cache

import click
from flask import Flask

from biobank import __version__
from biobank.access import commands as access
from biobank.custodians import commands as custodians
from biobank.custody import commands as custody
from biobank.demo import commands as demo
from biobank.destruction import commands as destruction
from biobank.disclosures import commands as disclosures
from biobank.discrepancies import commands as discrepancies
from biobank.distribution import commands as distribution
from biobank.exchange import commands as exchange
from biobank.feeds import commands as feeds
from biobank.identity import commands as identity
from biobank.inventories import commands as inventories
from biobank.items import commands as items
from biobank.journal import commands as journal
from biobank.kits import commands as kits
from biobank.ledger import commands as ledger
from biobank.messages import commands as messages
from biobank.outages import commands as outages
from biobank.printing import commands as printing
from biobank.processing import commands as processing
from biobank.recalls import commands as recalls
from biobank.reports import commands as reports
from biobank.retrieval import commands as retrieval
from biobank.service import backup_commands, key_commands
from biobank.service import commands as service
from biobank.sites import commands as sites
from biobank.statements import commands as statements
from biobank.storage import commands as storage
from biobank.supplies import commands as supplies
from biobank.temperatures import commands as temperatures
from biobank.visits import commands as visits
from biobank.web.terminal import Commands, assert_every_command_declares
from biobank.withdrawals import commands as withdrawals


@click.group(cls=Commands)
@click.version_option(__version__)
@click.pass_context
def main(context: click.Context) -> None:
    """Custody of every kit and tube, and proof of its destruction on withdrawal."""
    if context.obj is None:
        context.obj = _application


@cache
def _application() -> Flask:
    from biobank.app import create_app
    from biobank.settings import load_settings

    return create_app(load_settings())


for command in (
    service.serve,
    service.worker,
    service.database,
    service.config,
    service.keys,
    backup_commands.backup,
    backup_commands.restore,
    demo.demo,
    sites.group,
    processing.group,
    access.users,
    access.tokens,
    custody.scan,
    custody.group,
    items.group,
    kits.group,
    recalls.group,
    retrieval.group,
    temperatures.group,
    outages.group,
    discrepancies.group,
    reports.group,
    printing.group,
    ledger.group,
    storage.group,
    inventories.group,
    exchange.group,
    distribution.group,
    disclosures.group,
    feeds.export,
    feeds.feeds,
    journal.group,
    identity.group,
    messages.group,
    supplies.group,
    visits.group,
    withdrawals.withdraw_participant,
    withdrawals.decisions,
    custodians.group,
    destruction.group,
    destruction.certificate,
    statements.statement,
    statements.audit_pack,
):
    main.add_command(command)

service.keys.add_command(key_commands.certificate)
exchange.group.add_command(feeds.import_withdrawals)
feeds.export.add_command(distribution.export_study)
exchange.group.add_command(feeds.import_acknowledgements)
assert_every_command_declares(main)
