"""How far a run is, by what its stages took before: shares of the whole, which hold for any machine and budget.

They are those of audits of pictures at ``fast`` on one thread; other data shift them, so what is left is "about". A
stage of no known share counts as the average one, one that was left out as neither done nor left.
"""

from __future__ import annotations

from collections.abc import Callable

from ganprobe.cli import _menu
from ganprobe.cli._stderr import Progress
from ganprobe.plan import Plan

_SECONDS = {
    "load": 0.1, "sample": 0.1, "inspect": 0.1, "probe: logistic": 1.5, "probe: boosting": 3.0, "probe: kde": 0.3,
    "probe: knn": 0.5, "probe: mlp": 5.5, "probe: conv": 18.0, "optimality": 15.0, "views": 28.0, "kde": 15.0,
    "support": 1.7, "labels": 0.5, "memorisation": 0.5, "crossed": 0.5, "smoothing": 18.0, "distances": 4.0,
    "gradients": 10.0,
}  # fmt: skip
_AVERAGE = 3.0


# Probes that come after all others, and what comes between the probes and the parts.
_COSTLY = ("mlp", "conv", "conv1d")
_BETWEEN = ("views that the probes have not seen", "audits")


def with_share(plan: Plan, show: Progress) -> Callable[[str], None]:
    """``show`` with the share of an audit of ``plan`` that is done as each of its stages begins."""
    probes = sorted(plan.probes or _menu.names("probes"), key=lambda name: name in _COSTLY)
    order = ("load", "sample", "inspect", *(f"probe: {name}" for name in probes), *_BETWEEN, *plan.parts)
    weights = [_SECONDS.get(stage, _AVERAGE) for stage in order]
    done, at = 0.0, 0

    def told(stage: str) -> None:
        nonlocal done, at
        # What is in no list, such as a control between two stages, leaves the share where it was.
        if stage in order and order.index(stage) > at:
            done += weights[at]
            at = order.index(stage)
        show(stage, done / (done + sum(weights[at:])))

    return told
