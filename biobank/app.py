"""The application, put together: database, secrets, the edges' kit, the features' edges."""

from flask import Flask

from biobank.access import account_pages, alarm_pages, badge_pages, passkey_pages, people_pages, setup_pages
from biobank.access import pages as access_pages
from biobank.access.second_proofs import roles_with_second_proof
from biobank.access.setup_links import public_address
from biobank.core.database import db, prepare_engine
from biobank.core.schema import IDENTITY
from biobank.custodians import api as custodians_api
from biobank.custodians import attestation_pages, outside_pages
from biobank.custodians import pages as custodian_pages
from biobank.custody import api as custody_api
from biobank.custody import pages as custody_pages
from biobank.destruction import api as destruction_api
from biobank.destruction import (
    batch_pages,
    ceremony_pages,
    certificate_pages,
    confirm_pages,
    pause_pages,
    recheck_pages,
)
from biobank.destruction import pages as destruction_pages
from biobank.disclosures import api as disclosures_api
from biobank.disclosures import breach_pages, demand_pages
from biobank.disclosures import pages as disclosure_pages
from biobank.discrepancies import api as discrepancies_api
from biobank.discrepancies import case_pages as one_case_pages
from biobank.discrepancies import pages as case_pages
from biobank.distribution import api as distribution_api
from biobank.distribution import hand_over_pages
from biobank.distribution import pages as study_pages
from biobank.downtime import entry_pages as downtime_entry_pages
from biobank.downtime import pages as downtime_pages
from biobank.exchange import api as orders_api
from biobank.feeds import api as feeds_api
from biobank.feeds import pages as feed_pages
from biobank.identity import api as identity_api
from biobank.identity import pages as identity_pages
from biobank.identity.vault import vault_opens
from biobank.inventories import api as inventories_api
from biobank.inventories import count_pages
from biobank.inventories import figure_pages as inventory_figure_pages
from biobank.inventories import pages as inventory_pages
from biobank.items import api as items_api
from biobank.items import pages as item_pages
from biobank.journal import pages as restore_pages
from biobank.journal.guarding import install_guard
from biobank.kits import api as kits_api
from biobank.kits import collect_pages, stock_pages
from biobank.ledger import api as ledger_api
from biobank.messages import api as messages_api
from biobank.messages import pages as message_pages
from biobank.offline import pages as offline_pages
from biobank.offline import queue_pages
from biobank.outages import api as outages_api
from biobank.outages import carry_pages as outage_carry_pages
from biobank.outages import decision_pages as outage_decision_pages
from biobank.outages import pages as outage_pages
from biobank.participants import api as participants_api
from biobank.printing import api as printing_api
from biobank.printing import job_pages as print_job_pages
from biobank.printing import pages as printing_pages
from biobank.printing import printer_pages
from biobank.printing import void_pages as print_void_pages
from biobank.processing import (
    aliquot_pages,
    bench_pages,
    pool_pages,
    programme_pages,
    run_pages,
    spin_pages,
)
from biobank.processing import api as processing_api
from biobank.recalls import api as recalls_api
from biobank.recalls import pages as recall_pages
from biobank.reports import api as reports_api
from biobank.reports import pages as report_pages
from biobank.retrieval import api as retrieval_api
from biobank.retrieval import out_pages
from biobank.retrieval import pages as pick_pages
from biobank.service.databases import database_url, identity_url, lines_are_encrypted, options_for
from biobank.service.keys import read_secrets
from biobank.settings import Settings
from biobank.shipments import api as shipments_api
from biobank.shipments import dock_pages, pack_pages, receipt_pages
from biobank.shipments import pages as shipment_pages
from biobank.statements import api as statements_api
from biobank.statements import pages as statement_pages
from biobank.storage import api as storage_api
from biobank.storage import fit_pages, merge_pages, rack_pages, room_pages, store_pages
from biobank.storage import pages as storage_pages
from biobank.supplies import api as supplies_api
from biobank.supplies import pages as supply_pages
from biobank.temperatures import api as temperatures_api
from biobank.temperatures import pages as temperature_pages
from biobank.visits import api as visits_api
from biobank.visits import arrival_pages
from biobank.visits import identity_pages as visit_identity_pages
from biobank.visits import kit_pages as visit_kit_pages
from biobank.visits import pages as visit_pages
from biobank.visits import safety_pages as visit_safety_pages
from biobank.visits.sealed_answers import answers_open
from biobank.web import health, help_pages, kept_form_pages, language, scan_pages, scanner_pages, start
from biobank.web.badge_scans import install_badges
from biobank.web.current import keep_settings
from biobank.web.errors import install_error_handlers
from biobank.web.frame import install_frame
from biobank.web.headers import add_headers
from biobank.web.kept_forms import install_kept_forms
from biobank.web.language import install_language
from biobank.web.metrics import install_metrics
from biobank.web.openapi import install_api
from biobank.web.permission import assert_every_route_declares, public
from biobank.web.sent_files import LARGEST_KEPT
from biobank.web.static_files import install_static_files
from biobank.web.transport import install_transport
from biobank.wiring import install_rules
from biobank.withdrawals import api as withdrawals_api
from biobank.withdrawals import list_pages as decision_lists
from biobank.withdrawals import pages as withdrawal_pages
from biobank.withdrawals import signed_pages, told_pages

BLUEPRINTS = (
    health.blueprint,
    language.blueprint,
    help_pages.blueprint,
    access_pages.blueprint,
    badge_pages.blueprint,
    setup_pages.blueprint,
    account_pages.blueprint,
    passkey_pages.blueprint,
    people_pages.blueprint,
    alarm_pages.blueprint,
    kept_form_pages.blueprint,
    start.blueprint,
    item_pages.blueprint,
    scan_pages.blueprint,
    scanner_pages.blueprint,
    custody_pages.blueprint,
    arrival_pages.blueprint,
    visit_pages.blueprint,
    visit_kit_pages.blueprint,
    visit_safety_pages.blueprint,
    shipment_pages.blueprint,
    pack_pages.blueprint,
    receipt_pages.blueprint,
    dock_pages.blueprint,
    spin_pages.blueprint,
    programme_pages.blueprint,
    run_pages.blueprint,
    bench_pages.blueprint,
    aliquot_pages.blueprint,
    withdrawal_pages.blueprint,
    decision_lists.blueprint,
    feed_pages.blueprint,
    told_pages.blueprint,
    signed_pages.blueprint,
    message_pages.blueprint,
    identity_pages.blueprint,
    statement_pages.blueprint,
    supply_pages.blueprint,
    visit_identity_pages.blueprint,
    destruction_pages.blueprint,
    confirm_pages.blueprint,
    certificate_pages.blueprint,
    batch_pages.blueprint,
    study_pages.blueprint,
    hand_over_pages.blueprint,
    pick_pages.blueprint,
    out_pages.blueprint,
    disclosure_pages.blueprint,
    demand_pages.blueprint,
    breach_pages.blueprint,
    pause_pages.blueprint,
    ceremony_pages.blueprint,
    restore_pages.blueprint,
    recheck_pages.blueprint,
    pool_pages.blueprint,
    collect_pages.blueprint,
    stock_pages.blueprint,
    recall_pages.blueprint,
    case_pages.blueprint,
    one_case_pages.blueprint,
    temperature_pages.blueprint,
    outage_pages.blueprint,
    outage_carry_pages.blueprint,
    outage_decision_pages.blueprint,
    report_pages.blueprint,
    offline_pages.blueprint,
    queue_pages.blueprint,
    custodian_pages.blueprint,
    outside_pages.blueprint,
    attestation_pages.blueprint,
    storage_pages.blueprint,
    store_pages.blueprint,
    room_pages.blueprint,
    merge_pages.blueprint,
    fit_pages.blueprint,
    rack_pages.blueprint,
    inventory_pages.blueprint,
    inventory_figure_pages.blueprint,
    count_pages.blueprint,
    downtime_pages.blueprint,
    downtime_entry_pages.blueprint,
    printing_pages.blueprint,
    print_job_pages.blueprint,
    print_void_pages.blueprint,
    printer_pages.blueprint,
)
APIS = (
    participants_api.blueprint,
    identity_api.blueprint,
    messages_api.blueprint,
    visits_api.blueprint,
    kits_api.blueprint,
    recalls_api.blueprint,
    discrepancies_api.blueprint,
    temperatures_api.blueprint,
    outages_api.blueprint,
    reports_api.blueprint,
    printing_api.kits,
    printing_api.items,
    printing_api.printers,
    printing_api.jobs,
    items_api.blueprint,
    items_api.scans,
    custody_api.blueprint,
    shipments_api.blueprint,
    processing_api.blueprint,
    processing_api.pools,
    processing_api.bench,
    processing_api.specimens,
    storage_api.blueprint,
    inventories_api.blueprint,
    orders_api.blueprint,
    feeds_api.blueprint,
    withdrawals_api.blueprint,
    custodians_api.blueprint,
    custodians_api.attestations,
    withdrawals_api.later,
    statements_api.blueprint,
    supplies_api.requests,
    supplies_api.deliveries,
    distribution_api.blueprint,
    distribution_api.handed,
    retrieval_api.blueprint,
    retrieval_api.outs,
    distribution_api.holders,
    disclosures_api.blueprint,
    disclosures_api.demanded,
    disclosures_api.breached,
    destruction_api.orders,
    destruction_api.batches,
    destruction_api.ceremonies,
    ledger_api.blueprint,
)
LARGEST_REQUEST = 16 * 1024 * 1024
LARGEST_FIELDS = 2 * LARGEST_KEPT
"""Of one form, beside its files: a page that refuses a file keeps it in a field, a third longer than it."""


def create_app(settings: Settings) -> Flask:
    """Raises `SecretRefused`, `KeyRefused`, `SettingRefused`, `UndeclaredRoute`: never starts half."""
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_REQUEST, MAX_FORM_MEMORY_SIZE=LARGEST_FIELDS)
    app.config.update(SESSION_COOKIE_SAMESITE="Lax")
    keep_settings(app, settings)
    app.secret_key = read_secrets(settings)
    public_address(settings)
    roles_with_second_proof(settings)
    lines_are_encrypted(settings)
    connect_database(app, settings)
    with app.app_context():
        vault_opens()
        answers_open()
    install_rules()
    install_guard(app)
    install_metrics(app)
    add_headers(app)
    install_transport(app, settings)
    install_language(app)
    install_frame(app)
    install_badges(app)
    install_kept_forms(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    install_static_files(app)
    install_api(app, APIS)
    install_error_handlers(app)
    public("style and scripts")(app.view_functions["static"])
    assert_every_route_declares(app)
    return app


def connect_database(app: Flask, settings: Settings) -> None:
    samples, vault = database_url(settings), identity_url(settings)
    app.config["SQLALCHEMY_DATABASE_URI"] = samples
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options_for(samples)
    app.config["SQLALCHEMY_BINDS"] = {IDENTITY: {"url": vault, **options_for(vault)}}
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            prepare_engine(engine)
