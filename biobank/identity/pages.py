"""The identity desk: somebody is found, shown once for a reason, entered, changed; and who looked before."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission, Role
from biobank.core.database import Work, reading
from biobank.core.errors import DomainError
from biobank.identity import operations
from biobank.identity.accesses import Access
from biobank.identity.checks import IdentityRefused
from biobank.identity.choices import (
    FOR_FINDING,
    FOR_KEEPING,
    FOR_READS,
    NEEDED,
    IdentityField,
    Reason,
)
from biobank.identity.inputs import Asked, Identity, Said
from biobank.identity.models import VaultAccess
from biobank.identity.queries import accesses_of, holders, vault_knows
from biobank.participants.models import Participant
from biobank.participants.queries import CODE, participant_seen_by, standing
from biobank.web.addresses import sent_to
from biobank.web.cards import names_of_people
from biobank.web.feedback import refused, tell
from biobank.web.field_errors import errors_by_field
from biobank.web.frame import zone_of
from biobank.web.permission import once_kept, reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.typed_fields import choices
from biobank.web.words import in_zone, spoken

blueprint = Blueprint("identity_pages", __name__, url_prefix="/identity")
Shown = dict[str, Any]

LABELS = {
    IdentityField.GIVEN_NAME: "Given name",
    IdentityField.FAMILY_NAME: "Family name",
    IdentityField.BIRTH_DATE: "Birth date",
    IdentityField.PROGRAMME_PARTICIPANT: "Id of the programme",
    IdentityField.EMAIL: "E-mail",
    IdentityField.PHONE: "Phone",
    IdentityField.POSTAL_ADDRESS: "Postal address",
    IdentityField.LANGUAGE: "Language",
}
"""In the order in which a form asks for them."""
TYPES = {IdentityField.BIRTH_DATE: "date", IdentityField.POSTAL_ADDRESS: "area"}
LANGUAGES = ({"value": "en", "label": "English"}, {"value": "es", "label": "Español"})


@blueprint.get("")
@reads(Permission.SEE_IDENTITY_ACCESS)
def desk(*, work: Work, by: Actor) -> str | Response:
    code = request.args.get("code", "").strip()
    if CODE.fullmatch(code):
        return sent_to(_url(participant_seen_by(work, by, code).code))
    return _desk(work, by)


def _desk(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:  # noqa: ARG001 (as `shown_again` asks)
    codes = [code for code in request.args.get("found", "").split(",") if CODE.fullmatch(code)]
    return render_template(
        "identity/desk.html",
        may_find=by.may(Permission.READ_IDENTITY),
        reasons=choices(FOR_FINDING),
        found=[{"code": code, "url": _url(code)} for code in codes],
        **_after(refusal),
    )


def _after(refusal: DomainError | None) -> Shown:
    if refusal is None:
        return {"form": {}, "errors": {}}
    return {
        "form": request.form if request.path.endswith("/keep") else _why(),
        "errors": errors_by_field(refusal),
        "feedback": refused(refusal),
    }


def _why() -> dict[str, str]:
    """What a refused search or look shows again; a name is typed again."""
    return {name: request.form.get(name, "") for name in ("reason", "document")}


def _url(code: str) -> str:
    return f"/identity/{code}"


def _asked() -> Asked:
    return Asked(reason=request.form.get("reason", ""), document=request.form.get("document"))


@blueprint.post("/find")
@shown_again(Permission.READ_IDENTITY, _desk)
@writes(Permission.READ_IDENTITY)
def find(*, work: Work, by: Actor) -> Response:
    """Codes of whoever it is; nothing of what was typed comes back."""
    told = request.form.get("programme_participant", "").strip()
    said = None if told else _said()
    codes = operations.find_participant(work, by, _asked(), programme_participant=told, said=said)
    if len(codes) == 1:
        tell("Found", f"This is {codes[0]}.")
        return sent_to(_url(codes[0]))
    if codes:
        tell("Several", f"{len(codes)} participants have this name and birth date.", tone="ask")
        return sent_to(f"/identity?{urlencode({'found': ','.join(codes)})}")
    tell("Nobody found", "The vault knows nobody like that at your sites.", tone="ask")
    return sent_to("/identity")


def _said() -> Said:
    return Said(
        given_name=request.form.get("given_name", ""),
        family_name=request.form.get("family_name", ""),
        birth_date=_birth_date() or _no_birth_date(),
    )


def _birth_date() -> date | None:
    text = request.form.get("birth_date", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return _no_birth_date()


def _no_birth_date() -> date:
    raise IdentityRefused("Give the birth date.", field="birth_date")


@blueprint.get("/holders")
@reads(Permission.SEE_IDENTITY_ACCESS)
def who(*, work: Work, by: Actor) -> str:
    """Very few people have access to the list that links codes to names: these."""
    zone = zone_of(work, by)
    rows = [
        {
            "name": person.printed_name,
            "person": person.username,
            "role": spoken(grant.role),
            "reads": "after a withdrawal" if grant.role == Role.COMPLIANCE else "before a withdrawal",
            "site": grant.site,
            "granted_at": in_zone(grant.granted_at, zone),
            "granted_by": grant.granted_by,
        }
        for grant, person in holders(work)
    ]
    return render_template("identity/holders.html", holders=rows)


@blueprint.get("/<code>")
@reads(Permission.SEE_IDENTITY_ACCESS)
def person(code: str, *, work: Work, by: Actor) -> str:
    return _person(work, by, code=code)


def _person(work: Work, by: Actor, *, code: str, refusal: DomainError | None = None) -> str:
    """What may be done, and who looked; nothing of who it is."""
    found = participant_seen_by(work, by, code)
    known = vault_knows(work, found.code)
    records, zone = accesses_of(work, found.code), zone_of(work, by)
    people = names_of_people(work, {record.by for record in records})
    return render_template(
        "identity/person.html",
        participant={"code": found.code, "url": f"/participants/{found.code}", "known": known},
        left=standing(found).left,
        may_read=known and _reads(by, found),
        may_keep=by.may(Permission.KEEP_IDENTITY),
        reasons=choices(FOR_READS),
        accesses=[_row(record, people, zone) for record in records],
        **_after(refusal),
    )


def _reads(by: Actor, found: Participant) -> bool:
    role = Role.COMPLIANCE if standing(found).left else Role.IDENTITY
    return by.may(Permission.READ_IDENTITY) and by.has(role)


def _row(record: VaultAccess, people: dict[str, str], zone: str) -> Shown:
    return {
        "at": in_zone(record.at, zone),
        "by": people.get(record.by, record.by),
        "kind": spoken(record.kind).capitalize(),
        "reason": spoken(record.reason),
        "document": record.document,
        "fields": [LABELS[IdentityField(name)] for name in record.fields.split(",")],
        "answer": record.answer,
    }


@blueprint.post("/<code>/show")
@shown_again(Permission.READ_IDENTITY, _person)
@writes(Permission.READ_IDENTITY)
def show(code: str, *, work: Work, by: Actor) -> Response:
    """Once: loading the page again shows nothing, and nothing of it is remembered here."""
    found = participant_seen_by(work, by, code)
    access = operations.record_read(work, by, found.code, _asked())
    once_kept(lambda: _shown(access))
    return sent_to(_url(found.code))


def _shown(access: Access) -> str:
    with reading() as work:
        texts = operations.read_identity(work, access).texts()
    rows = [{"label": label, "text": texts[name]} for name, label in LABELS.items() if name in texts]
    return render_template(
        "identity/shown.html",
        participant={"code": access.participant, "url": _url(access.participant or "")},
        rows=rows,
        reason=spoken(str(access.content["reason"])),
    )


@blueprint.get("/<code>/keep")
@reads(Permission.KEEP_IDENTITY)
def form(code: str, *, work: Work, by: Actor) -> str:
    return _form(work, by, code=code)


def _form(work: Work, by: Actor, *, code: str, refusal: DomainError | None = None) -> str:
    """Empty in any case: what is kept is only shown for a reason."""
    found = participant_seen_by(work, by, code)
    known = vault_knows(work, found.code)
    fields = [
        {
            "name": name.value,
            "label": label,
            "type": TYPES.get(name, "text"),
            "needed": not known and name in NEEDED,
        }
        for name, label in LABELS.items()
        if name is not IdentityField.LANGUAGE
    ]
    return render_template(
        "identity/form.html",
        participant={"code": found.code, "url": _url(found.code), "known": known},
        fields=fields,
        emptied=[(name.value, label) for name, label in LABELS.items() if name not in NEEDED]
        if known
        else [],
        languages=LANGUAGES,
        reasons=choices([reason for reason in FOR_KEEPING if known or reason is not Reason.CORRECTION]),
        **_after(refusal),
    )


@blueprint.post("/<code>/keep")
@shown_again(Permission.KEEP_IDENTITY, _form)
@writes(Permission.KEEP_IDENTITY)
def keep(code: str, *, work: Work, by: Actor) -> Response:
    found = participant_seen_by(work, by, code)
    identity = _typed()
    if vault_knows(work, found.code):
        emptied = frozenset(IdentityField(name) for name in request.form.getlist("emptied") if name in LABELS)
        operations.change_identity(work, by, found.code, identity, _asked(), emptied=emptied)
        tell("Changed", f"What was typed is kept for {found.code}; all else stayed.")
    else:
        operations.enter_identity(work, by, found.code, identity, _asked())
        tell("Entered", f"The vault knows now who {found.code} is.")
    return sent_to(_url(found.code))


def _typed() -> Identity:
    texts = [name.value for name in LABELS if name is not IdentityField.BIRTH_DATE]
    told = {name: request.form.get(name, "").strip() or None for name in texts}
    return Identity(**told, birth_date=_birth_date())
