"""What `ganprobe.watch` costs a training between its audits: 200 steps with it and 200 without, in pairs.

    python examples/benchmark_hook.py [--pairs 30] [--steps 200]

Both halves of a pair train alike, from the same weights, and take turns in being the first. The share printed is the
median over pairs of processor seconds, with the 95 % interval of that median by the binomial law. On a busy machine
that interval is wide, so beside it stands what the calls of the hook take, as a share of their training.
"""

from __future__ import annotations

import argparse
import math
import time
from statistics import median

import torch
from probe_in_training import perceptron, ring
from torch.nn.functional import softplus

import ganprobe


def descend(adam: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    adam.zero_grad()
    torch.autograd.backward(loss)
    adam.step()


def seconds(steps: int, hook: bool) -> tuple[float, float]:
    """Of one training, and of the calls in it; batches of 64 rows of two columns: as short as steps are anywhere."""
    torch.manual_seed(0)
    generator, discriminator = perceptron(2, 2), perceptron(2, 1)
    adams = [torch.optim.Adam(net.parameters(), 1e-3) for net in (generator, discriminator)]
    watching = ganprobe.watch(generator, ring(2_000), every=steps + 1) if hook else None
    start, calls = time.process_time(), 0.0
    for step in range(1, steps + 1):
        fake = generator(torch.randn(64, 2))
        loss = softplus(-discriminator(ring(64))).mean() + softplus(discriminator(fake.detach())).mean()
        descend(adams[1], loss)
        descend(adams[0], softplus(-discriminator(fake)).mean())
        if watching is not None:
            called = time.perf_counter()
            watching(step)
            calls += time.perf_counter() - called
    return time.process_time() - start, calls


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--steps", type=int, default=200)
    given = parser.parse_args()
    torch.set_num_threads(1)
    seconds(given.steps, True)
    more, shares = [], []
    for pair in range(given.pairs):
        took = {hook: seconds(given.steps, hook) for hook in (pair % 2 == 0, pair % 2 == 1)}
        more.append(took[True][0] / took[False][0] - 1)
        shares.append(took[True][1] / took[True][0])
    more.sort()
    out = max(0, math.floor(given.pairs / 2 - 0.98 * math.sqrt(given.pairs)))
    low, high = more[out], more[-1 - out]
    shown = f"{median(more):+.2%} ({low:+.2%} to {high:+.2%}), {given.pairs} pairs"
    print(f"{given.steps} steps with the hook take {shown}; its calls {median(shares):.3%} of them")


if __name__ == "__main__":
    main()
