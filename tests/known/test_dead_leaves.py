from __future__ import annotations

import numpy as np
import pytest

from ganprobe.known import dead_leaves
from ganprobe.objective import LOG2


def test_pictures_are_a_pure_function_of_the_seed() -> None:
    one, again, other = (dead_leaves.pictures(2, 32, seed) for seed in (0, 0, 1))
    assert one.shape == (2, 3, 32, 32)
    assert one.dtype == np.uint8
    np.testing.assert_array_equal(one, again)
    assert (one != other).mean() > 0.5


def test_dropped_palettes_have_a_known_divergence() -> None:
    assert dead_leaves.palette_js(dead_leaves.PALETTES) == pytest.approx(0)
    assert 0 < dead_leaves.palette_js(6) < dead_leaves.palette_js(2) < LOG2
    # Half the law is missing: log 2 / 2 + ..., as `modes` 5 of 10.
    assert dead_leaves.palette_js(4) == pytest.approx(0.21576, abs=1e-5)


def test_changes_change_what_they_say() -> None:
    values = dead_leaves.pictures(6, 32, 0) / np.float32(255)
    rng = np.random.default_rng(0)
    patched = dead_leaves.patch(0.25)(values, rng)
    changed = (patched != values).any((0, 1))
    assert changed[12:20, 12:20].mean() > 0.9
    assert changed.sum() == changed[12:20, 12:20].sum()
    for change in (dead_leaves.blur(0.6), dead_leaves.tilt(-0.5)):
        softer = change(values, rng)
        assert (np.diff(softer, axis=3) ** 2).mean() < (np.diff(values, axis=3) ** 2).mean()
        np.testing.assert_allclose(softer.mean(), values.mean(), atol=0.01)
