"""Kits over HTTP: made all or none, with labels that are logged."""

from datetime import timedelta

from sqlalchemy import text

from biobank.core import moments
from biobank.core.database import reading


def test_kits_are_made_with_their_tubes_in_draw_order(programme):
    end = (moments.now() + timedelta(days=300)).date().isoformat()
    said = {"definition": "urine-1", "count": 2, "site": "biobank-1", "lot": "L7", "expires_on": end}
    answer = programme.post("biobank_technician", "/kits", said)
    assert answer.status == 201
    assert len(answer.json["kits"]) == 2
    kit = answer.json["kits"][0]
    assert (kit["definition"], kit["state"], kit["lot"], kit["expires_on"]) == (
        "urine-1",
        "registered",
        "L7",
        end,
    )
    assert [tube["draw_order"] for tube in kit["tubes"]] == sorted(
        tube["draw_order"] for tube in kit["tubes"]
    )
    assert programme.get("biobank_technician", f"/kits/{kit['identifier']}").json == kit
    tube = programme.get("biobank_technician", f"/kits/{kit['tubes'][0]['identifier']}")
    assert (tube.status, tube.json["error"]) == (422, "NotAKit")
    assert programme.get("clinic_staff", f"/kits/{kit['identifier']}").status == 403


WRONG = [
    ({"definition": "adult-9"}, 404),
    ({"count": 0}, 422),
    ({"count": 1001}, 422),
    ({"count": "two"}, 422),
    ({"site": "biobank-2"}, 403),
    ({"site": "nowhere"}, 403),
    ({"expires_on": "soon"}, 422),
    ({"expires_on": "2020-01-01"}, 409),
]


def test_what_cannot_be_made_is_refused_whole(programme):
    for changed, status in WRONG:
        said = {"definition": "urine-1", "count": 1, "site": "biobank-1", **changed}
        assert programme.post("biobank_technician", "/kits", said).status == status, changed
    with programme.app.app_context(), reading() as work:
        assert work.connection.execute(text("SELECT count(*) FROM items")).scalar() == 0


def test_labels_are_a_document_and_a_line_in_the_log(programme):
    kit, _ = programme.kit("urine-1")
    pdf = programme.get("biobank_technician", f"/kits/{kit}/labels.pdf")
    assert (pdf.status, pdf.headers["Content-Type"], pdf.data[:5]) == (200, "application/pdf", b"%PDF-")
    zpl = programme.get("biobank_technician", f"/kits/{kit}/labels.zpl")
    assert zpl.data.startswith(b"^XA")
    assert kit.encode() in zpl.data
    with programme.app.app_context(), reading() as work:
        printed = work.connection.execute(text("SELECT medium, printed_by FROM print_jobs ORDER BY id")).all()
    assert [tuple(row) for row in printed] == [("pdf", "tech.here"), ("zpl", "tech.here")]
    assert programme.get("clinic_staff elsewhere", f"/kits/{kit}/labels.pdf").status == 403
