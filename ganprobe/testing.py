"""For tests of a generator: an assertion that holds where the gate of CI would pass."""

from __future__ import annotations

from typing import Any

import torch

from ganprobe import in_memory
from ganprobe.judge import gates
from ganprobe.plan import Limits
from ganprobe.record.audit import Audit


def assert_js_below(generator: torch.nn.Module, real: Any, limit: float, **options: Any) -> Audit:
    """Raise `AssertionError` unless JS of ``generator`` and ``real`` ``[n, ...]`` is shown to be within ``limit`` nats.

    Like ``ganprobe check --max-js``: a floor above the limit fails, only a near-optimal probe passes, and where the
    measurement cannot say, the assertion fails too and says so. ``options`` are those of `ganprobe.probe`. Returns the
    audit.
    """
    whole: dict[str, Any] = {"parts": ("optimality", "support"), "settings": {}}
    audit = in_memory.probe(generator, real, **whole | options)
    held = gates.hold(audit, Limits(max_js=limit, fail_on=("never",)), None)
    if held.verdict != "PASS":
        (gate,) = held.gates
        raise AssertionError(f"{held.verdict}: {gate.reason}\nhint: {gate.advice}")
    return held
