"""What is said of a tube at the chair, as operations take it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from biobank.custody.states import Action


@dataclass(frozen=True)
class TubeAnswer:
    """One answer: collected and how full, not collected and why, or broken and how."""

    action: Action
    details: Mapping[str, Any] = field(default_factory=dict)
