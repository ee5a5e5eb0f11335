"""The pages of the outbox desk with invented contexts."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

AT = datetime(2026, 11, 1, 15, 30, tzinfo=UTC).astimezone(ZoneInfo("America/Chicago"))
ROW = {
    "url": "#", "reference": "M-17", "participant": "A123456789", "about": "A decision", "queued_at": AT, "changed_at": AT,
    "state": {"word": "Failed", "tone": "wrong"}, "why": "The mail server refused the participant's address.",
    "next_at": None, "handed_over_on": None,
}  # fmt: skip
QUEUED = ROW | {
    "state": {"word": "Queued", "tone": "wait"}, "why": "The mail server could not be reached.", "next_at": AT,
}  # fmt: skip
LABELS = ("Failed", "To hand over on paper", "Queued", "Sent", "Handed over")
PILES = [{"url": "#", "label": label, "count": 3, "current": label == "Failed"} for label in LABELS]
DESK = {
    "piles": PILES, "pile": "failed", "label": "Failed", "failed": 3, "late": 1, "late_hours": 72, "mails": True,
    "messages": [ROW, ROW], "next_url": "#",
}  # fmt: skip
TEXT = {
    "left": True, "language": "es", "subject": "Hemos anotado su decisión",
    "body": "Hola:\n\nSus muestras: usted pidió que las destruyamos.\n\nGracias,\nInvented programme\n",
}  # fmt: skip
ATTEMPTS = [
    {"number": 1, "at": AT, "state": {"word": "Cut off: it may have arrived", "tone": "late"}, "why": None, "code": None},
    {"number": 2, "at": AT, "state": {"word": "Failed", "tone": "wrong"}, "why": ROW["why"], "code": 550},
]  # fmt: skip
HOWS = [{"value": "post", "label": "Post"}, {"value": "in_person", "label": "In person"}]
MESSAGE = {
    "message": ROW | {"number": 17, "how": None}, "participant_url": "#", "for_themselves": True, "addressee": "A123456789",
    "handed_over_by": None, "text": TEXT, "attempts": ATTEMPTS, "may_send": True, "mails": True, "hows": HOWS,
    "form": {"handed_by": "comp.here"}, "errors": {"on": "Give the day, such as 2026-03-01."},
}  # fmt: skip
HANDED = ROW | {
    "number": 17, "how": "post", "handed_over_on": date(2026, 11, 2), "state": {"word": "Handed over", "tone": "right"}, "why": None,
}  # fmt: skip
MESSAGE_PAGES = {
    "messages": ("messages/desk.html", DESK),
    "messages_queued": ("messages/desk.html", DESK | {"pile": "queued", "label": "Queued", "messages": [QUEUED], "failed": 0, "late": 0, "next_url": None}),
    "messages_none": ("messages/desk.html", DESK | {"messages": [], "mails": False}),
    "message": ("messages/message.html", MESSAGE),
    "message_handed_over": ("messages/message.html", MESSAGE | {"message": HANDED, "may_send": False, "handed_over_by": "Testa Compliance", "for_themselves": False, "addressee": "kin-1", "errors": {}, "attempts": []}),
    "message_without_words": ("messages/message.html", MESSAGE | {"text": None, "mails": False, "errors": {}}),
}  # fmt: skip
