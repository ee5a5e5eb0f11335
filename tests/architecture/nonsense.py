"""What somebody could send to a route of the floor: every field in turn with what cannot be so, the others as they are."""

import inspect
import re
from dataclasses import dataclass
from html.parser import HTMLParser

from sqlalchemy import func, literal, select, union_all

from biobank.core.database import reading
from biobank.core.tables import Base
from biobank.web.idempotency import OF_THE_FRAME
from tests.architecture.ours import sent_to_desks
from tests.architecture.test_bodies import fields_of
from tests.architecture.test_routes import LETTERS, NOTHING, ROWS, bodies, filled

FLOOR = re.compile(
    r"^(/api/v1)?/(shipments|dock|discrepancies|temperatures|logger-files|storage|inventories|outages|centrifuge"
    r"|processing|pools|pick-lists|check-outs|supplies|supply-requests|supply-deliveries|study-requests"
    r"|distributions|holders|kits|custody|downtime|items/<identifier>/steps)(/|$)"
)
ALSO_WRITTEN = {"scans", "browser_sessions", "sign_in_failures", "tokens"}
"""Tables that a refusal may write: what was scanned, who was there, whose signature failed."""
NO_PAGE = re.compile(r"<path:|\.pdf|\.csv|\.json|/labels|/calendar")


@dataclass(frozen=True)
class Asked:
    """One form or body, as it is taken or nearly so."""

    rule: str
    path: str
    who: str
    told: dict
    fields: tuple

    @property
    def is_json(self):
        return self.rule.startswith("/api")


class Forms(HTMLParser):
    """The forms of a page that send something, with what stands in their fields."""

    def __init__(self):
        super().__init__()
        self.forms, self.choice = [], None

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "form":
            self.forms.append((told.get("method", "get"), told.get("action", ""), {}))
            return
        if not self.forms:
            return
        fields, name = self.forms[-1][2], told.get("name")
        if tag == "option" and self.choice and ("selected" in told or not fields.get(self.choice)):
            fields[self.choice] = told.get("value", "")
        if not name:
            return
        self.choice = name if tag == "select" else None
        if tag in ("input", "textarea", "select", "button") and told.get("type") != "file":
            fields.setdefault(name, told.get("value") or "")


OF_A_FORM = {
    "missing": None, "empty": "", "nul": "a\x00b", "turned round": "a\u202eb", "long": "x" * 10_000,
    "emoji": "\N{MICROSCOPE}" * 40, "huge": "9" * 40, "negative": "-1", "no number": "NaN", "endless": "1e999",
    "late": "9999-12-31T23:59", "early": "0001-01-01", "no code": "T483134562451", "markup": "<b>",
}  # fmt: skip
OF_JSON = {
    "null": None, "text": "½", "number": 7, "huge": 10**30, "negative": -1, "part": 1.5, "yes": True, "list": [],
    "listed": [None, {}, "a\x00b"], "object": {"a\x00": "b"}, "late": "9999-12-31T23:59:59+14:00",
    "early": "0001-01-01T00:00:00-14:00",
}  # fmt: skip


def spoiled(asked, field, other_kind):
    """By word, what is sent with this field wrong."""
    rest = {name: value for name, value in asked.told.items() if name != field}
    wrong = OF_A_FORM | (OF_JSON if asked.is_json else {}) | {"another kind": other_kind}
    for word, value in wrong.items():
        yield word, rest if word == "missing" else {**rest, field: value}
    if not asked.is_json:
        yield "doubled", {**rest, field: [asked.told.get(field) or "1", "a\x00b", "x"]}


def roles_of(rule, method="POST"):
    return [LETTERS[letter].value for letter in ROWS[method, rule][0] if letter in LETTERS]


def asked_over_http(programme, named, every_role=False):
    document = programme.get(None, "/openapi.json").json
    known = bodies(named["items"], named["destruction-orders"], named["units"]) | sent_to_desks(named)
    for method, rule in sorted(ROWS):
        if method != "POST" or not (rule.startswith("/api") and FLOOR.match(rule)):
            continue
        described = document["paths"][re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)][method.lower()]
        told = known.get(rule, {})
        fields = tuple(dict.fromkeys([*told, *fields_of(document, described)]))
        path = filled(rule, {**NOTHING, "int:number": "1", **named})
        roles = roles_of(rule, method)
        for who in roles if every_role else roles[:1]:
            yield Asked(rule, path, who, told, fields)


def asked_on_pages(programme, named, ask, every_role=False):
    """Every form that a page of the floor shows to somebody, and the routes that no page here leads to."""
    match = programme.app.url_map.bind("").match
    endpoints = {rule.endpoint: rule.rule for rule in programme.app.url_map.iter_rules()}
    found, names = {}, {"text": ""}
    for page, who in pages(named):
        answer = ask(programme, who, "GET", page)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        reader = Forms()
        reader.feed(answer.text)
        for method, action, fields in reader.forms:
            path = (action or page).partition("?")[0]
            if method != "post":
                continue
            rule = endpoints[match(path, method="POST")[0]]
            if FLOOR.match(rule):
                names |= fields
                typed = tuple(sorted(fields.keys() - OF_THE_FRAME))
                found.setdefault((rule, who if every_role else ""), Asked(rule, path, who, fields, typed))
    yield from found.values()
    shown = {rule for rule, _ in found}
    for method, rule in sorted(ROWS):
        if method == "POST" and not rule.startswith("/api") and FLOOR.match(rule) and rule not in shown:
            path = filled(rule, {**NOTHING, "int:number": "1", **named})
            source = source_of(programme.app, endpoints, rule)
            fields = tuple(sorted(name for name in names if f'"{name}"' in source))
            for who in roles_of(rule) if every_role else roles_of(rule)[:1]:
                yield Asked(rule, path, who, {}, fields or ("text",))


def source_of(app, endpoints, rule):
    """Of the module in which a route is answered: which fields it may read."""
    names = {endpoint for endpoint, answers in endpoints.items() if answers == rule}
    return "".join(
        inspect.getsource(inspect.getmodule(inspect.unwrap(app.view_functions[each]))) for each in names
    )


def pages(named):
    for method, rule in sorted(ROWS):
        if method != "GET" or rule.startswith("/api") or not FLOOR.match(rule) or NO_PAGE.search(rule):
            continue
        for who in roles_of(rule, "GET"):
            yield filled(rule, {**NOTHING, "int:number": "1", **named}), who


TABLES = [table for table in Base.metadata.sorted_tables if table.name not in ALSO_WRITTEN]
COUNTED = union_all(*(select(literal(table.name), func.count()).select_from(table) for table in TABLES))


def counted(app):
    """How many rows each table has."""
    with app.app_context(), reading() as work:
        return dict(map(tuple, work.connection.execute(COUNTED).all()))


def rows(app):
    with app.app_context(), reading() as work:
        return {
            table.name: sorted(map(repr, work.connection.execute(select(table)).all())) for table in TABLES
        }
