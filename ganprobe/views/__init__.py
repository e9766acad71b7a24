"""Views: the same kernel applied to both sides.

Whatever is computed from a sample alone, with fresh noise or without, cannot raise JS (data processing). So JS through
any view is a lower bound of the raw JS, and the rows of all views say where two distributions differ: what block means
already show is coarse, what vanishes under a little noise is fine. A view that must be fitted sees the fit part only,
equally many rows of each side, and not which side they are from.
"""

from __future__ import annotations

from typing import Any, Protocol

from ganprobe.family import Family
from ganprobe.samples import Fold, Pair
from ganprobe.seeds import Seeds


class View(Protocol):
    """What a module of this package offers, besides its frozen ``Settings`` with defaults."""

    Settings: type[Any]

    def applies(self, pair: Pair) -> str | None:
        """Why the view has nothing to say about ``pair``; None where it has."""

    def apply(self, pair: Pair, fit: Fold, settings: Any, seeds: Seeds) -> Pair:
        """Both sides through the kernel; whatever it fits, it fits on ``fit.real.fit`` and ``fit.fake.fit``."""


MEMBERS = Family("ganprobe.views", "view", ("output_path", "noise", "pca", "blocks", "statistics", "lattice"))
