"""The assertion for tests of a generator: it passes, fails and cannot say as the gate of CI does."""

from __future__ import annotations

import re

import pytest
import torch
from audits import audit, measurements

from ganprobe import in_memory
from ganprobe.record.audit import Audit
from ganprobe.testing import assert_js_below

NET = torch.nn.Linear(2, 2)


def test_it_says_what_the_gate_says(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Audit] = []
    monkeypatch.setattr(in_memory, "probe", lambda *_, **__: shown[-1])
    shown.append(audit())
    assert assert_js_below(NET, None, 0.3).gates[0].outcome == "PASS"
    with pytest.raises(
        AssertionError, match=r"^FAIL: JS is at least 0\.137 nats .* above --max-js 0\.1\nhint: train on"
    ):
        assert_js_below(NET, None, 0.1)
    shown.append(audit(measurements(js__near_optimal=False, optimality=None)))
    with pytest.raises(AssertionError, match=r"^INCONCLUSIVE: .*not near-optimal"):
        assert_js_below(NET, None, 0.3)


class Shifted(torch.nn.Module):
    def __init__(self, shift: float) -> None:
        super().__init__()
        self.shift = shift

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return z + self.shift


@pytest.mark.slow
def test_a_shift_by_one_is_within_a_third_and_not_within_a_twentieth() -> None:
    """JS of N(0, 1) and N(1, 1) is .1114 nats."""
    real = torch.randn(4_000, 1, generator=torch.Generator().manual_seed(0))
    held = assert_js_below(Shifted(1.0), real, 0.33, z_dim=1, num_real=4_000)
    assert held.measurements.js is not None
    assert held.measurements.js.nats == pytest.approx(0.1114, abs=0.02)
    with pytest.raises(AssertionError, match=re.escape("above --max-js 0.05")):
        assert_js_below(Shifted(1.0), real, 0.05, z_dim=1, num_real=4_000)
