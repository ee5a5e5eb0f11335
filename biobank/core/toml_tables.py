"""A TOML file that people write, read key by key: each refusal names file, place and key."""

import re
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import NoReturn

from biobank.core.errors import Invalid


class BadFile(Invalid):
    """A file that cannot be used: which file, which key, what to do. Each feature has its own kind."""

    def __init__(self, file: str, key: str, problem: str) -> None:
        super().__init__(f"{file}, {key}: {problem}.", file=file, key=key)


class Table:
    """One table of a file, with its place in it; every reading raises `bad`."""

    def __init__(self, file: str, place: str, values: dict[str, object], bad: type[BadFile]) -> None:
        self.file = file
        self.place = place
        self.values = values
        self.bad = bad

    @classmethod
    def of_file(cls, path: Path, bad: type[BadFile]) -> "Table":
        """The whole file. Raises `bad` for what is no TOML."""
        try:
            return cls(path.name, "", tomllib.loads(path.read_text(encoding="utf-8")), bad)
        except ValueError as problem:
            raise bad(path.name, "TOML", f"this cannot be read ({problem}); correct the file") from problem

    def refuse(self, key: str, problem: str) -> NoReturn:
        raise self.bad(self.file, f"{self.place}{key}", problem)

    def refuse_unknown(self, known: Collection[str]) -> None:
        for key in self.values:
            if key not in known:
                self.refuse(key, f"this key is not known; remove it or use one of {', '.join(sorted(known))}")

    def text(self, key: str, shape: str = r"\S|\S.*\S") -> str:
        value = self.values.get(key)
        if not isinstance(value, str) or not re.fullmatch(shape, value):
            self.refuse(key, f"this must be a text of the shape {shape}; write it in quotes")
        return value

    def optional_text(self, key: str, shape: str) -> str | None:
        return self.text(key, shape) if key in self.values else None

    def optional_number(self, key: str) -> int | None:
        return self.number(key) if key in self.values else None

    def number(self, key: str, least: int = 1) -> int:
        value = self.values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.refuse(key, f"this must be a whole number of {least} or more; write it without quotes")
        return value

    def tables(self, key: str) -> list["Table"]:
        value = self.values.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
            self.refuse(key, f"this must be one or more tables; write each under [[{key}]]")
        return [Table(self.file, f"{key} {at}, ", entry, self.bad) for at, entry in enumerate(value, 1)]
