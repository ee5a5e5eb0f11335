"""One of each thing at clinic-1 and biobank-1, the first of its kind: number 1, or under a code of its own."""

from datetime import timedelta

from biobank.core import moments
from tests.custodians.test_api import LAB, attestation
from tests.disclosures.test_edges import DEMAND, OPENED, today
from tests.distribution.test_edges import PORTIONS, STUDY, received
from tests.programme import PARTICIPANT, PASSWORD, just_now
from tests.supplies.conftest import supply_request
from tests.withdrawals.test_api import decision

WAITING, DEAD = "A200000002", "A300000003"
"""Somebody for whom somebody asked without papers, and somebody who died."""
SAID = {"given_name": "Testa", "family_name": "Somebody", "birth_date": "1984-05-31"}


def done(answer):
    assert answer.status < 400, answer.json
    return answer.json


def ours(programme):
    """What fills the holes of a route, by the word before it; and every code of ours."""
    programme.let_sign("comp.here")
    for code in (WAITING, DEAD):
        programme.add_participant(code)
    kit, [tube] = programme.collected_kit(definition="urine-1")
    given, sent = at_a_study(programme), at_a_custodian(programme)
    found = on_the_floor(programme, kit) | {"aliquots": spun(programme)}
    met(programme)
    order = decided(programme)
    written(programme, order)
    answer = attestation(sent, destroyed_on=today())
    done(programme.post("biobank_lead", "/attestations", answer))
    found |= {"distributed": given, "sent out": sent}
    mailed = supply_request(number="MAIL-1", code=WAITING)
    done(programme.post("biobank_lead", "/supply-requests", mailed))
    found |= dict.fromkeys(("supplies", "supply-requests", "supply-deliveries"), "MAIL-1")
    found |= {
        "kits": kit,
        "items": tube,
        "orders": tube,
        "destruction-orders": order,
        "study-requests": STUDY["number"],
    }
    people = dict.fromkeys(("participants", "identity", "answers"), PARTICIPANT)
    codes = {PARTICIPANT, WAITING, DEAD, *found.values()} - {STUDY["number"], "1"}
    codes |= {DEMAND["reference"], "/breaches/1"}
    return found | people, codes


def spun(programme):
    """A tube at the biobank that was in the centrifuge, in a run of its own."""
    tube = received(programme)
    run = {"tubes": [tube], "balance": "with_balance_tubes", "occurred_at": just_now()}
    done(programme.post("biobank_technician", "/centrifuge/runs", run))
    return tube


def at_a_study(programme):
    path, tube = f"/study-requests/{STUDY['number']}", received(programme)
    shown = done(programme.post("biobank_lead", "/study-requests", {**STUDY, "portions": PORTIONS}))
    signed = {"username": "comp.here", "password": PASSWORD, "sha256": shown["sha256"]}
    done(programme.post("compliance", f"{path}/approval", signed))
    done(programme.post("biobank_technician", f"{path}/distributions", {"site": "biobank-1"}))
    handed = {"items": [tube], "occurred_at": just_now()}
    done(programme.post("biobank_technician", "/distributions/1/items", handed))
    return tube


def at_a_custodian(programme):
    tube = received(programme)
    done(programme.post("biobank_lead", "/custodians", LAB))
    details = {"custodian": "LAB-1", "purpose": "contract_work"}
    programme.taken("biobank_technician", tube, "send_out", details=details)
    return tube


def on_the_floor(programme, kit):
    unit = {"kind": "box", "name": "Box 7", "site": "biobank-1", "rows": 2, "columns": 2}
    way = {"origin": "clinic-1", "destination": "biobank-1"}
    box = done(programme.post("biobank_lead", "/storage/units", unit))["identifier"]
    parcel = done(programme.post("clinic_staff", "/shipments", way))["identifier"]
    bag = done(programme.post("biobank_technician", "/waste-batches", {"site": "biobank-1"}))["identifier"]
    done(programme.post("clinic_staff", "/print-jobs", {"kits": [kit]}))
    to_pick(programme, box)
    sample = {"site": "biobank-1", "size": 1, "seed": "4"}
    done(programme.post("biobank_lead", "/inventories/samples", sample))
    done(programme.post("biobank_technician", "/inventories/1/begin", {}))
    return {"units": box, "shipments": parcel, "waste-batches": bag, "rechecks": bag, "print-jobs": "1"}


def to_pick(programme, box):
    """A stored tube on a pick list."""
    tube = received(programme)
    programme.taken("biobank_technician", tube, "store", place=box, position="A1")
    listed = {"purpose": "bench", "site": "biobank-1", "goes_to": "BENCH-4", "items": [tube]}
    done(programme.post("biobank_technician", "/pick-lists", listed))


def met(programme):
    """Somebody came, somebody is expected, somebody asked who they are."""
    expected = {"participant": WAITING, "site": "clinic-1", "on": just_now()[:10]}
    came = {"participant": PARTICIPANT, "site": "clinic-1", "occurred_at": just_now()}
    done(
        programme.ask("identity_officer", "PUT", f"/identity/{PARTICIPANT}", {**SAID, "reason": "enrolment"})
    )
    done(programme.post("clinic_staff", f"/identity/{PARTICIPANT}/checks", {**SAID, "reason": "visit"}))
    done(programme.post("clinic_staff", "/visits/expected", expected))
    done(programme.post("clinic_staff", "/visits", came))


def decided(programme):
    """A decision, a request without papers, a death; the order."""
    asked = {"requested_by": "kin-1", "capacity": "next_of_kin", "channel": "phone", "decided_at": just_now()}
    order = done(programme.post("compliance", "/withdrawals", decision(ceremony="yes")))["order"]
    waiting = {**decision(), **asked, "participant": WAITING}
    done(programme.post("compliance", "/withdrawals", waiting))
    done(programme.post("clinic_staff", f"/participants/{DEAD}/deaths", {**asked, "died_on": None}))
    return order


def written(programme, order):
    """What compliance keeps: a ceremony, a legal hold, a demand, a disclosure, a report of a breach."""
    done(programme.post("compliance", "/ceremonies", {"on": today(), "place": "outside", "orders": [order]}))
    hold = {"because": "subpoena", "reference": "docket 4"}
    done(programme.post("compliance", f"/destruction-orders/{order}/legal-holds", hold))
    done(programme.post("compliance", "/legal-demands", DEMAND))
    done(programme.post("compliance", "/disclosures", OPENED))
    seen = {
        "about": "account", "named": "clinic.here", "cause": "lost_device", "found_on": today(),
        "from_at": (moments.now() - timedelta(hours=1)).isoformat(), "until_at": just_now(),
    }  # fmt: skip
    done(programme.post("compliance", "/breaches", seen))


def retrieved(tube, at):
    """What is sent to pick lists and to what is out."""
    lists, scan = "/api/v1/pick-lists", {"item": tube, "occurred_at": at}
    return {
        lists: {"purpose": "bench", "site": "biobank-1", "goes_to": "BENCH-4", "items": [tube]},
        f"{lists}/<int:number>/picks": scan,
        f"{lists}/<int:number>/not-there": {"item": tube},
        f"{lists}/<int:number>/instead": {"item": tube},
        f"{lists}/<int:number>/cancellation": {"because": "not_needed"},
        f"{lists}/<int:number>/hand-over": {"occurred_at": at},
        f"{lists}/<int:number>/send-out": {"occurred_at": at},
        "/api/v1/check-outs/returns": scan,
        "/api/v1/check-outs/used-up": scan,
    }


def sent_to_desks(named):
    """What compliance and the desk of studies are sent, by route: complete, so that only the site stands in the way."""
    at = just_now()
    signer = {"username": "comp.here", "password": PASSWORD, "sha256": "0" * 64}
    return {
        "/api/v1/ceremonies": {"on": at[:10], "place": "outside", "orders": [named["destruction-orders"]]},
        "/api/v1/ceremonies/<int:number>/orders": {"orders": [named["destruction-orders"]]},
        "/api/v1/inventories": {"unit": named["units"]},
        "/api/v1/inventories/due": {"site": "biobank-1", "most": 1},
        "/api/v1/inventories/samples": {"site": "biobank-1", "size": 1, "seed": "4"},
        "/api/v1/inventories/<int:number>/cancel": {"because": "It was moved."},
        "/api/v1/study-requests/<code>/distributions": {"site": "biobank-1"},
        "/api/v1/study-requests/<code>/checks": {"reference": "CHECK-1"},
        "/api/v1/distributions/<int:number>/items": {"items": [named["items"]], "occurred_at": at},
        "/api/v1/distributions/<int:number>/manifest.csv": {"dates": "none"},
        **retrieved(named["items"], at),
        "/api/v1/holders/notes": {"item": named["distributed"], "on": at[:10]},
        "/api/v1/disclosures": OPENED,
        "/api/v1/disclosures/<int:number>/approval": signer,
        "/api/v1/disclosures/<int:number>/told": {"how": "phone", "on": at[:10]},
        "/api/v1/disclosures/<int:number>/not-told": {"because": "not_reached", "look_again_on": at[:10]},
        "/api/v1/legal-demands": {**DEMAND, "reference": "CASE-13"},
        "/api/v1/legal-demands/<int:number>/decisions": {
            **signer, "decision": "refused", "reason": "Heard.", "certificate_cited": False,
        },
        "/api/v1/breaches": {
            "about": "window", "cause": "mistake", "found_on": at[:10], "from_at": at, "until_at": at,
        },
        "/api/v1/custodians/questions": {"items": [named["sent out"]], "wanted": "destroy"},
        "/api/v1/attestations/<int:number>/acceptance": signer,
        "/api/v1/attestations/<int:number>/refusal": {"because": "not_signed"},
    }  # fmt: skip
