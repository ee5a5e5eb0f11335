"""A certificate that somebody holds is checked on a page: chosen, judged, and nothing of it kept."""

from typing import Any

from flask import Blueprint, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.destruction.certificates import Verdict, judge
from biobank.web.frame import zone_of
from biobank.web.permission import reads
from biobank.web.uploads import file_sent
from biobank.web.words import in_zone

blueprint = Blueprint("certificate_pages", __name__)
URL = "/certificates/verify"
TONES = {"standing": "right", "replaced": "late", "in_question": "wrong"}
WORDS = {
    "standing": "Genuine, and it stands",
    "replaced": "Genuine, but replaced",
    "in_question": "In question",
}


@blueprint.get(URL)
@reads(Permission.SEE_CERTIFICATES)
def choose(*, work: Work, by: Actor) -> str:  # noqa: ARG001 (the permission is what counts)
    return render_template("destruction/verify.html", url=URL, verdict=None)


@blueprint.post(URL)
@reads(Permission.SEE_CERTIFICATES)
def judged(*, work: Work, by: Actor) -> str:
    content, _ = file_sent(request)
    return render_template(
        "destruction/verify.html", url=URL, verdict=_shown(judge(work, content), zone_of(work, by))
    )


def _shown(verdict: Verdict, zone: str) -> dict[str, Any]:
    state = verdict.state or ""
    return {
        "tone": TONES.get(state, "wrong"),
        "word": WORDS.get(state, "Not a certificate as it was issued"),
        "sentence": verdict.sentence,
        "findings": verdict.findings[1:],
        "signed_by": verdict.signed_by,
        "signed_at": in_zone(verdict.signed_at, zone) if verdict.signed_at else None,
        "certificate_sha256": verdict.certificate_sha256,
    }
