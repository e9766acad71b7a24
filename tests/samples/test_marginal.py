from __future__ import annotations

import numpy as np

from ganprobe.samples import marginal


def test_values_are_told_by_name() -> None:
    rng = np.random.default_rng(0)
    x = np.stack((rng.standard_normal(4_000), np.round(rng.exponential(size=4_000), 1))).astype(np.float32)
    numbers = np.concatenate(marginal.numbers(x), 1)
    told = [dict(zip(marginal.NAMES, row, strict=True)) for row in numbers]
    np.testing.assert_allclose([row["skewness"] for row in told], [0, 2], atol=0.2)
    np.testing.assert_allclose(np.exp([row["peakedness"] for row in told]), [3, 9], rtol=0.2)
    np.testing.assert_allclose([row["quantile 0.5"] for row in told], np.median(x, 1), atol=0.1)
    assert told[0]["share of distinct values"] > 0.9 > 0.1 > told[1]["share of distinct values"]
    np.testing.assert_allclose(np.exp(told[1]["smallest step"]), 0.1, rtol=1e-3)
    np.testing.assert_allclose(told[1]["share of zeros"], (x[1] == 0).mean())


def test_where_nothing_varies_nothing_is_infinite() -> None:
    assert np.isfinite(np.concatenate(marginal.numbers(np.full((2, 9), 3.0, np.float32)), 1)).all()
