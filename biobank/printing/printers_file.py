"""The printers' file: TOML, read as a whole and checked, or refused with the printer or rule and the key."""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NoReturn

from biobank.core.errors import Invalid
from biobank.custody.states import Kind
from biobank.printing.choices import PrinterKind
from biobank.printing.printers import Printer, Printers, Rule
from labels import Correction, LabelError, Stock, layouts_fit, template_named

RESOLUTIONS = (203, 300, 600)
LONGEST_NAME = 40
NETWORK_ONLY = frozenset({"host", "port", "connect_seconds", "answer_seconds", "finish_seconds"})
CORRECTIONS = tuple(each.name for each in fields(Correction))


class BadPrinters(Invalid):
    """A printers' file that cannot be used: which file, which printer or rule, what to do."""

    title = "Printers not usable"

    def __init__(self, file: str, where: str, problem: str) -> None:
        super().__init__(f"{file}, {where}: {problem}.", file=file, where=where)


def load_printers(path: Path, stocks: Mapping[str, Stock]) -> Printers:
    """The file as a whole. Raises `BadPrinters`."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise BadPrinters(path.name, "the file", f"cannot be read: {problem}") from problem
    reader = _Reader(path.name, stocks)
    reader.keys("the file", told, {"printers", "rules"})
    tables = reader.of("the file", told, "printers", dict, {})
    printers = {name: reader.printer(name, table) for name, table in tables.items()}
    listed = enumerate(reader.of("the file", told, "rules", list, []), 1)
    rules = tuple(reader.rule(f"rule {number}", table, printers) for number, table in listed)
    reader.refuse_ties(rules)
    return Printers(printers, rules)


@dataclass(frozen=True)
class _Reader:
    file: str
    stocks: Mapping[str, Stock]

    def refuse(self, where: str, problem: str) -> NoReturn:
        raise BadPrinters(self.file, where, problem)

    def keys(self, where: str, table: Any, known: Collection[str]) -> None:
        if not isinstance(table, dict):
            self.refuse(where, "is no table")
        unknown = sorted(set(table) - set(known))
        if unknown:
            self.refuse(f"{where}, {unknown[0]}", f"is no key; there are {', '.join(sorted(known))}")

    def of(self, where: str, table: Mapping[str, Any], key: str, kind: type, otherwise: Any = ...) -> Any:
        value = table.get(key, otherwise)
        if value is ...:
            self.refuse(f"{where}, {key}", "is missing; add it")
        fits = type(value) is kind or (kind is float and type(value) is int) or value is otherwise
        if not fits or value == "":
            self.refuse(f"{where}, {key}", f"{value!r} is not what it should be ({WORDS[kind]})")
        return value

    def printer(self, name: str, table: Any) -> Printer:
        where = f"printer {name}"
        if not name.replace("-", "").replace("_", "").isalnum() or len(name) > LONGEST_NAME:
            self.refuse(where, f"a name has at most {LONGEST_NAME} letters, digits, dashes and underscores")
        known = {"title", "kind", "stock", "dpi", "site", "correction", *NETWORK_ONLY}
        self.keys(where, table, known)
        kind = self._one_of(where, "kind", self.of(where, table, "kind", str), PrinterKind)
        self.keys(where, table, known - ({"correction"} if kind is PrinterKind.NETWORK else NETWORK_ONLY))
        return Printer(
            name,
            self.of(where, table, "title", str),
            kind,
            self.stocks[self._one_of(where, "stock", self.of(where, table, "stock", str), self.stocks)],
            self._one_of(where, "dpi", self.of(where, table, "dpi", int), RESOLUTIONS),
            **(self._network(where, table) if kind is PrinterKind.NETWORK else self._office(where, table)),
        )

    def _office(self, where: str, table: Mapping[str, Any]) -> dict[str, Any]:
        measured, of_it = self.of(where, table, "correction", dict, {}), f"{where}, correction"
        self.keys(of_it, measured, CORRECTIONS)
        told = {name: self.of(of_it, measured, name, float, 0.0) for name in CORRECTIONS}
        return {"site": self.of(where, table, "site", str, None), "correction": Correction(**told)}

    def _network(self, where: str, table: Mapping[str, Any]) -> dict[str, Any]:
        numbers = {
            key: self.of(where, table, key, int, getattr(Printer, key)) for key in NETWORK_ONLY - {"host"}
        }
        for key, number in numbers.items():
            highest = 65535 if key == "port" else 3600
            if not 0 < number <= highest:
                self.refuse(f"{where}, {key}", f"{number} is not between 1 and {highest}; correct it")
        return {name: self.of(where, table, name, str) for name in ("site", "host")} | numbers

    def rule(self, where: str, table: Any, printers: Mapping[str, Printer]) -> Rule:
        self.keys(where, table, {each.name for each in fields(Rule)})
        rule = Rule(**{each.name: self.of(where, table, each.name, str, None) for each in fields(Rule)})
        if rule.kind is not None:
            self._one_of(where, "kind", rule.kind, [kind.value for kind in Kind])
        if rule.printer is not None:
            self._one_of(where, "printer", rule.printer, printers)
        if not rule.printer and not rule.template:
            self.refuse(where, "says neither printer nor template; say one")
        if rule.template is not None:
            self._refuse_misfit(where, rule.template, printers.get(rule.printer or ""))
        return rule

    def _refuse_misfit(self, where: str, template: str, printer: Printer | None) -> None:
        try:
            template_named(template)
        except LabelError as problem:
            self.refuse(f"{where}, template", str(problem).rstrip("."))
        if printer and not layouts_fit(template, printer.stock):
            self.refuse(
                f"{where}, template",
                f"{template} labels do not fit {printer.stock.name}, the stock of {printer.name}",
            )

    def refuse_ties(self, rules: Iterable[Rule]) -> None:
        seen: dict[object, int] = {}
        for number, rule in enumerate(rules, 1):
            for what in ("printer", "template"):
                if getattr(rule, what):
                    before = seen.setdefault((what, rule.conditions), number)
                    if before != number:
                        self.refuse(
                            f"rule {number}", f"says a {what} for the same as rule {before}; keep one"
                        )

    def _one_of(self, where: str, key: str, value: Any, known: Iterable[Any]) -> Any:
        if value not in list(known):
            names = ", ".join(str(each) for each in known)
            self.refuse(f"{where}, {key}", f"{value!r} is not known; there are {names}")
        return known(value) if isinstance(known, type) else value


WORDS = {str: "a text", int: "a whole number", float: "a number", dict: "a table", list: "a list of tables"}
