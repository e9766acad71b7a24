"""Audits from inside a training loop: JS, its floor and the reals reached, over the steps; then the best step.

    python examples/probe_in_training.py [--steps 600] [--every 200]

A small GAN learns a ring of eight Gaussians. Every so many steps `ganprobe.probe` measures a copy of the generator on
the same reals with the same latents, so that the audits can be compared in pairs. Scalars go to TensorBoard (folder
``runs``) where it is installed, and to the screen.
"""

from __future__ import annotations

import argparse
import math

import torch
from torch import Tensor, nn

import ganprobe

try:
    from torch.utils.tensorboard import SummaryWriter
except ImportError:
    SummaryWriter = None


def ring(n: int) -> Tensor:
    """``[n, 2]``: eight Gaussians of width .1 on a circle of radius 2."""
    angle = torch.randint(8, (n,)) * (2 * math.pi / 8)
    return 2 * torch.stack((angle.cos(), angle.sin()), 1) + 0.1 * torch.randn(n, 2)


def perceptron(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, 128), nn.LeakyReLU(0.2), nn.Linear(128, 128), nn.LeakyReLU(0.2), nn.Linear(128, outputs)
    )


def train(generator: nn.Module, discriminator: nn.Module, steps: int) -> None:
    """Non-saturating loss, ``steps`` steps of each."""
    adam_g = torch.optim.Adam(generator.parameters(), 1e-3, (0.5, 0.99))
    adam_d = torch.optim.Adam(discriminator.parameters(), 1e-3, (0.5, 0.99))
    for _ in range(steps):
        fake = generator(torch.randn(256, 2))
        loss = nn.functional.softplus(-discriminator(ring(256))).mean()
        loss = loss + nn.functional.softplus(discriminator(fake.detach())).mean()
        adam_d.zero_grad()
        loss.backward()
        adam_d.step()
        loss = nn.functional.softplus(-discriminator(fake)).mean()
        adam_g.zero_grad()
        loss.backward()
        adam_g.step()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--every", type=int, default=200)
    parser.add_argument("--probe", action="append", default=[], help="only this probe; repeatable")
    chosen = parser.parse_args()
    torch.manual_seed(0)
    reals, generator, discriminator = ring(2_000), perceptron(2, 2), perceptron(2, 1)
    writer = SummaryWriter("runs") if SummaryWriter else None
    audits = []
    for step in range(chosen.every, chosen.steps + 1, chosen.every):
        train(generator, discriminator, chosen.every)
        audit = ganprobe.probe(generator, reals, step=step, z_dim=2, probes=tuple(chosen.probe))
        audits.append(audit)
        js, reached = audit.measurements.js, min(audit.measurements.support.real_covered, 1)
        print(f"step {step}: JS >= {js.floor:.3f}, estimate {js.nats:.3f}, reals reached {reached:.0%}")
        if writer:
            for name, value in (("floor", js.floor), ("estimate", js.nats), ("reached", reached)):
                writer.add_scalar(f"ganprobe/{name}", value, step)
    history = ganprobe.compare(audits)
    print(f"best: step {history.record.best.step}, {history.record.best.reason}")


if __name__ == "__main__":
    main()
