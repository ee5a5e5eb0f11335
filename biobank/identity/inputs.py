"""What operations of the vault take and give; nothing here shows itself in a log or a traceback."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date

from biobank.identity.choices import IdentityField, Reason


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Why somebody looks into the vault, perhaps with the number of the document that says so."""

    reason: Reason | str
    document: str | None = None


FOR_TEXTS = Asked(reason=Reason.FREE_TEXT)


@dataclass(frozen=True, kw_only=True, repr=False)
class Said:
    """What a person answers when asked who they are."""

    given_name: str
    family_name: str
    birth_date: date

    @classmethod
    def of(cls, texts: Mapping[IdentityField, str]) -> "Said":
        """Of an identity, which has all three."""
        born = date.fromisoformat(texts[IdentityField.BIRTH_DATE])
        given, family = texts[IdentityField.GIVEN_NAME], texts[IdentityField.FAMILY_NAME]
        return cls(given_name=given, family_name=family, birth_date=born)


@dataclass(frozen=True, kw_only=True, repr=False)
class Identity:
    """Who a participant is, as far as it was asked for: fields that were not are None."""

    programme_participant: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    birth_date: date | None = None
    email: str | None = None
    phone: str | None = None
    postal_address: str | None = None
    language: str | None = None

    def texts(self) -> dict[IdentityField, str]:
        """What there is, as it is sealed: dates as `2001-12-31`."""
        told = {IdentityField(each.name): getattr(self, each.name) for each in fields(self)}
        return {name: _text(value) for name, value in told.items() if value is not None}

    @classmethod
    def of(cls, texts: Mapping[IdentityField, str]) -> "Identity":
        others = {name.value: text for name, text in texts.items() if name is not IdentityField.BIRTH_DATE}
        born = texts.get(IdentityField.BIRTH_DATE)
        return cls(**others, birth_date=date.fromisoformat(born) if born else None)


def _text(value: str | date) -> str:
    return value.isoformat() if isinstance(value, date) else value
