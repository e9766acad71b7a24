"""What was asked for and could not be measured, as a value with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Stands where a part would: null in the record, ``why`` beside it; ``left``: what of it is there all the same."""

    why: str
    left: Any = None
