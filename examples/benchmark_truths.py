"""How well does it measure? Pairs whose JS is known exactly, audited like any other samples.

    python examples/benchmark_truths.py --n 5000 --budget standard

An estimate below the truth is a probe that saw less than there is; a floor above it should happen in one case of
twenty at most.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ganprobe import Plan, audit, truths

CASES = ("same", "shift", "scale", "correlated", "mixture", "warp")


def rows(cases: list[str], n: int, budget: str, seed: int) -> Iterator[tuple[str, float, float, float, float]]:
    """For each case: its name, the truth, the estimate and the floor in nats, and the seconds it took."""
    for case in cases:
        truth = getattr(truths, case)()
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / f"{side}.npy" for side in ("fake", "real")]
            for path, sample in zip(paths, reversed(truth.draw(n, seed)), strict=True):
                np.save(path, sample)
            done = audit(Plan(*map(str, paths), budget=budget, seed=seed))
        js = done.measurements.js
        yield truth.name, truth.js, js.nats, js.floor, done.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description="How close the estimate comes where JS is known, in nats.")
    parser.add_argument("case", nargs="*", default=[*CASES], help=f"of {', '.join(CASES)} (default: all)")
    parser.add_argument("--n", type=int, default=2000, help="samples of each side (default: 2000)")
    parser.add_argument("--budget", choices=("fast", "standard", "thorough"), default="fast")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    print(f"{'case':12} {'truth':>7} {'estimate':>9} {'floor':>7} {'error':>8} {'seconds':>8}")
    for name, truth, estimate, floor, seconds in rows(asked.case, asked.n, asked.budget, asked.seed):
        print(f"{name:12} {truth:7.4f} {estimate:9.4f} {floor:7.4f} {estimate - truth:+8.4f} {seconds:8.1f}")


if __name__ == "__main__":
    main()
