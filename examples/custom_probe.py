"""A probe of your own beside the built-in ones: what does it see that they do not?

    python examples/custom_probe.py

Real and fake are waves that start anywhere, under much noise: 64 columns, each of which has the same law on both sides.
But the fakes' waves are faster. `spectrum` knows that one looks at such samples by their frequencies. On the command
line it is ``--probe examples/custom_probe.py:spectrum``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

import ganprobe

N, LENGTH = 800, 64


def spectrum(real: Tensor, fake: Tensor) -> Callable[[Tensor], np.ndarray]:
    """``[n, 64]`` of either side, to train on; the answer scores such samples, more where they look more real."""

    def power(x: Tensor) -> np.ndarray:
        return torch.fft.rfft(x).abs().square().log1p().numpy()

    sides = np.concatenate((power(real), power(fake)))
    is_real = np.repeat((1, 0), (len(real), len(fake)))
    classifier = LogisticRegression(C=0.1, class_weight="balanced", max_iter=1_000).fit(sides, is_real)
    return lambda x: classifier.decision_function(power(x))


def waves(n: int, speed: int, rng: np.random.Generator) -> np.ndarray:
    """``[n, 64]``."""
    start = rng.uniform(0, 2 * np.pi, (n, 1))
    return np.cos(2 * np.pi * speed * np.arange(LENGTH) / LENGTH + start) + rng.normal(0, 3, (n, LENGTH))


def main() -> None:
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        real, fake = Path(folder, "real.npy"), Path(folder, "fake.npy")
        np.save(real, waves(N, 9, rng))
        np.save(fake, waves(N, 11, rng))
        own = f"{__file__}:spectrum"
        plan = ganprobe.Plan(str(fake), str(real), budget="fast", probes=("boosting", "knn", own), parts=("support",))
        m = ganprobe.audit(plan).measurements
    for row in m.probes:
        print(f"{row.name.rpartition(':')[2]:10} JS >= {row.floor:.3f}, estimate {row.js:.3f}")
    support = m.support
    print(f"share of reals that fakes reach: {support.real_covered:.2f}, as the stack of them sees it")


if __name__ == "__main__":
    main()
