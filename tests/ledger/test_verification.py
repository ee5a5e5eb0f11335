"""A whole log is found whole, and each thing that is done to one is named."""

from biobank.core.database import reading
from biobank.custody.replay import state_findings
from biobank.ledger.verification import verify
from tests.ledger.history import KEY


def said(work, **given):
    return [str(finding) for finding in verify(work, replays=[state_findings], **given).findings]


def test_a_whole_log(history):
    with reading() as work:
        report = verify(
            work, checkpoints=history.checkpoints, public_key=KEY.public, replays=[state_findings]
        )
    assert report.findings == ()
    assert report.is_clean
    assert report.entries == report.size + 1
