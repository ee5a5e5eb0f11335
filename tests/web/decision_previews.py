"""Previews of the pages about participants' decisions."""

from datetime import UTC, date, datetime

AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
PERSON = {"code": "A123456789", "url": "#", "standing": {"word": "Left", "tone": "late"}}
REASONS = [{"value": "no_papers", "label": "No papers"}, {"value": "not_entitled", "label": "Not entitled"}]


def decision_pages(decision, decided, lists):
    asked = {name: decision[name] for name in ("capacities", "channels", "zone")} | {
        "participant": PERSON,
        "url": "#",
        "chosen": [],
    }
    waiting = decided | {
        "number": 7,
        "participant": "A123456789",
        "url": "#",
        "due_on": date(2026, 12, 1),
        "overdue": True,
        "evidence": None,
    }
    one = {
        "waiting": waiting | {"participant": PERSON},
        "url": "/requests/7",
        "reasons": REASONS,
        "zone": "America/Chicago",
    }
    death = {
        "participant": "A123456789",
        "url": "#",
        "died_on": None,
        "asked": "kin-1, next of kin, phone",
        "told_at": AT,
        "recorded_at": AT,
        "note": "Decided something since: is it right?",
        "correct_url": "#",
    }
    event = {
        "word": "Used up after the decision",
        "item": {"printed": "T 4831 3456 24-51", "url": "#", "label": "1SST8"},
        "participant": {"code": "A123456789", "url": "#"},
        "sentence": "T 4831 3456 24-51: used up after the decision.",
        "opened_at": AT,
        "open": True,
    }
    signed = asked | {
        "kind": "mistaken_decision", "heading": "Entered for the wrong participant", "does": "It counts no more for this participant.",
        "impossible": None, "facts": [{"label": "Decision 12", "value": "Leaves. Information: remove. Samples: destroy."}],
        "asks_other": "Whose decision it was, if that is known", "other": "A200000001", "look_url": "#", "sha256": "4f" * 32,
        "meaning": "This decision was entered for the wrong participant.", "until": AT,
    }  # fmt: skip
    impossible = {
        "kind": "reversal",
        "heading": "Take a decision back",
        "impossible": "The hold window ended on 2026-11-12 09:00 UTC; this cannot be taken back.",
        "asks_other": None,
    }
    return {
        "decisions": (
            "withdrawals/decisions.html",
            {
                "decisions": [
                    decided
                    | {"participant": "A123456789", "url": "#", "note": "Taken back by the participant."}
                ],
                "lists": lists,
                "next_url": "#",
            },
        ),
        "decisions_none": ("withdrawals/decisions.html", {"decisions": [], "lists": lists, "next_url": None}),
        "decision_known": (
            "withdrawals/decision.html",
            decision
            | {
                "known": "Answered so far: information undecided, samples undecided. Ask for what is not decided.",
                "form": {"bundle": "separate", "leaves": "true"},
            },
        ),
        "requests": ("withdrawals/requests.html", {"requests": [waiting], "lists": lists}),
        "requests_none": ("withdrawals/requests.html", {"requests": [], "lists": lists}),
        "request": ("withdrawals/request.html", one | {"ended": None}),
        "request_ended": ("withdrawals/request.html", one | {"ended": "It was declined: no papers."}),
        "death": (
            "withdrawals/death.html",
            asked | {"errors": {"died_on": "That day has not come yet; check the date."}},
        ),
        "deaths": ("withdrawals/deaths.html", {"deaths": [death], "lists": lists, "next_url": None}),
        "deaths_none": ("withdrawals/deaths.html", {"deaths": [], "lists": lists, "next_url": None}),
        "period": ("withdrawals/period.html", asked),
        "refusal": (
            "withdrawals/refusal.html",
            asked | {"chosen": ["blood"], "errors": {"scopes": "Tick at least one."}},
        ),
        "signed_change": (
            "withdrawals/signed_change.html",
            signed | {"errors": {"second_signer": "The second signature is of another person."}},
        ),
        "signed_impossible": ("withdrawals/signed_change.html", signed | impossible),
        "reportable": ("withdrawals/reportable.html", {"events": [event], "lists": lists, "next_url": None}),
        "reportable_none": ("withdrawals/reportable.html", {"events": [], "lists": lists, "next_url": None}),
    }
