"""The same audit on the processor and on a GPU: how far the numbers part, and how long each stage takes.

    python examples/benchmark_gpu.py [--n 4000] [--budget fast]

Two cases: a Gaussian shift in ten dimensions, and pictures of a small untrained convolutional generator against
pictures of another one. Both sides of a case are the same on either device; a generator draws on the device that it is
on, so its fakes are drawn once and given as samples. Without a GPU there is nothing to compare, and that is said.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import nn

import ganprobe
from ganprobe.plan import Plan
from ganprobe.record.audit import Audit

PARTS = ("optimality", "kde", "support", "smoothing")


def pictures(n: int, seed: int, sharpness: float) -> np.ndarray:
    """``[n, 28, 28]`` bytes: smooth blobs, brighter or darker."""
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.ConvTranspose2d(16, 32, 7), nn.ReLU(), nn.ConvTranspose2d(32, 16, 4, 2, 1), nn.ReLU(),
        nn.ConvTranspose2d(16, 1, 4, 2, 1),
    )  # fmt: skip
    with torch.no_grad():
        latent = torch.randn(n, 16, 1, 1, generator=torch.Generator().manual_seed(seed))
        drawn = torch.sigmoid(sharpness * net(latent) / 0.05)[:, 0].numpy()
    return np.rint(255 * drawn).astype(np.uint8)


def audited(folder: Path, real: np.ndarray, fake: np.ndarray, device: str, budget: str) -> Audit:
    """The audit of both sides on ``device``."""
    np.save(folder / "real.npy", real)
    np.save(folder / "fake.npy", fake)
    paths = str(folder / "fake.npy"), str(folder / "real.npy")
    return ganprobe.audit(Plan(*paths, budget=budget, device=device, threads=1, parts=PARTS))  # type: ignore[arg-type]


def show(name: str, cpu: Audit, gpu: Audit) -> None:
    """A line for each number and each stage."""
    for one, other in zip(cpu.measurements.probes, gpu.measurements.probes, strict=True):
        print(f"{name:9} JS {one.name:13} {one.js:9.5f} {other.js:9.5f} {abs(one.js - other.js):9.1e}")
    seconds = {stage.name: stage.seconds for stage in gpu.stages}
    for stage in cpu.stages:
        print(f"{name:9} s  {stage.name:20} {stage.seconds:7.1f} {seconds.get(stage.name, 0):7.1f}")


def main() -> None:
    """Both cases on both devices."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=4_000)
    parser.add_argument("--budget", choices=("fast", "standard", "thorough"), default="fast")
    asked = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("there is no GPU here, and so nothing to compare")
    rng = np.random.default_rng(0)
    shift = rng.standard_normal((2, asked.n, 10)).astype(np.float32)
    shift[1, :, 0] += 1
    cases = {
        "shift": (shift[0], shift[1]),
        "pictures": (pictures(asked.n // 2, 1, 1.0), pictures(asked.n // 2, 2, 1.15)),
    }
    print(f"{torch.cuda.get_device_name()}: processor, GPU, difference")
    with tempfile.TemporaryDirectory() as folder:
        for name, (real, fake) in cases.items():
            cpu, gpu = (audited(Path(folder), real, fake, device, asked.budget) for device in ("cpu", "cuda"))
            show(name, cpu, gpu)


if __name__ == "__main__":
    main()
