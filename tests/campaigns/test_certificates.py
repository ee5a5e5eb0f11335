"""A thousand genuine certificates are accepted, a thousand with one bit flipped are refused, by three judges.

    pytest -m campaign tests/campaigns/test_certificates.py -s -k sqlite

prints times, sizes and the seed. The judges: the biobank's own with its database, the file's own signature
without any log, and the auditor's verifier without our software.
"""

import argparse
import os
import random
import statistics
import time
from collections import Counter

import pytest
from sqlalchemy import make_url

from biobank.core.database import reading, writing
from biobank.destruction import confirmation, signing
from biobank.destruction.certificates import judge
from biobank.destruction.models import Certificate
from biobank.destruction.signed_files import examine
from biobank.destruction.signer_files import TRUSTED, certificate_folder, trusted_roots
from biobank.ledger import offline_certificate
from tests.destruction.forgeries import flipped
from tests.leaving import Leaving

pytestmark = pytest.mark.campaign
MANY = int(os.environ.get("CERTIFICATES", "1000"))
FEWER = MANY // 5
"""On PostgreSQL, which keeps the same bytes and takes twice as long to come to them."""
AT_ONCE = 25
SEED = 20261122


class Timed:
    """A function that remembers how long each call took, in milliseconds of processor time."""

    def __init__(self, function):
        self.function, self.took = function, []

    def __call__(self, *arguments, **named):
        begin = time.process_time()
        try:
            return self.function(*arguments, **named)
        finally:
            self.took.append((time.process_time() - begin) * 1000)

    def __str__(self):
        ordered = sorted(self.took)
        return (
            f"median {statistics.median(ordered):.1f} ms, 95th {ordered[int(len(ordered) * 0.95)]:.1f} ms, "
            f"longest {ordered[-1]:.1f} ms"
        )


def issue(many):
    """Each of one participant's tube, destroyed with others in one bag and confirmed in one signature."""
    with writing() as work:
        floor = Leaving(work)
    for first in range(0, many, AT_ONCE):
        with writing() as work:
            floor.work = work
            floor.window(0)
            codes = [
                floor.participant(f"A{200000000 + first + at}") for at in range(min(AT_ONCE, many - first))
            ]
            tubes = [floor.tube(code) for code in codes]
            for code in codes:
                floor.decide(participant=code)
            floor.destroy(*tubes)
            done = floor.confirm(*(floor.order(code) for code in codes))
            assert len(done.certificates) == len(codes), done.returned


def every_certificate():
    with reading() as work:
        numbers = [number for (number,) in work.session.query(Certificate.id).order_by(Certificate.id)]
    for number in numbers:
        with reading() as work:
            yield work.session.get_one(Certificate, number).pdf


@pytest.fixture
def many(app):
    return (
        MANY
        if make_url(app.extensions["biobank.settings"].database_url).get_backend_name() == "sqlite"
        else FEWER
    )


@pytest.fixture
def issued(app, many, monkeypatch):
    drawing = Timed(confirmation.certificate_pdf)
    making = Timed(signing.certified)
    monkeypatch.setattr(confirmation, "certificate_pdf", drawing)
    monkeypatch.setattr(signing, "certified", making)
    with app.app_context():
        issue(many)
        files = list(every_certificate())
        assert len(files) == many
        sizes = sorted(map(len, files))
        print(f"\n{many} certificates: drawn in {drawing}; signed in {making}")
        print(f"size: median {sizes[len(sizes) // 2]} bytes, largest {sizes[-1]} bytes")
        yield files


def test_genuine_ones_are_accepted_and_flipped_bits_are_refused(issued, many, settings, tmp_path):
    judging, auditing = Timed(judge), Timed(offline_certificate.verify)
    folder = certificate_folder(settings)
    given = argparse.Namespace(
        certificate=tmp_path / "received.pdf", root=list((folder / TRUSTED).iterdir()), export=None
    )

    def audited(content):
        given.certificate.write_bytes(content)
        return list(auditing(given))

    with reading() as work:
        for content in issued:
            verdict = judging(work, content)
            assert (verdict.genuine, verdict.state) == (True, "standing"), verdict
            assert audited(content) == []
    print(f"{many} genuine: all accepted by all; judged in {judging}")

    chance, said, roots = random.Random(SEED), Counter(), trusted_roots(folder)
    for _ in range(many):
        genuine = chance.choice(issued)
        changed = flipped(genuine, chance.randrange(len(genuine) * 8))
        with reading() as work:
            assert not judge(work, changed).genuine
        findings = examine(changed, roots).findings
        assert findings
        assert audited(changed)
        said[findings[0].partition(":")[0]] += 1
    print(f"{many} with one bit flipped (seed {SEED}): 0 accepted by any")
    for sentence, times in said.most_common():
        print(f"{times:>6}  {sentence}")
