"""Making a pool as a page: its parts are scanned one a line, then what it is."""

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.counting import counted
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.steps import AskedBack, Source
from biobank.items.aliases import read_alias
from biobank.items.identifiers import printed
from biobank.processing.inputs import NewPool, Part
from biobank.processing.pools import make_pool
from biobank.web.addresses import sent_to
from biobank.web.feedback import refused, tell
from biobank.web.field_errors import errors_of_form
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.told_times import time_told
from biobank.web.typed_fields import millilitres_typed

blueprint = Blueprint("pool_pages", __name__, url_prefix="/pools")
MAY = Permission.RECORD_STEPS


@blueprint.get("")
@reads(MAY)
def pool(*, work: Work, by: Actor) -> str:
    """`part` is the specimen from whose page somebody comes."""
    return _page(work, by)


def _page(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    errors = errors_of_form(refusal, {"parts": "parts"})
    asked = isinstance(refusal, AskedBack)
    return render_template(
        "processing/pool.html",
        zone=zone_of(work, by),
        question=refusal.detail if refusal and asked else None,
        form=request.form if refusal else {"parts": request.args.get("part", "")},
        errors={} if asked else errors,
        **({"feedback": refused(refusal)} if refusal and not asked and not errors else {}),
    )


@blueprint.post("")
@shown_again(MAY, _page)
@writes(MAY)
def made(*, work: Work, by: Actor) -> Response:
    form = request.form
    done = make_pool(
        work,
        _told(),
        by=by,
        source=Source("scan"),
        at=time_told(form, zone_of(work, by)),
        confirmation=form.get("confirmation", "").strip() or None,
    )
    pooled = counted(len(done.steps), "specimen")
    sentence = f"{printed(done.pool.identifier)} is made of {pooled}; print its label."
    stops = [alert for alert in done.alerts if alert.kind in ("withdrawal", "quarantine")]
    tone = "wrong" if stops else "right"
    tell("Pooled", " ".join([sentence, *(alert.text for alert in stops)]), tone=tone)
    return sent_to(f"/items/{done.pool.identifier}")


def _told() -> NewPool:
    form = request.form
    code, issuer = form.get("code", "").strip(), form.get("issuer", "").strip()
    each = millilitres_typed(form, "each")
    parts = form.get("parts", "").split()
    used_up = bool(form.get("used_up"))
    return NewPool(
        parts=tuple(Part(part, each, used_up=used_up) for part in parts),
        specification=form.get("specification", "").strip(),
        volume_microlitres=millilitres_typed(form, "volume"),
        alias=read_alias(issuer, code) if code else None,
    )
