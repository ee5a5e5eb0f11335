"""What a refusal says beside the field of the form that it is about."""

from collections.abc import Mapping
from typing import Any

from flask import request

from biobank.core.errors import DomainError
from biobank.custody.steps import AskedBack

AS_NAMED: Mapping[str, str] = {}


def errors_by_field(refusal: DomainError | None, renamed: Mapping[str, str] = AS_NAMED) -> dict[str, str]:
    """Empty where no field is named, or where it was asked back about instead.

    The details of a step are fields of its form; `renamed` says where a form asks for one under another name.
    """
    if refusal is None or isinstance(refusal, AskedBack) or not refusal.extra.get("field"):
        return {}
    field = str(refusal.extra["field"]).removeprefix("details.")
    return {renamed.get(field, field): refusal.detail.replace("details.", "")}


def errors_of_form(refusal: DomainError | None, renamed: Mapping[str, str] = AS_NAMED) -> dict[str, str]:
    """For a page without a big answer: what names no field stands above the whole form."""
    if refusal is None:
        return {}
    return errors_by_field(refusal, renamed) or {"": refusal.detail}


def typed_again(refusal: DomainError | None, renamed: Mapping[str, str] = AS_NAMED) -> dict[str, Any]:
    """What a page with a form is drawn from: what was typed, once it was refused, and why it was."""
    return {"form": request.form if refusal else {}, "errors": errors_of_form(refusal, renamed)}
