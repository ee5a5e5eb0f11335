"""What participants of an invented history decide, in all forms, and what two people sign about it."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.core import moments
from biobank.core.errors import DomainError
from biobank.destruction.ceremonies import settle_ceremony
from biobank.destruction.choices import Ceremony, Settlement
from biobank.destruction.queries import is_unsettled, standing_orders
from biobank.participants.choices import Scope
from biobank.participants.queries import participant_named
from biobank.withdrawals import deaths, mistakes, requests, reversing, staying
from biobank.withdrawals.choices import Capacity, Channel, DeclinedBecause
from biobank.withdrawals.inputs import DeathTold, NewConsent, Refusal
from biobank.withdrawals.queries import deaths_of, decisions_of, waiting_requests
from biobank.withdrawals.records import death_record
from tests.withdrawals.test_later import asked, change

anyone = st.integers(0, 30)
ANSWERS = {
    "samples": st.sampled_from(["keep", "destroy", "destroy", "undecided"]),
    "information": st.sampled_from(["keep", "remove", "undecided"]),
}
KIN = {"requested_by": "kin-1", "capacity": Capacity.NEXT_OF_KIN}


class Deciding:
    """Rules; the machine that has them knows `people`, `ground` and `noted`."""

    @rule(
        who=anyone,
        leaves=st.booleans(),
        hours=st.sampled_from([0, 1, 72]),
        window=st.sampled_from([0, 0, 7]),
        ceremony=st.sampled_from([*[Ceremony.NOT_APPLICABLE] * 4, *Ceremony]),
        **ANSWERS,
    )
    def decide(self, who, samples, information, leaves, hours, window, ceremony):
        def decided(floor):
            floor.window(window)
            told = {"leaves": leaves, "hours": hours, "ceremony": ceremony, "participant": self.code(who)}
            return floor.decide(samples, information, **told)

        self.noted("decided", self.ground.does(decided))

    @rule(
        form=st.sampled_from(
            [
                "take_back",
                "was_not_theirs",
                "come_back",
                "settle",
                "refuse",
                "kin_ask",
                *["die"] * 2,
                "live_after_all",
                "are_one",
            ]
        ),
        who=anyone,
        other=anyone,
        flag=st.booleans(),
    )
    def decide_otherwise(self, form, who, other, flag):
        getattr(self, form)(who, other, flag)

    def kin_ask(self, who, _other, papers, samples="destroy", information="remove"):
        """Somebody else asks, with papers or without: then it waits, until compliance ends it."""

        def told(floor):
            more = KIN | ({"evidence": "letter 7"} if papers else {})
            decision = floor.decision(samples, information, participant=self.code(who), **more)
            return requests.take(floor.work, decision, by=floor.compliance)

        def ended(floor):
            number = waiting_requests(floor.work)[0].id
            if who % 2:
                accepted = {"evidence": "letter 8", "accepted_at": moments.told(moments.now())}
                return requests.complete_request(floor.work, number, **accepted, by=floor.compliance)
            because = DeclinedBecause.NO_PAPERS
            return requests.decline_request(floor.work, number, because=because, by=floor.compliance)

        self.noted("kin asked", self.ground.does(told))
        if not papers and self.ground.asks(waiting_requests):
            self.noted("request ended", self.ground.does(ended))

    def settle(self, who, _other, _flag):
        """Compliance settles a ceremony without holding it."""

        def settled(floor):
            orders = standing_orders(floor.work, participant_named(floor.work, self.code(who)).code)
            unsettled = [order.identifier for order in orders if is_unsettled(order)]
            if not unsettled:
                return None
            return settle_ceremony(floor.work, floor.compliance, unsettled[0], Settlement.NOT_WANTED)

        self.noted("settled", self.ground.does(settled))

    def die(self, who, other, decided_for):
        """Of some their next of kin decide at once."""

        def told(floor):
            at = {"channel": Channel.PHONE, "decided_at": moments.told(moments.now())}
            death = DeathTold(participant=self.code(who), **KIN, **at)
            return deaths.record_death(floor.work, death, by=floor.compliance)

        self.noted("died", self.ground.does(told))
        if decided_for:
            self.kin_ask(who, other, papers=True)

    def live_after_all(self, who, _other, _flag):
        code = self.code(who)

        def corrected(floor):
            told = deaths_of(floor.work, code)
            if not told:
                return None
            _, sha256 = death_record(told[-1])
            return mistakes.correct_death(
                floor.work, told[-1].id, change(sha256, participant=code), by=floor.compliance
            )

        self.noted("not dead", self.ground.does(corrected))

    def refuse(self, who, _other, flag):
        def refused(floor):
            told = Refusal(
                participant=self.code(who),
                scopes=(Scope.BLOOD if flag else Scope.URINE,),
                **asked(requested_by=self.code(who)),
            )
            return staying.refuse_scopes(floor.work, told, by=floor.compliance)

        self.noted("refused a scope", self.ground.does(refused))

    def come_back(self, who, _other, _flag):
        def came(floor):
            told = NewConsent(
                participant=self.code(who), form_version="2026-2", consent_language="en",
                scopes=(Scope.BLOOD, Scope.URINE), effective_at=moments.now(), source="form F2",
            )  # fmt: skip
            return staying.take_part_again(floor.work, told, by=floor.compliance)

        self.noted("came back", self.ground.does(came))

    def take_back(self, who, _other, _flag):
        """A reversal: compliance and a second person, while the hold window lasts."""
        code = self.code(who)

        def reversed_(floor):
            person = participant_named(floor.work, code)
            shown = reversing.shown_for_reversal(floor.work, person)[1][1]
            told = change(shown, participant=person.code, requested_by=person.code)
            return reversing.reverse(floor.work, told, by=floor.compliance)

        self.noted("reversed", self.ground.does(reversed_))

    def was_not_theirs(self, who, whose, knows):
        """A decision was entered for the wrong participant; sometimes it is known for whom."""
        code, other = self.code(who), self.code(whose)

        def corrected(floor):
            decisions = decisions_of(floor.work, code)
            if not decisions:
                return None
            right = other if knows and other != code else None
            number = decisions[-1].id
            _, sha256 = mistakes.shown_for_mistake(floor.work, floor.compliance, number, right)
            told = change(sha256, participant=code, other=right, requested_by=code)
            return mistakes.correct_decision(floor.work, number, told, by=floor.compliance)

        self.noted("was not theirs", self.ground.does(corrected))

    def are_one(self, who, into, _flag):
        """Two codes turn out to be one participant."""
        before, target = self.code(who), self.code(into)

        def merged(floor):
            _, sha256 = mistakes.shown_for_same_person(floor.work, floor.compliance, before, target)
            told = change(sha256, participant=before, other=target, requested_by=before)
            return mistakes.merge_codes(floor.work, told, by=floor.compliance)

        self.noted("merged", self.ground.does(merged))

    @rule(days=st.sampled_from([0.1, 3, 8]))
    def time_goes_by(self, days):
        self.ground.clock.later += timedelta(days=days)
        self.ground.told["time"] += 1

    def code(self, number):
        return self.people[number % len(self.people)]

    def noted(self, what, answer):
        refused = isinstance(answer, DomainError)
        name = f"not {what}: {type(answer).__name__}" if refused else what if answer else f"no {what}"
        self.ground.told[name] += 1
        return answer
