"""An invented programme to try things with: sites, people, a freezer, kits; nothing in it is real."""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from sqlalchemy import make_url

from biobank.access import operations as access
from biobank.access.actors import Actor
from biobank.access.badges import give_badge, set_pin
from biobank.access.checks import PinRefused
from biobank.access.permissions import Role
from biobank.access.queries import actor_named, person_named
from biobank.core import moments
from biobank.core.database import Work, writing
from biobank.custody.operations import record
from biobank.custody.states import Action, Kind
from biobank.custody.steps import ItemNow, Source
from biobank.demo.desk import LEFT, NOT_DECIDED, lay_desk
from biobank.demo.floor import lay_floor
from biobank.demo.logger_files import LOGGERS
from biobank.demo.people import TESTA, enter_testa
from biobank.items.identifiers import printed
from biobank.kits.operations import make_kits, take_consent
from biobank.participants.choices import Scope
from biobank.participants.operations import register_participant
from biobank.processing.choices import Brake, Rotor
from biobank.processing.inputs import NewProgramme
from biobank.processing.operations import add_programme
from biobank.service.databases import upgrade_both
from biobank.settings import Settings
from biobank.shipments.choices import Carrier
from biobank.sites.models import SiteKind
from biobank.sites.operations import add_site, register_station, set_calendar
from biobank.storage.inputs import NewUnit
from biobank.storage.operations import add_unit

BIOBANK = "biobank-demo"
SOMEBODY = "A900000002"
ON_THE_SHELF = 5
CLINIC = "clinic-riverside-demo"
OTHER_CLINIC = "clinic-hillside-demo"

SITES = (
    (BIOBANK, "Demonstration Biobank", SiteKind.BIOBANK, "America/Chicago"),
    (CLINIC, "Riverside Clinic (demonstration)", SiteKind.CLINIC, "America/Chicago"),
    (OTHER_CLINIC, "Hillside Clinic (demonstration)", SiteKind.CLINIC, "America/Denver"),
)
PEOPLE = (
    ("demo.clinic", "Cleo Clinic-Demo", Role.CLINIC, CLINIC),
    ("demo.colleague", "Colin Colleague-Demo", Role.CLINIC, CLINIC),
    ("demo.hillside", "Hilda Hillside-Demo", Role.CLINIC, OTHER_CLINIC),
    ("demo.technician", "Theo Technician-Demo", Role.TECHNICIAN, BIOBANK),
    ("demo.witness", "Wilma Witness-Demo", Role.TECHNICIAN, BIOBANK),
    ("demo.lead", "Lena Lead-Demo", Role.LEAD, BIOBANK),
    ("demo.compliance", "Cora Compliance-Demo", Role.COMPLIANCE, None),
    ("demo.committee", "Cass Committee-Demo", Role.COMMITTEE, None),
    ("demo.identity", "Ines Identity-Demo", Role.IDENTITY, None),
    ("demo.auditor", "Aldo Auditor-Demo", Role.AUDITOR, None),
    ("demo.administrator", "Ada Administrator-Demo", Role.ADMINISTRATOR, None),
)
FOUNDER = Actor("demo.setup", "Demonstration set-up", frozenset({(Role.ADMINISTRATOR, None)}))
SOURCE = Source("command", "demo")


@dataclass
class Account:
    """One invented person's ways in."""

    person: str
    printed_name: str
    role: str
    site: str | None
    password: str
    token: str = ""
    badge: str = ""
    pin: str = ""


@dataclass
class Programme:
    """What was set up: who there is, and where things can be put."""

    accounts: dict[str, Account] = field(default_factory=dict)
    units: dict[str, ItemNow] = field(default_factory=dict)
    kits: list[str] = field(default_factory=list)
    station: str = ""
    """The token by which a browser becomes the clinic's station, where badges are taken."""

    def as_document(self) -> dict[str, Any]:
        return {
            "note": "Invented people of the demonstration; these sign-ins open nothing else.",
            "sites": [{"code": code, "name": name, "zone": zone} for code, name, _, zone in SITES],
            "people": [vars(account) for account in self.accounts.values()],
            "kits": self.kits,
            "station": self.station,
        }


def begin(settings: Settings, *, with_kits: bool = False) -> Programme:
    """Make the database with the demonstration programme and keep its sign-ins in `access.json` beside it.

    With kits, files of the logger in the parcel at the dock lie in `loggers` beside it, too.
    """
    path = access_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    upgrade_both()
    with writing() as work:
        programme = set_up(work, settings)
        if with_kits:
            programme.kits = lay_out(work)
            box, password = programme.units["Box 1"].identifier, programme.accounts["demo.committee"].password
            lay_desk(work, clinic_site=CLINIC, box=box, committee_password=password)
            loggers = path.with_name(LOGGERS)
            lay_floor(work, clinic_site=CLINIC, biobank=BIOBANK, loggers=loggers)
    keep_access(programme, path)
    return programme


def access_file(settings: Settings) -> Path:
    return (
        Path(make_url(settings.database_url).database or "var/biobank.db").resolve().with_name("access.json")
    )


def set_up(work: Work, settings: Settings) -> Programme:
    for code, name, kind, zone in SITES:
        add_site(work, by=FOUNDER.person, code=code, name=name, kind=kind.value, zone=zone)
    _calendars(work)
    programme = Programme()
    for person, printed_name, role, site in PEOPLE:
        programme.accounts[person] = _account(work, settings, person, printed_name, role, site)
    _, programme.station = register_station(work, by=FOUNDER.person, site=CLINIC, name="chair-1")
    programme.units = _storage(work, actor_named(work, "demo.lead"))
    return programme


WORKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def _calendars(work: Work) -> None:
    """A carrier on each working day, a centrifuge with one programme, and a biobank closed on Sundays."""
    fedex = {"days": 1, **dict.fromkeys(WORKDAYS, "16:30")}
    receiving = [*WORKDAYS, "saturday"]
    for code, _, kind, _ in SITES:
        told = {"carriers": {"fedex": fedex}} if kind is SiteKind.CLINIC else {"weekdays": receiving}
        carriers = frozenset(carrier.value for carrier in Carrier)
        set_calendar(work, by=FOUNDER.person, site=code, told={"country": "US", **told}, carriers=carriers)
        gel = NewProgramme(
            site=code, name="Gel tubes", g=1300, minutes=15, temperature_celsius=20,
            rotor=Rotor.SWINGING_BUCKET, brake=Brake.ON,
        )  # fmt: skip
        add_programme(work, gel, by=FOUNDER)


def _account(
    work: Work, settings: Settings, person: str, printed_name: str, role: Role, site: str | None
) -> Account:
    password = f"demo-{secrets.token_hex(6)}"
    access.add_person(work, FOUNDER, username=person, printed_name=printed_name, password=password)
    access.grant_role(work, FOUNDER, username=person, role=role.value, site=site)
    _, token = access.create_token(work, FOUNDER, username=person, days=settings.token_days)
    account = Account(person, printed_name, role.value, site, password, token)
    return _with_badge(work, account) if site == CLINIC else account


def _with_badge(work: Work, account: Account) -> Account:
    """Two people share the clinic's station; of the demonstration's invented people the PIN is known."""
    while not account.pin:
        with suppress(PinRefused):
            pin = f"{secrets.randbelow(10**6):06d}"
            set_pin(work, person_named(work, account.person), pin)
            account.pin = pin
    account.badge = give_badge(work, FOUNDER, account.person)
    return account


def _storage(work: Work, lead: Actor) -> dict[str, ItemNow]:
    units: dict[str, ItemNow] = {}
    for name, kind, inside, rows, columns, celsius in (
        ("Freezer 1", Kind.FREEZER, None, 0, 0, -80),
        ("Rack 1", Kind.RACK, "Freezer 1", 0, 0, -80),
        ("Box 1", Kind.BOX, "Rack 1", 8, 12, -80),
        ("Box 2", Kind.BOX, "Rack 1", 8, 12, -80),
        ("Refrigerator", Kind.QUARANTINE_PLACE, None, 0, 0, 4),
    ):
        unit = NewUnit(
            kind=kind,
            name=name,
            site=BIOBANK,
            inside=units[inside].identifier if inside else None,
            rows=rows,
            columns=columns,
            temperature_celsius=celsius,
        )
        units[name] = add_unit(work, unit, by=lead, source=SOURCE)
    return units


def lay_out(work: Work) -> list[str]:
    """Something to scan: a kit that is given to somebody, and five on the clinic's shelf."""
    lead, clinic = actor_named(work, "demo.lead"), actor_named(work, "demo.clinic")
    now = moments.told(moments.now(), "America/Chicago")
    kits = [
        kit.identifier for kit in make_kits(work, "adult-3.2", 1 + ON_THE_SHELF, by=lead, lot="DEMO-LOT-1")
    ]
    for kit in kits:
        record(work, kit, Action.ISSUE, by=lead, source=SOURCE, at=now, details={"site": CLINIC})
    pattern = work.settings.participant_code_pattern
    register_participant(work, clinic, code=SOMEBODY, pattern=pattern, site=CLINIC)
    take_consent(
        work,
        clinic,
        participant=SOMEBODY,
        form_version="demo-1",
        language="en",
        scopes=[scope.value for scope in Scope],
        effective_at=now.at,
        source="demo form",
    )
    enter_testa(work, SOMEBODY, by=actor_named(work, "demo.identity"))
    record(work, kits[0], Action.ASSIGN, by=clinic, source=SOURCE, at=now, details={"participant": SOMEBODY})
    return kits


def keep_access(programme: Programme, path: Path) -> None:
    """Write the sign-ins for their owner's eyes; tokens of a demonstration are still tokens."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(programme.as_document(), file, indent=2, ensure_ascii=False)


def print_sign_ins(settings: Settings) -> None:
    """Say who can sign in, when the demonstration's sign-ins are there."""
    path = access_file(settings)
    if not path.exists():
        return
    access = json.loads(path.read_text(encoding="utf-8"))
    click.echo("\nDemonstration sign-ins (invented people):")
    for person in access["people"]:
        role = person["role"].replace("_", " ")
        click.echo(f"  {person['person']:<20} {person['password']:<20} {role}")
    if access.get("station"):
        click.echo(f"\nThe clinic's shared station: open /station and type {access['station']}")
        click.echo("Then scan or type a badge:")
        for person in access["people"]:
            if person["badge"]:
                click.echo(f"  {person['person']:<20} {person['badge']:<28} PIN {person['pin']}")
    if access["kits"]:
        given, *shelved = (printed(kit) for kit in access["kits"])
        click.echo(f"\nTo scan or type: kit {given} is given to {SOMEBODY}; on the clinic's shelf are:")
        for kit in shelved:
            click.echo(f"  {kit}")
        said = f"{TESTA.given_name} {TESTA.family_name}, born {TESTA.birth_date}"
        click.echo(f"\nFor compliance: {LEFT} left and has all destroyed; {NOT_DECIDED} hung up.")
        click.echo(
            "\nFor the floor: a parcel stands at the dock, another is on its way; urine waits at the bench. "
            f"Files of its logger lie in {path.with_name(LOGGERS)}."
        )
        click.echo(f"\nWho sits in the chair of a visit of {SOMEBODY} says: {said}")
    click.echo("")
