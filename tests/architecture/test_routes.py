"""Every route x every role x own and other site, against a literal table: a new route without a row fails."""

import re
from pathlib import Path

import pytest

from biobank.access.permissions import Role
from tests.architecture.ours import SAID, ours, sent_to_desks
from tests.programme import PARTICIPANT, PASSWORD, just_now
from tests.withdrawals.test_api import decision

TABLE = Path(__file__).with_name("routes.txt")
LETTERS = {
    "C": Role.CLINIC,
    "T": Role.TECHNICIAN,
    "L": Role.LEAD,
    "M": Role.COMPLIANCE,
    "I": Role.IDENTITY,
    "A": Role.AUDITOR,
    "D": Role.ADMINISTRATOR,
    "S": Role.COMMITTEE,
}
REFUSED = b"; ask somebody who may: "
"""The sentence of a permission that is missing, in JSON and on a page alike."""


def literal():
    """`METHOD route | roles or public | what the same roles at another site get`."""
    rows = {}
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            route, roles, elsewhere = (part.strip() for part in line.split("|"))
            rows[tuple(route.split())] = (roles, elsewhere)
    return rows


ROWS = literal()


def routes(app):
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def ask(programme, who, method, path, json=None, form=None):
    headers = {"Authorization": f"Bearer {programme.tokens[who]}"} if who else {}
    return programme.app.test_client().open(path, method=method, json=json, data=form, headers=headers)


def filled(rule, named):
    """The rule with something real, or nothing known, in its holes: by the word before a hole, or by the hole."""
    return re.sub(
        r"/([\w-]+)/<([\w:]+)>",
        lambda hole: f"/{hole[1]}/{named.get(hole[1], named.get(hole[2], hole[2]))}",
        rule,
    )


NOTHING = {
    "identifier": "T483134562451",
    "code": "A999999999",
    "action": "quarantine",
    "path:filename": "biobank.css",
    "int:number": "999999",
    "int:decision": "999999",
}


def test_every_route_has_a_row_and_every_row_a_route(app):
    assert set(ROWS) == routes(app)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_what_the_table_says(programme, role):
    letter = next(letter for letter, named in LETTERS.items() if named is role)
    for (method, rule), (roles, _) in sorted(ROWS.items()):
        if roles == "public" or rule == "/sign-out":
            continue
        body = {} if method != "GET" and rule.startswith("/api") else None
        answer = ask(programme, role.value, method, filled(rule, NOTHING), json=body)
        refused = answer.status_code == 403 and REFUSED in answer.data
        assert refused == (letter not in roles), (role, method, rule, answer.status_code)


AT_A_STATION = {"/badge", "/badge/pin"}
"""Anybody may ask for the badge screen of a station; where there is none, people sign in."""


def test_nobody_gets_past_a_route_that_is_not_public(programme):
    for (method, rule), (roles, _) in sorted(ROWS.items()):
        answer = ask(programme, None, method, filled(rule, NOTHING))
        signs_in = answer.status_code == 401 or answer.headers.get("Location", "").startswith("/sign-in")
        assert signs_in == (roles != "public" or rule in AT_A_STATION), (method, rule, answer.status_code)


def bodies(tube, order, box):
    """What is sent from elsewhere, by route: complete, so that only the site stands in the way."""
    at = just_now()
    scan = {"item": tube, "action": "void", "occurred_at": at}
    count = {"pieces": 1, "method": "chemical", "cycle": "7", "place": "Bench 1", "at": at}
    asking = {"requested_by": "kin-1", "capacity": "next_of_kin", "channel": "phone", "decided_at": at}
    signer = {"username": "comp.here", "password": PASSWORD}
    change = {**asking, "first": signer, "second": signer, "sha256": "0" * 64}
    signature = {"username": "tech.here", "password": PASSWORD, "sha256": "0" * 64}
    return {
        "/api/v1/custody/events": scan,
        "/api/v1/custody/batches": {"scans": [scan]},
        "/api/v1/kits": {"definition": "urine-1", "site": "biobank-1"},
        "/api/v1/kits/deliveries": {
            "site": "clinic-1", "definition": "urine-1", "newest": 1, "occurred_at": at,
        },
        "/api/v1/kits/levels": {"site": "clinic-1", "kit": "urine", "lowest": 1},
        "/api/v1/recalls/<int:number>/found": {"item": tube, "occurred_at": at},
        "/api/v1/recalls/<int:number>/lift": {"reason": "It was tested."},
        "/api/v1/supply-requests/<number>/empty": {"occurred_at": at},
        "/api/v1/logger-files/<int:number>/release": {"reason": "Cold enough."},
        "/api/v1/outages": {"unit": box, "occurred_at": at},
        "/api/v1/outages/<int:number>/carried-out": {"piece": tube, "place": box, "occurred_at": at},
        "/api/v1/outages/<int:number>/temperature": {"temperature_celsius": -60, "occurred_at": at},
        "/api/v1/outages/<int:number>/end": {"how": "given_up"},
        "/api/v1/outages/<int:number>/decisions": {
            "outcome": "kept", "grouping": "rack", "groups": ["-"], "reason": "Cold enough.",
        },
        "/api/v1/outages/<int:number>/decisions/<int:decision>/signature": signature,
        "/api/v1/participants": {"code": "A200000002", "site": "clinic-1"},
        "/api/v1/participants/<code>/consents": {
            "form_version": "1", "scopes": ["dna"], "effective_at": at, "source": "form F9",
        },
        "/api/v1/identity/<code>": {**SAID, "reason": "enrolment"},
        "/api/v1/identity/<code>/checks": {**SAID, "reason": "visit"},
        "/api/v1/identity/<code>/reads": {"reason": "caller"},
        "/api/v1/messages/<int:number>/hand-overs": {"how": "post"},
        "/api/v1/visits": {"participant": PARTICIPANT, "site": "clinic-1", "occurred_at": at},
        "/api/v1/visits/expected": {"participant": PARTICIPANT, "site": "clinic-1", "on": at[:10]},
        "/api/v1/visits/<int:number>/identity": {
            "identifiers": ["full_name", "birth_date"], "occurred_at": at,
        },
        "/api/v1/visits/<int:number>/safety": {
            "question_set": "adult-1", "answers": {"fainted_before": "no"}, "occurred_at": at,
        },
        "/api/v1/visits/<int:number>/kits": {"kit": tube, "occurred_at": at},
        "/api/v1/visits/<int:number>/labels": {"kit": tube, "occurred_at": at},
        "/api/v1/visits/<int:number>/compensation": {"occurred_at": at},
        "/api/v1/visits/<int:number>/close": {"occurred_at": at},
        "/api/v1/visits/<int:number>/amend": {"reason": "times", "occurred_at": at},
        "/api/v1/visits/<int:number>/cancel": {"reason": "label_error", "occurred_at": at},
        "/api/v1/visits/<int:number>/restore": {"reason": "right_participant", "occurred_at": at},
        "/api/v1/shipments": {"origin": "clinic-1", "destination": "biobank-1"},
        "/api/v1/shipments/<identifier>/dispatch": {"occurred_at": at, "carrier": "courier"},
        "/api/v1/shipments/<identifier>/items": {"occurred_at": at, "items": [tube]},
        "/api/v1/shipments/<identifier>/kits": {"occurred_at": at, "kit": tube},
        "/api/v1/shipments/<identifier>/receipt": {"occurred_at": at, "lines": []},
        "/api/v1/scans/explanation": {"text": tube},
        "/api/v1/printers/choice": {"printer": "sheets"},
        "/api/v1/print-jobs": {"items": [tube]},
        "/api/v1/print-jobs/previews": {"items": [tube]},
        "/api/v1/print-jobs/<identifier>/reprint": {"reason": "spoiled"},
        "/api/v1/print-jobs/<identifier>/void": {"reason": "spoiled"},
        "/api/v1/print-jobs/<identifier>/settlement": {"outcome": "printed"},
        "/api/v1/storage/units": {"kind": "box", "name": "Box 8", "site": "biobank-1"},
        "/api/v1/waste-batches": {"site": "biobank-1"},
        "/api/v1/waste-batches/<identifier>/count": count,
        "/api/v1/waste-batches/<identifier>/signatures": {**signature, "role": "performer"},
        "/api/v1/withdrawals": decision(),
        "/api/v1/withdrawals/requests/<int:number>/completion": {"evidence": "letter 7", "accepted_at": at},
        "/api/v1/withdrawals/requests/<int:number>/decline": {"because": "no_papers"},
        "/api/v1/participants/<code>/deaths": asking,
        "/api/v1/participants/<code>/periods": {
            "form_version": "2", "scopes": ["blood"], "effective_at": at, "source": "form F9",
        },
        "/api/v1/participants/<code>/refused-scopes": {**asking, "scopes": ["blood"]},
        "/api/v1/participants/<code>/reversal": change,
        "/api/v1/participants/decisions/<int:number>/mistake": change,
        "/api/v1/participants/deaths/<int:number>/mistake": change,
        "/api/v1/participants/<code>/same-person": {**change, "other": "A999999999"},
        "/api/v1/destruction-orders/<identifier>/ceremony": {"settlement": "held"},
        "/api/v1/destruction-orders/<identifier>/legal-holds": {"because": "subpoena", "reference": "docket 4"},
        "/api/v1/destruction-orders/<identifier>/legal-holds/<int:number>/lift": {
            "because": "duty_ended", "reference": "docket 4",
        },
        "/api/v1/destruction-orders/<identifier>/clinics": {"destroy": True},
        "/api/v1/waste-batches/<identifier>/recheck": {"item": tube},
        "/api/v1/pools": {
            "parts": [{"item": tube}, {"item": order}], "specification": "pool", "occurred_at": at,
        },
        "/api/v1/destruction-orders/signatures": {
            "orders": [{"order": order, "sha256": "0" * 64}], "username": "comp.here", "password": PASSWORD,
        },
    }  # fmt: skip


def test_whoever_works_elsewhere_gets_of_our_things_what_the_table_says(programme):
    """And who works here gets each single thing, so that what is refused elsewhere is there to be refused."""
    named, codes = ours(programme)
    sent = bodies(named["items"], named["destruction-orders"], named["units"]) | sent_to_desks(named)
    holes = {**NOTHING, "int:number": "1", **named}
    surprises = []
    for (method, rule), (roles, expected) in sorted(ROWS.items()):
        if roles == "public" or expected == "-":
            continue
        path = filled(rule, holes) + QUERIES.get(rule, "").format(tube=named["items"])
        body = None if method == "GET" else sent.get(rule, {}) if rule.startswith("/api") else None
        asked = [f"{LETTERS[letter].value} elsewhere" for letter in roles]
        told = {who: outcome(ask(programme, who, method, path, json=body), expected, codes) for who in asked}
        surprises += [(method, rule, who, each) for who, each in told.items() if each != expected]
        if method == "GET" and expected in SINGLE and not NOT_MADE.search(rule):
            here = {ask(programme, LETTERS[letter].value, method, path).status_code for letter in roles}
            surprises += [] if 200 in here else [(method, rule, "here", here)]
        if method == "GET" and rule in DESKS:
            pages = [ask(programme, LETTERS[letter].value, method, path).text for letter in roles]
            shown = any(code in page for code in codes for page in pages)
            surprises += [] if shown else [(method, rule, "here", "nothing of ours")]
    assert not surprises, "\n".join(map(str, surprises))


SINGLE = {"403", "404"}
DESKS = {
    *(
        "/holders",
        "/ceremonies",
        "/messages",
        "/disclosures",
        "/legal-demands",
        "/breaches",
        "/decisions",
        "/requests",
    ),
    *("/deaths", "/destruction-orders", "/custodians/outside", "/visits"),
    *(
        f"/api/v1/{desk}"
        for desk in ("holders", "ceremonies", "messages", "disclosures", "legal-demands", "breaches")
    ),
}
"""Lists on which there is something of ours, so that an empty one elsewhere says something."""
NOT_MADE = re.compile(
    r"certificate.pdf|/orders/<|/statement|labels.zpl|calibration|recalls|attestations/new|^/custodians/<|deliveries"
    r"|outages|temperatures|logger-files|/kits/shelf|/documents/|^/reports|visits/kits|/waiting|<name>"
)
"""Of these there is none here, or they are asked for by more than a hole; their own tests have them."""


def outcome(answer, expected, ours):
    """In the words of the table: what was answered, and whether codes of ours were in it."""
    text = answer.get_data(as_text=True)
    if expected == "empty":
        leaked = sorted(code for code in ours if code in text)
        return f"{answer.status_code} with {leaked}" if leaked or answer.status_code != 200 else "empty"
    if expected.startswith("inside"):
        return f"inside {answer.json['results'][0]['status']}"
    return f"{answer.status_code}" + (
        " naming the participant" if expected == "403" and PARTICIPANT in text else ""
    )


QUERIES = {
    "/api/v1/storage/proposals": "?for={tube}",
    "/api/v1/inventories/accuracy": "?from=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z",
}
