"""Views: the same kernel applied to both sides.

Whatever is computed from a sample alone, with fresh noise or without, cannot raise JS (data processing). So JS through
any view is a lower bound of the raw JS, and the rows of all views say where two distributions differ: what block means
already show is coarse, what vanishes under a little noise is fine. A view that must be fitted sees the fit part only,
equally many rows of each side, and not which side they are from.

Views compose: "threshold+blocks" is a threshold and then block means. Where what one shows is a function of what the
other shows, the first can show no more than the second; `Chain.covers` knows of which pairs that is true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from ganprobe.errors import UsageError
from ganprobe.family import Family
from ganprobe.plan import Plan
from ganprobe.record.views import step_keys
from ganprobe.samples.folds import Fold
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


class View(Protocol):
    """What a module of this package offers, besides its frozen ``Settings`` with defaults."""

    Settings: type[Any]

    def applies(self, pair: Pair) -> str | None:
        """Why the view has nothing to say about ``pair``; None where it has."""

    def apply(self, pair: Pair, fit: Fold, settings: Any, seeds: Seeds) -> Pair:
        """Both sides through the kernel; whatever it fits, it fits on ``fit.real.fit`` and ``fit.fake.fit``."""

    def covers(self, settings: Any, name: str, other: Any) -> bool:
        """Whether the view called ``name`` with settings ``other``, not this very one, is a function of this one."""

    def words(self, settings: Any) -> str:
        """The view as a noun phrase that can stand in a sentence."""


MEMBERS = Family(
    "ganprobe.views",
    "view",
    (
        "output_path",
        "columns",
        "rounding",
        "histogram",
        "statistics",
        "highpass",
        "threshold",
        "blocks",
        "blur",
        "block_means",
        "spectrogram",
        "noise",
        "pca",
        "features",
        "lattice",
    ),
)


@dataclass(frozen=True, slots=True)
class Chain:
    """Views one after the other, (name, settings) each; the empty chain leaves a pair as it is."""

    steps: tuple[tuple[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """``threshold+blocks``."""
        return "+".join(name for name, _ in self.steps)

    @property
    def settings(self) -> dict[str, Any]:
        """``{"size": 4}`` of a single view, ``{"threshold.level": 0.5, "blocks.size": 4}`` of several."""
        if len(self.steps) == 1:
            return asdict(self.steps[0][1])
        keys = step_keys([name for name, _ in self.steps])
        return {
            f"{key}.{field}": value
            for key, (_, own) in zip(keys, self.steps, strict=True)
            for field, value in asdict(own).items()
        }

    @property
    def words(self) -> str:
        """The chain as a noun phrase."""
        return " after ".join(MEMBERS[name].words(settings) for name, settings in reversed(self.steps))

    def then(self, name: str, settings: Any) -> Chain:
        """This chain with one more view behind it."""
        return Chain((*self.steps, (name, settings)))

    def apply(self, pair: Pair, fit: Fold, seeds: Seeds) -> Pair:
        """Both sides through every view; a view that does not apply is a `UsageError`."""
        for name, settings in self.steps:
            reason = MEMBERS[name].applies(pair)
            if reason is not None:
                raise UsageError(f"--view {self.name}: {name} has nothing to show: {reason}", "choose another view")
            pair = MEMBERS[name].apply(pair, fit, settings, seeds)
        return pair

    def covers(self, other: Chain) -> bool:
        """Whether ``other`` is known to be a function of this chain; every chain covers itself."""
        if not self.steps:
            return True
        *first, (name, settings) = self.steps
        if len(other.steps) < len(self.steps) or other.steps[: len(first)] != tuple(first):
            return False
        last, own = other.steps[len(first)]
        return (last, own) == (name, settings) or bool(MEMBERS[name].covers(settings, last, own))


def chain(plan: Plan) -> Chain:
    """What ``plan.view`` asks for: names joined by "+", with the settings that the plan gives them.

    The empty chain where it asks for nothing; an unknown name is a `UsageError`.
    """
    return Chain(tuple(_steps(plan)))


def _steps(plan: Plan) -> Iterator[tuple[str, Any]]:
    for name in plan.view.split("+") if plan.view else ():
        yield name, settings(plan, name)


def settings(plan: Plan, name: str, **changes: Any) -> Any:
    """The settings of the view called ``name``: its defaults, ``changes``, and over them what the plan says."""
    member = MEMBERS[name]
    if name == "features":
        if plan.features is None:
            hint = "name a network, as --features efficientnet_lite0, or your own: --features file.py:fn"
            raise UsageError("the view features has no code", hint)
        changes = {"source": plan.features}
    return plan.override(f"views.{name}", member.Settings(**changes))
