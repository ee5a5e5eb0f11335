"""The pages of accounts with invented contexts."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

AT = datetime(2026, 11, 1, 15, 30, tzinfo=UTC).astimezone(ZoneInfo("America/Chicago"))
SQUARE = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA5IDkiPjxwYXRoIGQ9Ik0xIDFoN3Y3aC03eiIvPjwvc3ZnPg=="
ORIGIN = "http://localhost:8000"
CODE = "ABCD EF23 GHIJ KL45 MNOP QR67 STUV WXYZ 2345 67AB CDEF GHIJ KLMN"
ACCOUNT = {
    "username": "comp.here", "enrolling": False, "needed": True, "proved": True, "has_codes": True, "recovery_left": 9,
    "passkeys": [{"number": 1, "name": "Blue security key", "since": AT, "used": AT}, {"number": 2, "name": "This computer", "since": AT, "used": None}],
    "origin": ORIGIN, "form": {}, "errors": {},
}  # fmt: skip
EVENT = {
    "at": AT,
    "word": "Signing failed",
    "person": "tech.here",
    "by": "tech.bo",
    "station": "biobank-1/bench",
    "meaning": "I saw the pieces of this batch destroyed as described.",
}
MADE = EVENT | {"word": "Set-up link made", "by": "admin.here", "station": None, "meaning": None}
ROW = {
    "username": "clinic.ana", "name": "Testa Ana", "url": "#", "state": {"word": "Link given", "tone": "wait"},
    "roles": [{"role": "clinic staff", "site": "clinic-1"}, {"role": "auditor", "site": None}],
}  # fmt: skip
PERSON = ROW | {
    "own": False, "active": True, "has_password": False, "link_until": AT, "has_codes": False, "passkeys": 0,
    "needs_proof": False, "events": [MADE, EVENT], "errors": {},
}  # fmt: skip
ALARM = EVENT | {
    "word": "Alarm: signings failed",
    "url": "#",
    "own": False,
    "failures": 3,
    "of_address": False,
    "failed": [EVENT, EVENT],
}
ALARMS = {
    "alarms": [ALARM, ALARM | {"person": "admin.here", "own": True, "of_address": True}], "lately": [MADE], "refused": "", "errors": {},
    "findings": [{"value": "mistyped", "label": "Its person mistyped", "note": "They were asked and say so."}, {"value": "unexplained", "label": "Nobody knows", "note": None}],
}  # fmt: skip
ACCOUNT_PAGES = {
    "account": ("access/account.html", ACCOUNT),
    "account_enrolling": ("access/account.html", ACCOUNT | {"enrolling": True, "proved": False, "has_codes": False, "recovery_left": 0, "passkeys": [], "errors": {"new_password": "A password has 12 to 200 characters; choose another."}}),
    "account_codes": ("access/codes.html", {"picture": SQUARE, "secret": CODE[:39], "errors": {"code": "This is not the code that the app shows now; wait for the next one and check the phone's clock."}}),
    "account_recovery": ("access/recovery.html", {"username": "comp.here", "codes": [CODE[:19]] * 10}),
    "set_up": ("access/set_up.html", {"person": None, "link": None, "code": "", "errors": {"": "This link is unknown, or was used, taken back or is too old; ask an administrator for a new one."}}),
    "set_up_password": ("access/set_up.html", {"person": None, "link": {"person": "clinic.ana", "made_by": "admin.here", "until": AT}, "code": CODE, "errors": {"password_again": "The two passwords are not the same; type both again."}}),
    "people": ("access/people.html", {"people": [ROW, ROW | {"roles": []}], "next_url": "#", "roles": [{"value": "auditor", "label": "Auditor"}], "form": {}, "errors": {"username": "There is a person clinic.ana already; a user name is never used again."}}),
    "person": ("access/person.html", PERSON),
    "person_set_up": ("access/person.html", PERSON | {"has_password": True, "link_until": None, "has_codes": True, "passkeys": 2, "needs_proof": True, "events": []}),
    "person_own": ("access/person.html", PERSON | {"own": True, "roles": []}),
    "set_up_link": ("access/link.html", {"username": "clinic.ana", "address": f"{ORIGIN}/set-up#{CODE.replace(' ', '')}", "code": CODE, "until": AT, "picture": SQUARE}),
    "signing_alarms": ("access/signing_alarms.html", ALARMS),
    "signing_alarms_none": ("access/signing_alarms.html", ALARMS | {"alarms": [], "lately": []}),
}  # fmt: skip
