"""The pages of the identity desk with invented contexts."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

AT = datetime(2026, 11, 1, 15, 30, tzinfo=UTC).astimezone(ZoneInfo("America/Chicago"))
REASONS = (
    {"value": "caller", "label": "Caller", "note": None},
    {"value": "legal_demand", "label": "Legal demand", "note": None},
)
CODE = "A123456789"
LOOK = {
    "at": AT, "by": "Testa Officer", "kind": "Read", "reason": "legal demand", "document": "LD 7", "answer": None,
    "fields": ["Given name", "Family name", "Birth date", "Postal address"],
}  # fmt: skip
PERSON = {
    "participant": {"code": CODE, "url": "#", "known": True}, "left": False, "may_read": True, "may_keep": True,
    "reasons": REASONS, "accesses": [LOOK, LOOK | {"kind": "Check", "answer": "no", "document": None, "reason": "visit"}],
    "form": {}, "errors": {},
}  # fmt: skip
FIELDS = [
    {"name": "given_name", "label": "Given name", "type": "text", "needed": True},
    {"name": "family_name", "label": "Family name", "type": "text", "needed": True},
    {"name": "birth_date", "label": "Birth date", "type": "date", "needed": True},
    {"name": "postal_address", "label": "Postal address", "type": "area", "needed": False},
]
FORM = {
    "participant": {"code": CODE, "url": "#", "known": False}, "fields": FIELDS, "emptied": [], "reasons": REASONS,
    "languages": ({"value": "en", "label": "English"}, {"value": "es", "label": "Español"}), "form": {}, "errors": {},
}  # fmt: skip
DESK = {"may_find": True, "reasons": REASONS, "found": [], "form": {}, "errors": {}}
HOLDER = {
    "name": "Testa Officer", "person": "ident.here", "role": "identity officer", "reads": "before a withdrawal",
    "site": None, "granted_at": AT, "granted_by": "admin.here",
}  # fmt: skip
SHOWN = [
    {"label": "Given name", "text": "Testa"},
    {"label": "Family name", "text": "Participant"},
    {"label": "Birth date", "text": "1984-05-31"},
    {"label": "Postal address", "text": "2 Invented Lane\nNowhere, TX 00000"},
]
IDENTITY_PAGES = {
    "identity": ("identity/desk.html", DESK),
    "identity_several": ("identity/desk.html", DESK | {"found": [{"code": CODE, "url": "#"}, {"code": "A123456780", "url": "#"}], "errors": {"birth_date": "Give the birth date."}}),
    "identity_person": ("identity/person.html", PERSON),
    "identity_closed": ("identity/person.html", PERSON | {"left": True, "may_read": False, "may_keep": False, "accesses": []}),
    "identity_shown": ("identity/shown.html", {"participant": {"code": CODE, "url": "#"}, "rows": SHOWN, "reason": "caller"}),
    "identity_enter": ("identity/form.html", FORM),
    "identity_change": ("identity/form.html", FORM | {"participant": {"code": CODE, "url": "#", "known": True}, "emptied": [("email", "E-mail"), ("phone", "Phone")], "errors": {"birth_date": "A birth date lies between 1880 and today."}}),
    "identity_holders": ("identity/holders.html", {"holders": [HOLDER, HOLDER | {"name": "Testa Compliance", "role": "compliance", "site": "biobank-1", "reads": "after a withdrawal"}]}),
    "identity_holders_none": ("identity/holders.html", {"holders": []}),
}  # fmt: skip
