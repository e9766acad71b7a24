"""How far a run is, by what its stages take elsewhere and by how fast the ones before were here.

The seconds are those of audits of pictures at ``fast`` on one thread; other data and budgets shift them, so what is
left is "about". Drawing and reading say nothing of how fast the rest will be, every later stage does. A stage of no
known seconds counts as the average one, one that was left out as neither done nor left.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from ganprobe.cli import _menu
from ganprobe.cli._stderr import Progress
from ganprobe.plan import Plan

_UNSEEN = "views that the probes have not seen"
_SECONDS = {
    "load": 1.0, "sample": 5.0, "inspect": 0.5, "probe: logistic": 2.0, "probe: boosting": 12.0, "probe: kde": 1.5,
    "probe: knn": 2.5, "probe: mlp": 5.0, "probe: conv": 22.0, _UNSEEN: 9.0, "audits": 16.0, "optimality": 6.0,
    "views": 6.0, "kde": 2.0, "support": 4.0, "labels": 0.1, "memorisation": 0.1, "crossed": 0.1, "smoothing": 19.0,
    "distances": 3.0, "features": 0.1, "gradients": 10.0,
}  # fmt: skip
_AVERAGE = 0.5
_FIRST = ("load", "sample", "inspect")
# Probes that come after all others.
_COSTLY = ("mlp", "conv", "conv1d")
# Files that may hold a generator; of samples there are no gradients.
_OF_WEIGHTS = {".pt", ".pth", ".ckpt", ".safetensors", ".bin", ".pkl", ".pt2"}
# Seconds that are believed of this table before a stage has shown how fast this run is.
_BELIEVED = 25.0


def with_share(plan: Plan, show: Progress, clock: Callable[[], float] = time.monotonic) -> Callable[[str], None]:
    """``show`` with the share of an audit of ``plan`` that is done as each of its stages begins."""
    probes = sorted(plan.probes or _menu.names("probes"), key=lambda name: name in _COSTLY)
    order = (*_FIRST, *(f"probe: {name}" for name in probes), _UNSEEN, "audits", *plan.parts)
    seconds = {stage: _SECONDS.get(stage, _AVERAGE) for stage in order}
    if plan.model is None and Path(plan.checkpoint).suffix not in _OF_WEIGHTS:
        seconds["gradients"] = 0.0
    start = since = clock()
    at, took, known = 0, _BELIEVED, _BELIEVED

    def told(stage: str) -> None:
        nonlocal since, at, took, known
        now = clock()
        # What is in no list, such as a control between two stages, is a part of the stage before it.
        if stage in seconds and (place := order.index(stage)) > at:
            if order[at] not in _FIRST:
                took, known = took + now - since, known + seconds[order[at]]
            if _UNSEEN in order[at + 1 : place] and "views" in seconds:
                seconds["views"] += seconds[_UNSEEN]
            at, since = place, now
        left = took / known * sum(seconds[later] for later in order[at:])
        show(stage, (now - start) / (now - start + left))

    return told
