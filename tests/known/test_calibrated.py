"""The rule is fitted to lines of laws, and its coverage is that of families that had no part in it."""

from __future__ import annotations

import numpy as np

from ganprobe.known import calibrated
from ganprobe.measures.optimality import gap


def lines(n: int) -> list[dict[str, object]]:
    rng = np.random.default_rng(0)
    rows: list[dict[str, object]] = []
    for i in range(n):
        signs = dict.fromkeys(gap.SIGNS, 0.0) | {"se": float(rng.uniform(0, 0.02))}
        missed = float(signs["se"] * rng.uniform(0, 2))
        rows.append({"family": f"family {i % 8}", "signs": signs, "missed": missed})
    return [*rows, {"family": "saturated", "signs": {}, "missed": 0.0}]


def test_families_that_had_no_part_are_covered() -> None:
    rule = calibrated.fitted(lines(240))
    assert 1.7 < rule["weights"]["se"] < 2.1
    assert rule["coverage"]["laws"] == 240
    assert rule["coverage"]["families"] == 8
    assert rule["coverage"]["covered"] > 0.9
    assert rule["coverage"]["median_ratio"] < 3
