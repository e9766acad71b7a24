r"""Energy distance 2 E|X - Y| - E|X - X'| - E|Y - Y'|: zero where the laws are equal and only there.

Estimated without bias, so it may fall below 0 (Szekely and Rizzo 2013). Its test of P = Q deals the points anew to both
sides and is exact at every sample size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ganprobe.errors import UsageError
from ganprobe.measures.distances import Points, Reading, Sides
from ganprobe.plan import Budget
from ganprobe.samples.once import once
from ganprobe.samples.sides import Floats
from ganprobe.seeds import Seeds

# Up to so many coordinates distances are summed up directly; beyond, inner products are faster, and no two points of
# continuous laws are so near that their rounding tells.
_DIRECT_UP_TO = 32


@dataclass(frozen=True, slots=True)
class Settings:
    """``points``: of each side, for every pair of them is measured; ``permutations`` for the p-value."""

    points: int = 2_000
    permutations: int = 999

    def __post_init__(self) -> None:
        for name in ("points", "permutations"):
            if getattr(self, name) < 2:
                raise UsageError(f"distances.energy.{name} cannot be {getattr(self, name)}", "at least 2")


def settings(budget: Budget) -> Settings:
    """More points with more time: the cost grows with their square."""
    return Settings(
        points={"fast": 1_000, "standard": 2_000, "thorough": 4_000}[budget],
        permutations=499 if budget == "fast" else 999,
    )


def measure(sides: Sides, settings: Settings, seeds: Seeds) -> Reading:
    """Both comparisons; the interval is normal, from the influence of each point."""
    distances = _distances(sides.between, settings.points)
    n = len(distances) // 2
    value = float(_statistics(distances, _dealt(n)[None])[0])
    rng = seeds.numpy("distances", "energy")
    dealt = np.stack([rng.permutation(_dealt(n)) for _ in range(settings.permutations)])
    # Equal up to rounding counts as more extreme: that can only weaken the claim.
    above = int((_statistics(distances, dealt) >= value * (1 - 1e-6)).sum())
    margin = 1.96 * _se(distances)
    return Reading(
        value,
        value - margin,
        value + margin,
        *once(_null, sides.null, settings),
        (1 + above) / (1 + settings.permutations),
    )


def _null(points: Points, settings: Settings) -> tuple[float]:
    distances = _distances(points, settings.points)
    return (float(_statistics(distances, _dealt(len(distances) // 2)[None])[0]),)


def _distances(points: Points, most: int) -> Tensor:
    """All distances among the first ``most`` points of each side, ``[2n, 2n]``, those of the reals first."""
    both = np.concatenate((points.real[:most], points.fake[:most]))
    rows = torch.from_numpy(np.ascontiguousarray(both - both.mean(0)))
    direct = rows.shape[1] <= _DIRECT_UP_TO
    mode = "donot_use_mm_for_euclid_dist" if direct else "use_mm_for_euclid_dist"
    return torch.cdist(rows, rows, compute_mode=mode).fill_diagonal_(0.0)


def _dealt(n: int) -> Floats:
    """The true deal: 1 for reals, 0 for fakes."""
    return np.repeat((1.0, 0.0), n)


def _statistics(distances: Tensor, dealt: Floats) -> Floats:
    """Energy distance for each deal ``[p, 2n]`` of the points to two sides of n."""
    n = len(distances) // 2
    real = torch.from_numpy(dealt.astype(np.float32)).T
    to_real = (distances @ real).double()
    of_real = real.double()
    within_real = (of_real * to_real).sum(0)
    across = to_real.sum(0) - within_real
    within_fake = distances.sum(dtype=torch.float64) - within_real - 2 * across
    energy = 2 * across / n**2 - (within_real + within_fake) / (n * (n - 1))
    return np.asarray(energy.numpy(), np.float64)


def _se(distances: Tensor) -> float:
    """Standard error from the projections of the statistic onto single points (Hoeffding)."""
    n = len(distances) // 2
    to_real, to_fake = (distances[:, part].sum(1, dtype=torch.float64) for part in (slice(n), slice(n, None)))
    influence_real = 2 * (to_fake[:n] / n - to_real[:n] / (n - 1))
    influence_fake = 2 * (to_real[n:] / n - to_fake[n:] / (n - 1))
    return math.sqrt((influence_real.var().item() + influence_fake.var().item()) / n)
