"""The pages of statements and audit packs with invented contexts."""

PARTICIPANT = {"code": "A123456789", "url": "#"}
PURPOSES = [
    {"value": "request", "label": "The participant asked"},
    {"value": "representative", "label": "Somebody asked who may act for them"},
    {"value": "complaint", "label": "There is a complaint"},
]
LANGUAGES = [
    {"value": "", "label": "Their own"},
    {"value": "en", "label": "English"},
    {"value": "es", "label": "Español"},
]
STATEMENT = {
    "participant": PARTICIPANT, "purposes": PURPOSES, "languages": LANGUAGES, "form": {}, "errors": {}
}  # fmt: skip
PACK = {"participant": PARTICIPANT, "purposes": PURPOSES[2:], "form": {}, "errors": {}}
REFUSED = {
    "form": {"language": "es"},
    "errors": {"purpose": "Say why it is made: one of request, representative."},
}
STATEMENT_PAGES = {
    "statement": ("statements/statement.html", STATEMENT),
    "statement_refused": ("statements/statement.html", STATEMENT | REFUSED),
    "audit_pack": ("statements/audit_pack.html", PACK),
}
