"""Laws with random parameters are laws with a known JS, whatever the seed."""

from __future__ import annotations

import numpy as np
import pytest

from ganprobe.known import laws
from ganprobe.objective import LOG2


@pytest.mark.parametrize("family", laws.FAMILIES)
def test_every_family_draws(family: str) -> None:
    truth, n = laws.law(family, 3)
    real, fake = truth.draw(10, 0)
    assert np.isfinite(real).all()
    assert np.isfinite(fake).all()
    assert 0 <= truth.js <= LOG2
    assert 300 <= n <= 4_000
    if family.startswith("same"):
        assert truth.js == pytest.approx(0, abs=1e-6)
