"""How far a run is, by what its stages take elsewhere and by how fast the ones before were here.

The seconds are those of audits at ``fast`` on one thread, of pictures or of columns; other data and budgets shift them,
so what is left is "about". Which of the two a run is shows in its probes. Drawing and reading say nothing of how fast
the rest will be, every later stage does. Near-optimality trains the nets again, and takes a share of what they took. A
stage of no known seconds counts as the average one, one that was left out as neither done nor left.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from ganprobe.cli import _menu
from ganprobe.cli._stderr import Progress
from ganprobe.plan import Budget, Plan

_UNSEEN = "views that the probes have not seen"
_PICTURES = {
    "load": 0.6, "sample": 4.0, "inspect": 0.3, "probe: logistic": 1.8, "probe: boosting": 4.5, "probe: texture": 1.2,
    "probe: cosines": 0.9, "probe: kde": 1.6, "probe: mlp": 6.0, "probe: conv": 17.0, "probe: knn": 1.7, _UNSEEN: 7.5,
    "audits": 8.0, "optimality": 2.5, "views": 0.5, "kde": 1.6, "support": 2.5, "labels": 0.1, "memorisation": 0.1,
    "crossed": 0.1, "smoothing": 10.0, "distances": 2.5, "features": 0.1, "gradients": 10.0,
}  # fmt: skip
_COLUMNS = {
    "load": 0.2, "sample": 0.5, "inspect": 0.2, "probe: logistic": 0.4, "probe: boosting": 0.9, "probe: kde": 0.9,
    "probe: whitened": 1.7, "probe: mlp": 1.5, "probe: knn": 1.4, _UNSEEN: 3.3, "audits": 1.4, "optimality": 1.8,
    "views": 0.1, "kde": 1.4, "support": 1.2, "labels": 0.1, "memorisation": 0.1, "crossed": 0.1, "smoothing": 2.0,
    "distances": 1.4, "features": 0.1, "gradients": 3.0, "probe: conv": 0.0, "probe: conv1d": 0.0,
}  # fmt: skip
# Of pictures at the ceiling, at `fast`: what they show beyond the tell has probes of its own, and kernels alone look at
# half of the noise.
_AT_THE_CEILING = {"views": 12.0, "smoothing": -7.5}
_AVERAGE = 0.1
_FIRST = ("load", "sample", "inspect")
# Nets, and the share of what they took that near-optimality takes: on one fold of five half of the reals, and from
# `standard` on twice the capacity. They and the last come after all other probes.
_NETS = ("mlp", "conv", "conv1d")
_AGAIN: dict[Budget, float] = {"fast": 0.2, "standard": 0.6, "thorough": 0.8}
_COSTLY = (*_NETS, "knn")
# Probes that look at pictures too; any other one speaks of columns.
_OF_PICTURES = ("logistic", "boosting", "texture", "cosines", "kde", *_COSTLY)
_TABLES = {".csv", ".tsv", ".parquet", ".xlsx"}
# Files that may hold a generator; of samples there are no gradients.
_OF_WEIGHTS = {".pt", ".pth", ".ckpt", ".safetensors", ".bin", ".pkl", ".pt2"}
# The share of the seconds of all stages that is believed before a stage has shown how fast this run is.
_BELIEVED = 0.08


def with_share(plan: Plan, show: Progress, clock: Callable[[], float] = time.monotonic) -> Callable[[str], None]:
    """``show`` with the share of an audit of ``plan`` that is done as each of its stages begins."""
    probes = sorted(plan.probes or _menu.names("probes"), key=lambda name: name in _COSTLY)
    order = (*_FIRST, *(f"probe: {name}" for name in probes), _UNSEEN, "audits", *plan.parts)
    seconds = _seconds(plan, order, _COLUMNS if Path(plan.data).suffix in _TABLES else _PICTURES)
    start = since = clock()
    at, took = 0, dict[str, float]()

    def told(stage: str) -> None:
        nonlocal seconds, since, at
        now = clock()
        # What is in no list, such as a control between two stages, is a part of the stage before it.
        if stage in order and (place := order.index(stage)) > at:
            took[order[at]] = now - since
            if stage.startswith("probe: ") and stage.removeprefix("probe: ") not in _OF_PICTURES:
                seconds = _seconds(plan, order, _COLUMNS)
            if _UNSEEN in order[at + 1 : place] and "views" in seconds:
                seconds["views"] += seconds[_UNSEEN]
                if plan.budget == "fast" and seconds.get("probe: conv"):
                    seconds |= {name: seconds[name] + more for name, more in _AT_THE_CEILING.items() if name in seconds}
            at, since = place, now
        left = _left(seconds, took, order[at:], _AGAIN[plan.budget])
        show(stage, (now - start) / (now - start + left))

    return told


def _seconds(plan: Plan, order: tuple[str, ...], known: dict[str, float]) -> dict[str, float]:
    """What each stage of ``order`` takes elsewhere."""
    seconds = {stage: known.get(stage, _AVERAGE) for stage in order}
    if plan.model is None and Path(plan.checkpoint).suffix not in _OF_WEIGHTS:
        seconds["gradients"] = 0.0
    return seconds


def _left(seconds: dict[str, float], took: dict[str, float], ahead: tuple[str, ...], again: float) -> float:
    """The seconds that the stages ``ahead`` will take, by what the others ``took``; ``again``: of `_AGAIN`."""
    shown = [stage for stage in took if stage not in (*_FIRST, "optimality")]
    believed = _BELIEVED * sum(seconds.values())
    pace = (believed + sum(took[stage] for stage in shown)) / (believed + sum(seconds[stage] for stage in shown))
    nets = [f"probe: {name}" for name in _NETS]
    trained = sum(took.get(net, pace * seconds[net] if net in ahead else 0.0) for net in nets)
    return pace * sum(seconds[stage] for stage in ahead) + (again * trained if "optimality" in ahead else 0.0)
