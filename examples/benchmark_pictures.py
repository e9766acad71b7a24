"""What does an audit of pictures cost, beside the features that everybody waits for anyway?

    python examples/benchmark_pictures.py
    python examples/benchmark_pictures.py --n 1000 --sizes 28 64 128 256

Colour pictures of dead leaves, sharp ones against ones blurred by .6 pixel, the same difference at every size. Beside
each audit stands a network of the size of Inception v3, which FID asks for its features: 5.7e9 multiplications a
picture of 299 x 299 pixels, whatever size the picture had. Its weights are random, for what they are does not change
the time. It sees some of the same pictures (``--shown``), and its seconds are those that all of them would take. Both
run on one thread, each in a process of its own; seconds are the processor's without drawing the pictures, memory is the
peak of the process, pictures and libraries in it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.functional import interpolate

import ganprobe
from ganprobe.known import dead_leaves

BLUR = 0.6
SIDE = 299
# Of 3 x 3: channels in and out, stride.
LAYERS = (
    (3, 32, 2), (32, 32, 1), (32, 64, 1), (64, 128, 2), (128, 144, 1), (144, 256, 2), (256, 320, 1), (320, 512, 2),
    (512, 512, 1), (512, 768, 2), (768, 640, 1),
)  # fmt: skip
HEAD = "pixels       JS  audit, s  network, s  times   audit, GB  network, GB"
ROW = "{:>6}  {:>7.3f}  {:>8.1f}  {:>10.1f}  {:>5.2f}  {:>10.2f}  {:>11.2f}"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a piece of work answered, its processor seconds, and the peak of its process in GB."""

    answer: float
    seconds: float
    peak: float


def audited(real: np.ndarray, fake: np.ndarray, budget: str) -> float:
    """JS in nats, as an audit demonstrates it."""
    found = ganprobe.between(fake, real, budget=budget, threads=1, device="cpu").measurements.js
    return 0.0 if found is None else found.nats


def looked_at(real: np.ndarray, fake: np.ndarray, shown: int) -> float:
    """The share of the pictures whose features were computed."""
    torch.manual_seed(0)
    layers = [
        nn.Sequential(nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU())
        for a, b, stride in LAYERS
    ]
    net = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(LAYERS[-1][1], 2_048)).eval()
    pictures = torch.from_numpy(np.concatenate((real, fake)))[:shown]
    with torch.no_grad():
        for batch in pictures.split(16):
            net(interpolate(batch.float() / 255, (SIDE, SIDE), mode="bilinear", antialias=True))
    return len(pictures) / (len(real) + len(fake))


def measured(work: Callable[..., float], n: int, size: int, setting: str | int) -> Cost:
    """The cost of ``work`` on ``n`` pictures of each side."""
    torch.set_num_threads(1)
    real, fake = dead_leaves.pair(n, size, 0, dead_leaves.blur(BLUR))
    start = time.process_time()
    answer = work(real, fake, setting)
    seconds = time.process_time() - start
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Cost(answer, seconds, kilobytes / 1e6)


def alone(work: Callable[..., float], n: int, size: int, setting: str | int) -> Cost:
    """`measured` in a new process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(measured, work, n, size, setting).result()


def main() -> None:
    """Print a row a size."""
    parser = argparse.ArgumentParser(description="Seconds, memory and JS of audits of pictures, beside a network's.")
    parser.add_argument("--n", type=int, default=300, help="pictures of each side (default: 300)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[28, 64], help="pixels a side (default: 28 64)")
    parser.add_argument("--budget", choices=("fast", "standard", "thorough"), default="fast")
    parser.add_argument("--shown", type=int, default=48, help="pictures that the network sees (default: 48)")
    asked = parser.parse_args()
    print(f"{asked.n} + {asked.n} pictures, {asked.budget}, one thread")
    print(HEAD)
    for size in asked.sizes:
        audit = alone(audited, asked.n, size, asked.budget)
        network = alone(looked_at, asked.n, size, asked.shown)
        whole = network.seconds / network.answer
        costs = audit.answer, audit.seconds, whole, audit.seconds / whole, audit.peak, network.peak
        print(ROW.format(size, *costs), flush=True)


if __name__ == "__main__":
    main()
