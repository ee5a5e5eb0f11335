"""Taking a delivery of the withdrawal feed: every row is recorded, known, or left to compliance."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import PurePath

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.personal_shapes import ALWAYS, personal_shape
from biobank.destruction.choices import TO_BE_SETTLED, Ceremony
from biobank.destruction.queries import current_order, is_unsettled
from biobank.feeds import checks
from biobank.feeds.choices import Outcome
from biobank.feeds.contents import delivery_content, sha256_of, told_content
from biobank.feeds.inputs import FeedRow
from biobank.feeds.models import FeedDelivery, FeedRowReceived
from biobank.feeds.queries import Delivered, delivery_saying, rows_of
from biobank.ledger.operations import append_to
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.models import Participant
from biobank.participants.operations import lock, note_visit, register_participant
from biobank.participants.queries import ParticipantUnknown, participant_named, standing
from biobank.sites.models import Site
from biobank.withdrawals.checks import ReversalNeeded
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.deaths import record_death
from biobank.withdrawals.inputs import DeathTold, Decision
from biobank.withdrawals.models import RecordedDecision
from biobank.withdrawals.operations import withdraw
from biobank.withdrawals.queries import spans_of, standing_decisions
from biobank.withdrawals.standing import span_at

SUBJECT = "feed:withdrawals"
ENTRY = "feed_delivery"
THE_PROGRAMME = "programme"
"""Who told of a death that came with a row."""
PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]{1,120}")


def take_delivery(work: Work, rows: Sequence[FeedRow], *, by: Actor, file: str | None = None) -> Delivered:
    """Take all rows, or none; the very same rows a second time change nothing and get the same answers.

    Whoever is not known is registered by their code, so that tubes that come later are recognised; nobody
    who answered is set back to undecided. Raises `AllSitesNeeded`, `FeedRefused`.
    """
    checks.works_at_all_sites(by)
    checks.times_are_possible(rows, timedelta(minutes=work.settings.clock_skew_minutes))
    content_sha256 = sha256_of(told_content(row) for row in rows)
    known = delivery_saying(work, content_sha256)
    if known is not None:
        return Delivered(known, rows_of(work, known), already=True)
    delivery = FeedDelivery(
        content_sha256=content_sha256,
        row_count=len(rows),
        file=_name_kept(file),
        received_at=moments.now(),
        received_by=by.person,
    )
    work.session.add(delivery)
    work.flush()
    return _recorded(work, delivery, _Taking(work, by, delivery.id).take(rows))


def _name_kept(file: str | None) -> str | None:
    name = PurePath(file).name if file else ""
    return name if PLAIN_NAME.fullmatch(name) and not personal_shape(name, ALWAYS) else None


def _recorded(work: Work, delivery: FeedDelivery, received: list[FeedRowReceived]) -> Delivered:
    work.session.add_all(received)
    work.flush()
    content = delivery_content(delivery, received)
    append_to(work, subject=SUBJECT, kind=ENTRY, content=content, recorded_at=delivery.received_at)
    return Delivered(delivery, received)


class _Taking:
    """One delivery at hand; participants are locked in one order, so that two never wait for each other."""

    def __init__(self, work: Work, by: Actor, number: int) -> None:
        self.work, self.by, self.number = work, by, number
        self.pattern = work.settings.participant_code_pattern
        self.registered: set[str] = set()

    def take(self, rows: Sequence[FeedRow]) -> list[FeedRowReceived]:
        ours = [row for row in rows if self._is_ours(row)]
        for row in sorted(ours, key=lambda row: row.participant):
            self._lock(row)
        return [self._taken(row) if self._is_ours(row) else _not_ours(self.number, row) for row in rows]

    def _is_ours(self, row: FeedRow) -> bool:
        return re.fullmatch(self.pattern, row.participant) is not None

    def _lock(self, row: FeedRow) -> None:
        with suppress(ParticipantUnknown):
            lock(self.work, row.participant)
            return
        register_participant(self.work, self.by, code=row.participant, pattern=self.pattern)
        self.registered.add(row.participant)

    def _taken(self, row: FeedRow) -> FeedRowReceived:
        participant = participant_named(self.work, row.participant)
        received = _row(self.number, row, site=self._site(participant, row))
        received.new_participant = row.participant in self.registered
        self.registered.discard(row.participant)  # a second row of theirs finds them known
        received.death_id = self._death(participant, row)
        outcome, decision = self._decided(participant, row)
        received.outcome, received.decision_id = outcome.value, decision.id if decision else None
        received.ceremony_differs = outcome is not Outcome.RECORDED and self._differs(participant, row)
        return received

    def _site(self, participant: Participant, row: FeedRow) -> str | None:
        site = self.work.session.get(Site, row.site.lower()) if row.site else None
        if site is None:
            return None
        note_visit(self.work, participant.code, site.code)
        return site.code

    def _death(self, participant: Participant, row: FeedRow) -> int | None:
        """A death is recorded before the decision: nothing is sent to the dead."""
        if not row.deceased or standing(participant).died:
            return None
        told = DeathTold(
            participant=participant.code,
            requested_by=THE_PROGRAMME,
            capacity=Capacity.REPRESENTATIVE,
            channel=Channel.FEED,
            decided_at=moments.told(moments.now()),
            evidence=self._evidence(row),
        )
        return record_death(self.work, told, by=self.by).id

    def _evidence(self, row: FeedRow) -> str:
        return f"feed delivery {self.number}, line {row.line}"

    def _decided(self, participant: Participant, row: FeedRow) -> tuple[Outcome, RecordedDecision | None]:
        stands = span_at(spans_of(self.work, participant.code), row.withdrawal_time.at)
        told = row.information, row.samples
        has_left = stands.left_at is not None
        if has_left:
            told = _open_ones_kept(told, (stands.information, stands.samples))
            if told == (stands.information, stands.samples):
                return Outcome.KNOWN, self._earlier(participant)
        try:
            return Outcome.RECORDED, self._withdrawn(participant, row, told)
        except ReversalNeeded:
            nothing = InformationAnswer.UNDECIDED, SamplesAnswer.UNDECIDED
            left = self._earlier(participant) if has_left else self._withdrawn(participant, row, nothing)
            return Outcome.COMPLIANCE_DECIDES, left

    def _earlier(self, participant: Participant) -> RecordedDecision | None:
        leaving = [each for each in standing_decisions(self.work, participant.code) if each.leaves]
        return leaving[-1] if leaving else None

    def _withdrawn(
        self, participant: Participant, row: FeedRow, told: tuple[InformationAnswer, SamplesAnswer]
    ) -> RecordedDecision:
        decision = Decision(
            participant=participant.code,
            leaves=True,
            information=told[0],
            samples=told[1],
            ceremony=row.ceremony,
            requested_by=participant.code,
            capacity=Capacity.PARTICIPANT,
            channel=Channel.FEED,
            decided_at=row.withdrawal_time,
            evidence=self._evidence(row),
        )
        return withdraw(self.work, decision, by=self.by)

    def _differs(self, participant: Participant, row: FeedRow) -> bool:
        """A ceremony is asked for where the order that runs may destroy without, or the other way round."""
        order = current_order(self.work, participant.code)
        if order is None or row.ceremony is Ceremony.UNANSWERED or order.closed_at is not None:
            return False
        return is_unsettled(order) != (row.ceremony in TO_BE_SETTLED) and order.ceremony_settled is None


def _open_ones_kept(
    told: tuple[InformationAnswer, SamplesAnswer],
    before: tuple[InformationAnswer | None, SamplesAnswer | None],
) -> tuple[InformationAnswer, SamplesAnswer]:
    """Of who answered before, an answer that a row does not carry is the one they gave."""
    information, samples = told
    if information is InformationAnswer.UNDECIDED and before[0] is not None:
        information = before[0]
    if samples is SamplesAnswer.UNDECIDED and before[1] is not None:
        samples = before[1]
    return information, samples


def _not_ours(number: int, row: FeedRow) -> FeedRowReceived:
    received = _row(number, row, site=None)
    received.outcome = Outcome.NOT_OURS.value
    return received


def _row(number: int, row: FeedRow, *, site: str | None) -> FeedRowReceived:
    return FeedRowReceived(
        delivery_id=number,
        line=row.line,
        called=row.row,
        participant=row.participant,
        decided_at=row.withdrawal_time.at,
        zone=row.withdrawal_time.zone,
        offset_minutes=row.withdrawal_time.offset_minutes,
        information=row.information.value,
        samples=row.samples.value,
        ceremony=row.ceremony.value,
        deceased=row.deceased,
        site=site,
        new_participant=False,
        ceremony_differs=False,
    )
