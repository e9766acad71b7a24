"""What noise and distances are measured in."""

from __future__ import annotations

from typing import Literal

Unit = Literal["data", "range", "sd"]
# In words.
UNITS: dict[Unit, str] = {
    "data": "the data's units",
    "range": "fractions of the full range",
    "sd": "standard deviations",
}
