"""What people read, found in the templates and in the code, so that it can be translated.

    .venv/bin/python docs/phrases.py [--check]

Every `messages.po` keeps what was translated, gets what is new (empty) and loses what is gone. With `--check`
nothing is written, and the exit code is 1 when something has no translation. docs/translating.md says more.
"""

import argparse
import ast
import itertools
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "biobank"
TRANSLATIONS = PACKAGE / "translations"
SILENT = re.compile(
    r"(^|/)(commands|documents|schemas|api|replay|models|openapi|settings|shapes|terminal|headers|vendored)\.py$"
    r"|^(service|demo|ledger)/"
)
"""Modules whose words no page shows: the command line, the API, PDFs, the machine's own."""
NO_LABELS = re.compile(
    r"^(exchange|core|sites|offline/service)|(^|/)(definitions|printers_file|scanner_codes|packing_lists|blank_forms|"
    r"transitions|certificates|actors|catalogues|phrasebook)\.py$"
)
"""Modules of which only sentences and titles are read; elsewhere a label or a few words are, too."""
SENTENCE = re.compile(r"^[A-Z{“'(0-9].* .*[.?!]$", re.DOTALL)
LABEL = re.compile(r"^[A-Z][a-z']*[,:]?( [A-Za-z0-9',:;()/-]+)+[.…?]?$|^[A-Z][a-z']{2,}[.…?]?$")
WORDS = re.compile(r"^[a-z][a-z'-]+( [A-Za-z0-9',:;()-]+)+$")
CODED = {"Flag": 0, "_warning": 0, "ask_back": 0, "answered": 1, "surprising": 1, "open_discrepancy": 2}
"""Calls with a code among their arguments that is shown as words, and where it stands."""
ALONE = (
    *("nowhere", "signature", "unexpected", "code on another", "packed unspun", "condition {condition}"),
    *("{minutes} min", "clock {minutes} min off", "{hours} h", "not recorded", "placed", "lifted"),
    *("scanned", "keyed", "file", "paper form {reference}", "file {reference}", "follows from {reference}"),
    *("{state} since {at} UTC", "voided on {at} UTC by {person}"),
    *("voided on {at} UTC by {person} ({reason})", "a carrier", "nobody knows where"),
    *("{carrier}, on the way to {goes_to}", "everything", "everywhere"),
    *("an e-mail address", "a phone number", "a date", "an id of the programme", "a person's badge"),
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "{holiday} (observed)"),
    *("New Year's Day", "Martin Luther King Jr. Day", "Washington's Birthday", "Memorial Day"),
    *("Juneteenth National Independence Day", "Independence Day", "Labor Day", "Columbus Day"),
    *("aliquot", "cap dot", "cryovial", "found item", "kit box"),
    *("narrow tube", "storage box", "storage unit", "waste bag", "minutes", "kits"),
    *("{maker}, Letter, {count} labels of {size} mm", "{maker}, A4, {count} labels of {size} mm"),
    *("Roll of {size} mm", "Roll of {size} mm, for cryovials", "Roll of {size} mm, for narrow tubes"),
    "Roll of {size} mm, for labels wrapped around a tube",
    *("Roll of round labels, {size} mm across, for caps", "{count} days", "{count} characters arrived."),
    "(a text that looks like {shape}, {count} characters)",
    *("{count} case", "{count} cases", "{count} column", "{count} columns", "{count} free position"),
    *("{count} free positions", "{count} label", "{count} labels", "{count} line", "{count} lines"),
    *("{count} position", "{count} positions", "{count} state", "{count} states", "{count} vial"),
    *("{count} vials", "{count} well", "{count} wells"),
    *("Out of the centrifuge", "Kept at", "Vessel", "Stored at", "Processed", "Brake", "Duration"),
    *("pick list", "origin", "destination", "Page"),
    *("FluidX, with the rack in each line", "FluidX XTR-96 and others, position and code alone"),
    *("Veterans Day", "Thanksgiving Day", "Christmas Day"),
)
"""Words that the code builds or keeps where nothing tells that they are shown."""
A_WORD = re.compile(r"[a-z]{4}")
MACHINE_TALK = re.compile(r"[=<>_|]|/[a-z]|^[MT]\b")
"""Signs of an address, a query or a path in a picture."""
SHOWN = frozenset({"word", "label", "note", "hint", "sentence", "title", "button", "unit", "meaning"})
"""Keys and parameters whose value is shown as it is, whatever it looks like."""
NOT_SHOWN = frozenset(
    {
        *("public", "permission", "getlist", "set_cookie", "Response", "Markup", "get_template"),
        *("getLogger", "error", "info", "warning", "compile", "TypeVar", "cast"),
        *("Index", "text", "CheckConstraint", "literal"),
    }
)
"""Functions whose text nobody reads on a page."""
HTTP = re.compile(
    r"^[A-Z][a-z]+(-[A-Z][a-zA-Z]+)+$|^(Allow|Authorization|Bearer|Lax|Location|Origin|English)$|Idempotency-Key|TOKEN|filename=|__name__"
)
MOST_VARIANTS = 24
STATUSES = (400, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503)
"""What a page is titled with when a request fails in no way of ours."""
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
"""Of the file's head, which is to change with its messages alone."""
LETTERS = re.compile(r"[A-Za-z]{2}")
PLACE = re.compile(r"\{(\w*)[^}]*\}")

Found = dict[str, set[str]]
"""Where each message stands: file names by message; of a plural, by its singular and plural."""


def messages() -> dict[str | tuple[str, str], set[str]]:
    """All there is to translate, with the files in which it stands."""
    found: dict[str | tuple[str, str], set[str]] = defaultdict(set)
    for path in sorted((PACKAGE / "templates").rglob("*.html")):
        for message in of_template(path):
            found[message].add(path.relative_to(ROOT).as_posix())
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not SILENT.search(name):
            for message in of_code(path, labels=not NO_LABELS.search(name)):
                found[message].add(path.relative_to(ROOT).as_posix())
    for word in ALONE:
        found[word].add("docs/phrases.py")
    for status in STATUSES:
        found[HTTPStatus(status).phrase].add("biobank/web/errors.py")
    for path, message in of_config():
        found[message].add(path.relative_to(ROOT).as_posix())
    return dict(found)


def of_config() -> Iterator[tuple[Path, str]]:
    """What files of kits, of the bench's plans and of limits say in words."""
    for folder, words in (("kits", of_kit), ("processing", of_plans)):
        for path in sorted((ROOT / "config" / folder).glob("*.toml")):
            yield from ((path, message) for message in words(path))
    limits = ROOT / "config" / "limits.toml"
    yield from (
        (limits, limit["meaning"]) for limit in tomllib.loads(limits.read_text(encoding="utf-8"))["limit"]
    )


def of_template(path: Path) -> Iterator[str | tuple[str, str]]:
    with path.open("rb") as file:
        for _, _, message, _ in babel_extract(file, ("_", "gettext", "ngettext"), [], {}):
            parts = [message] if isinstance(message, str) else [part for part in message if part]
            yield parts[0] if len(parts) == 1 else (parts[0], parts[1])


def of_kit(path: Path) -> Iterator[str]:
    """What a kit's definition says of its tubes in words."""
    for tube in tomllib.loads(path.read_text(encoding="utf-8"))["tube"]:
        yield from (
            tube[key] for key in ("label", "colour", "additive", "clinic_temperature") if tube.get(key)
        )


def of_plans(path: Path) -> Iterator[str]:
    """What the bench's plans call what is made, also at the beginning of a line."""
    for material in tomllib.loads(path.read_text(encoding="utf-8"))["material"]:
        yield from (material["name"], material["name"].capitalize())


def of_code(path: Path, *, labels: bool) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from _words_of_enums(tree)
    yield from _names_of_details(tree)
    yield from _codes(tree)
    yield from _walk(tree, labels, shown=False)


def _words_of_enums(tree: ast.Module) -> Iterator[str]:
    """Members as people say them, `checked_out` as `checked out`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(
            ast.unparse(base).endswith("StrEnum") for base in node.bases
        ):
            for line in node.body:
                if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant):
                    word = str(line.value.value).replace("_", " ")
                    if len(word) > 1 and "." not in word:  # neither a letter of a code nor a permission
                        yield word


def _names_of_details(tree: ast.Module) -> Iterator[str]:
    """What the details of an event are called: `nominal_volume` as `nominal volume`."""
    for node in ast.walk(tree):
        named: list[ast.expr | None] = []
        if isinstance(node, ast.keyword) and node.arg == "details" and isinstance(node.value, ast.Dict):
            named = list(node.value.keys)
        elif isinstance(node, ast.Subscript) and _is_details(node.value):
            named = [node.slice]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and _is_details(node.func.value)
        ):
            named = list(node.args[:1])
        yield from (_as_said(each) for each in named if isinstance(each, ast.Constant) and each.value)


def _is_details(node: ast.expr) -> bool:
    return ast.unparse(node).endswith("details")


def _codes(tree: ast.Module) -> Iterator[str]:
    """Codes of flags and open questions, which are shown as words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in CODED:
            found = node.args[CODED[_called(node)] :][:1]
            yield from (_as_said(each) for each in found if isinstance(each, ast.Constant))


def _as_said(node: ast.Constant) -> str:
    return str(node.value).replace("_", " ")


def _walk(node: ast.AST, labels: bool, *, shown: bool) -> Iterator[str]:
    if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
        variants = _variants(node)
        yield from _texts(variants, labels, shown)
        if variants:  # what is left are the values in its places
            for value in {
                id(part): part for parts in variants for part in parts if isinstance(part, ast.expr)
            }.values():
                yield from _walk(value, labels, shown=False)
            return
    for child, is_shown in _below(node, shown):
        yield from _walk(child, labels, shown=is_shown)


def _below(node: ast.AST, shown: bool) -> Iterator[tuple[ast.AST, bool]]:
    """What lies below a node and may be read, and whether it is certain to be shown."""
    if isinstance(node, ast.Call) and _called(node) in NOT_SHOWN:
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield value, isinstance(key, ast.Constant) and key.value in SHOWN
    elif isinstance(node, ast.keyword):
        yield node.value, node.arg in SHOWN
    elif isinstance(node, ast.Assign):
        named = [target.id for target in node.targets if isinstance(target, ast.Name)]
        yield node.value, bool(SHOWN.intersection(named))
    elif isinstance(node, ast.IfExp):
        yield from ((node.body, shown), (node.orelse, shown), (node.test, False))
    elif isinstance(node, ast.AnnAssign):
        yield from ((node.value, False) for _ in range(node.value is not None))
    else:
        yield from ((child, shown and isinstance(node, ast.BoolOp)) for child in ast.iter_child_nodes(node))


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _texts(variants: "list[list[Part]]", labels: bool, shown: bool) -> Iterator[str]:
    for variant in variants:
        text = _named(variant).strip()
        bare = PLACE.sub("", text)
        if LETTERS.search(bare) and is_read(text, bare, labels=labels, shown=shown):
            yield text


def is_read(text: str, bare: str, *, labels: bool, shown: bool) -> bool:
    """Whether people read it: a sentence anywhere, a label at the edges, and whatever is said to be shown."""
    if "\n\n" in text or HTTP.search(text) or text.startswith(("/", "<", "#")):
        return False
    if shown or SENTENCE.match(text):
        return True
    if not labels:
        return False
    pieced = "{" in text and " " in text and A_WORD.search(bare) and not MACHINE_TALK.search(bare)
    return bool(LABEL.match(text) or WORDS.match(text) or pieced)


Part = str | ast.expr


def _variants(node: ast.expr) -> list[list[Part]]:
    """What a text may be: each side of a condition in it once; the rest are places."""
    if isinstance(node, ast.Constant):
        return [[node.value]] if isinstance(node.value, str) else []
    if isinstance(node, ast.BinOp):
        if not isinstance(node.op, ast.Add):
            return []
        return _joined([_variants(node.left) or [[node.left]], _variants(node.right) or [[node.right]]])
    if isinstance(node, ast.IfExp):
        return []  # its sides are looked at by themselves
    if isinstance(node, ast.JoinedStr):
        return _joined([_of_value(value) for value in node.values])
    return []


def _of_value(node: ast.expr) -> list[list[Part]]:
    inner = node.value if isinstance(node, ast.FormattedValue) else node
    if isinstance(inner, ast.IfExp):
        return [side for each in (inner.body, inner.orelse) for side in _of_value(each)]
    if isinstance(inner, ast.Constant | ast.JoinedStr):
        return _variants(inner) or [[inner]]
    return [[inner]]


def _joined(choices: list[list[list[Part]]]) -> list[list[Part]]:
    combined = itertools.islice(itertools.product(*choices), MOST_VARIANTS)
    return [[part for parts in each for part in parts] for each in combined]


def _named(parts: list[Part]) -> str:
    """The text with a name in braces for each value; a name that comes again gets a number."""
    used: dict[str, int] = defaultdict(int)
    text = ""
    for before, part in itertools.pairwise(["", *parts]):
        if isinstance(part, str):
            text += part.replace("{}", "{value}")
            continue
        if isinstance(before, ast.expr):
            continue  # two values with nothing between them are read as one
        name = _name_of(part)
        used[name] += 1
        text += f"{{{name}{used[name] if used[name] > 1 else ''}}}"
    return text


def _name_of(node: ast.AST) -> str:
    """What a translator understands by it: the last name in the expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call):
        return _name_of(_spoken_of(node))
    if isinstance(node, ast.Subscript):
        key = node.slice
        named = isinstance(key, ast.Constant) and isinstance(key.value, str)
        return str(key.value) if named and key.value.isidentifier() else _name_of(node.value)
    for child in ast.iter_child_nodes(node):
        name = _name_of(child)
        if name != "value":
            return name
    return "value"


def _spoken_of(call: ast.Call) -> ast.AST:
    """What a call is about: its first argument that is no transaction, else what it is called on."""
    about = [each for each in call.args if not (isinstance(each, ast.Name) and each.id in ("work", "by"))]
    if about and not isinstance(about[0], ast.Constant):
        return about[0]
    return call.func.value if isinstance(call.func, ast.Attribute) else call.func


def catalogue_of(language: str, found: dict[str | tuple[str, str], set[str]]) -> Catalog:
    """What is there to translate, with what was translated before."""
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    before = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            before = read_po(file, locale=language)
    named = {"project": "biobank", "version": "1", "last_translator": "biobank", "language_team": language}
    heading = f"# What people read on the pages, in {language}; see docs/translating.md."
    catalogue = Catalog(
        locale=language,
        header_comment=heading,
        msgid_bugs_address="none",
        creation_date=BEGUN,
        revision_date=BEGUN,
        fuzzy=False,
        **named,
    )
    for message, files in sorted(found.items(), key=lambda pair: (min(pair[1]), str(pair[0]))):
        old = before.get(message[0] if isinstance(message, tuple) else message)
        catalogue.add(message, old.string if old else "", locations=[(name, 0) for name in sorted(files)[:3]])
    return catalogue


def missing(catalogue: Catalog) -> list[str]:
    """Messages without a translation."""
    return [str(message.id) for message in catalogue if message.id and not all(_strings(message.string))]


def _strings(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


def write(language: str, catalogue: Catalog) -> None:
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, include_lineno=False)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true")
    check = arguments.parse_args().check
    found, lacking = messages(), 0
    for folder in sorted(path for path in TRANSLATIONS.iterdir() if path.is_dir()):
        catalogue = catalogue_of(folder.name, found)
        lacking += len(missing(catalogue))
        print(f"{folder.name}: {len(found)} messages, {len(missing(catalogue))} without a translation")
        if not check:
            write(folder.name, catalogue)
    return 1 if check and lacking else 0


if __name__ == "__main__":
    sys.exit(main())
