"""From the decision to the certificate, with a tube that comes back late."""

import hashlib
import io
import json

import pypdf

from biobank.custody.states import Action
from biobank.destruction.models import Certificate
from biobank.destruction.queries import certificate_of, progress, stage


def test_everything_is_destroyed_and_a_late_tube_opens_the_order_again(leaving):
    leaving.window(0)
    tubes = leaving.received()
    late, *here = tubes.values()
    leaving.step(late, Action.REPORT_LOST)
    leaving.decide()
    order = leaving.order()
    assert stage(order) == "ready"
    leaving.destroy(*here)
    assert progress(leaving.work, order) == {"destroyed": len(here), "lost": 1}
    confirmed = leaving.confirm(order)
    assert confirmed.returned == {}
    first = certificate_of(leaving.work, order)
    assert stage(order) == "closed"
    alerts = leaving.step(late, Action.FIND).alerts
    assert any(alert.kind == "withdrawal" and "put it in waste now" in alert.text for alert in alerts)
    assert stage(order) == "reopened"
    leaving.destroy(late)
    assert leaving.confirm(order).returned == {}
    second = certificate_of(leaving.work, order)
    assert second.replaces == first.identifier
    assert leaving.work.session.query(Certificate).count() == 2
    reader = pypdf.PdfReader(io.BytesIO(second.pdf))
    assert json.loads(reader.attachments["certificate.json"][0]) == json.loads(second.record)
    assert hashlib.sha256(second.pdf).hexdigest() == second.sha256
