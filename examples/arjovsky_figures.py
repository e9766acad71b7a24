"""Two GANs trained on digits, and the figures that made people look for another loss.

    python examples/arjovsky_figures.py [--mnist t10k-images-idx3-ubyte.gz] [--network mlp conv] [--folder figures]

Trains a multilayer perceptron and a DCGAN-like generator (the non-saturating loss, nothing added) and audits each at
1/25, 2/5 and all of its training, which for 10,000 digits are epochs 1, 10 and 25. It prints the numbers and draws

    wgan_4       Arjovsky, Chintala and Bottou (2017), figure 4: what the GAN's own discriminator says of JS while it
                 trains, L / 2 + log 2 on the batches that it trains on; beside it what fresh probes demonstrate on
                 held-out samples, a lower bound of JS, and a 1-Lipschitz critic of Wasserstein's distance
    arjovsky_2   Arjovsky and Bottou (2017), figure 2: the generator's gradient of log(1 - D), by steps of a fresh D
    arjovsky_3   their figure 3: the gradient of -log D

Without --mnist the digits are the small ones that come with scikit-learn. The GANs are judged by what they were trained
on: these are bounds about those digits.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn.functional import softplus

import ganprobe
from ganprobe.record.gradients import GradientRecord

Z_DIM = 64
BATCH = 64
RATE = 2e-4
COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377")


class Perceptron(nn.Module):
    """``[n, 64]`` to square pictures ``[n, 1, side, side]`` in [-1, 1]."""

    def __init__(self, side: int, z_dim: int = 64) -> None:
        super().__init__()
        self.side = side
        hidden = (nn.Linear(z_dim, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU())
        self.layers = nn.Sequential(*hidden, nn.Linear(256, side * side), nn.Tanh())

    def forward(self, z: Tensor) -> Tensor:
        """``z``: ``[n, z_dim]``."""
        pictures: Tensor = self.layers(z).reshape(-1, 1, self.side, self.side)
        return pictures


class Convolutional(nn.Module):
    """The same by transposed convolutions, from a quarter of the side."""

    def __init__(self, side: int, z_dim: int = 64, width: int = 32) -> None:
        super().__init__()
        self.shape = (2 * width, side // 4, side // 4)
        self.first = nn.Linear(z_dim, math.prod(self.shape))
        self.layers = nn.Sequential(
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, width, 4, 2, 1),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.ConvTranspose2d(width, 1, 4, 2, 1),
            nn.Tanh(),
        )

    def forward(self, z: Tensor) -> Tensor:
        """``z``: ``[n, z_dim]``."""
        pictures: Tensor = self.layers(self.first(z).reshape(-1, *self.shape))
        return pictures


NETWORKS = {"mlp": Perceptron, "conv": Convolutional}


def discriminator(network: str, side: int) -> nn.Module:
    if network == "mlp":
        hidden = [nn.Flatten(), nn.Linear(side * side, 256), nn.LeakyReLU(0.2), nn.Linear(256, 256), nn.LeakyReLU(0.2)]
        return nn.Sequential(*hidden, nn.Linear(256, 1))
    blocks = [nn.Conv2d(1, 32, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(32, 64, 4, 2, 1), nn.LeakyReLU(0.2)]
    return nn.Sequential(*blocks, nn.Flatten(), nn.Linear(64 * (side // 4) ** 2, 1))


@dataclass(frozen=True)
class Trained:
    """Steps that were saved, what D said of JS at each step, and the audited gradients at each saved step."""

    saved: list[int]
    own_js: list[float]
    gradients: list[GradientRecord]


def train(
    network: str,
    pictures: Tensor,
    steps: int,
    marks: list[int],
    folder: Path,
    rates: Callable[[int], tuple[float, float]] = lambda step: (RATE, RATE),
) -> list[float]:
    """Train on ``[n, 1, side, side]`` in [-1, 1] and save a checkpoint at each mark; log 2 + L / 2 at each step.

    ``rates``: how fast the generator and D learn at a step.
    """
    torch.manual_seed(0)
    side = pictures.shape[-1]
    generator, judge = NETWORKS[network](side), discriminator(network, side)
    adams = [torch.optim.Adam(net.parameters(), betas=(0.5, 0.999)) for net in (generator, judge)]
    estimates = []
    for step in range(1, steps + 1):
        for adam, rate in zip(adams, rates(step), strict=True):
            adam.param_groups[0]["lr"] = rate
        real = pictures[torch.randint(len(pictures), (BATCH,))]
        fake = generator(torch.randn(BATCH, Z_DIM))
        loss = softplus(-judge(real)).mean() + softplus(judge(fake.detach())).mean()
        estimates.append(math.log(2) - float(loss.detach()) / 2)
        adams[1].zero_grad()
        torch.autograd.backward(loss)
        adams[1].step()
        adams[0].zero_grad()
        torch.autograd.backward(softplus(-judge(fake)).mean())
        adams[0].step()
        if step in marks:
            torch.save({"generator": generator.state_dict(), "step": step}, folder / f"{network}_{step:05d}.pt")
    return estimates


def digits(mnist: Path | None, folder: Path) -> Tensor:
    """The digits as ``[n, 1, side, side]`` in [-1, 1]; as bytes they are saved in ``folder``."""
    if mnist:
        from ganprobe.inputs import datasets

        found = datasets.load(mnist, datasets.DataOptions()).values.astype(np.uint8)
    else:
        found = (load_digits().images * 15).astype(np.uint8)[:, None]
    np.save(folder / "digits.npy", found)
    return torch.from_numpy(found.astype(np.float32) / 127.5 - 1)


def audited(network: str, step: int, side: int, folder: Path, budget: str) -> GradientRecord:
    plan = ganprobe.Plan(
        checkpoint=str(folder / f"{network}_{step:05d}.pt"),
        data=str(folder / "digits.npy"),
        model=f"{Path(__file__).resolve()}:{NETWORKS[network].__name__}",
        model_args={"side": side},
        z_dim=str(Z_DIM),
        budget=budget,  # type: ignore[arg-type]
        parts=("gradients",),
    )
    gradients = ganprobe.audit(plan).measurements.gradients
    assert gradients is not None, "a generator was given"
    return gradients


def smooth(values: list[float], window: int) -> list[float]:
    """Running medians, as in the paper."""
    return [float(np.median(values[max(0, i - window + 1) : i + 1])) for i in range(len(values))]


def report(network: str, run: Trained) -> None:
    print(f"\n{network}: JS, nats; log 2 = {math.log(2):.4f}")
    print(f"{'step':>8} {'its own D':>10} {'held out':>10} {'W1':>8} {'kept':>9}  {'alive from sigma':16}  gradient")
    own = smooth(run.own_js, 100)
    for step, g in zip(run.saved, run.gradients, strict=True):
        at = g.steps.index(g.judged_step)
        fate = "vanishes" if g.vanishing else "stays"
        numbers = f"{own[step - 1]:10.4f} {g.js_curve[at]:10.4f} {g.critic_distance_curve[-1]:8.3f} {g.retention:9.2g}"
        print(f"{step:8} {numbers}  {'-' if g.alive_sigma is None else g.alive_sigma:<16}  {fate}")
    for name in ("saturating", "non_saturating"):
        print(f"\n{network}: {name.replace('_', '-')} gradient by steps of a fresh D (columns: steps of the GAN)")
        for i, probed in enumerate(run.gradients[0].steps):
            print(f"{probed:8} " + " ".join(f"{getattr(g, f'{name}_curve')[i]:10.3g}" for g in run.gradients))


def draw(path: Path, title: str, lines: dict[str, tuple[list[float], list[float]]], logarithmic: bool) -> None:
    """A plot of lines as SVG: ``x`` on a log scale, ``y`` too where ``logarithmic``."""
    width, height, margin = 640, 400, 60
    shown = {
        name: [(math.log10(x), math.log10(y) if logarithmic else y) for x, y in zip(*line, strict=True) if x > 0 < y]
        for name, line in lines.items()
    }
    points = [point for line in shown.values() for point in line]
    (left, right), (low, high) = ((min(axis), max(axis)) for axis in zip(*points, strict=True))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - left) / ((right - left) or 1) * (width - 2 * margin)
        up = (y - low) / ((high - low) or 1) * (height - 2 * margin)
        return margin + across, height - margin - up

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="12"><title>{title}</title><rect width="{width}" height="{height}" fill="white"/>'
        f'<text x="{margin}" y="24" font-size="15">{title}</text>',
        f'<path d="M{margin} {margin}V{height - margin}H{width - margin}" fill="none" stroke="black"/>',
    ]
    for share in (0.0, 0.5, 1.0):
        x, y = left + share * (right - left), low + share * (high - low)
        across, up = place(x, y)
        value = 10**y if logarithmic else y
        parts.append(f'<text x="{across}" y="{height - margin + 18}" text-anchor="middle">{10**x:.3g}</text>')
        parts.append(f'<text x="{margin - 6}" y="{up + 4}" text-anchor="end">{value:.3g}</text>')
    for i, (name, line) in enumerate(shown.items()):
        path_data = "M" + "L".join(f"{across:.1f} {up:.1f}" for across, up in (place(*point) for point in line))
        colour = COLOURS[i % len(COLOURS)]
        parts.append(f'<path d="{path_data}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(f'<text x="{width - margin + 4 - 150}" y="{44 + 15 * i}" fill="{colour}">{name}</text>')
    path.write_text("\n".join([*parts, "</svg>\n"]), encoding="utf-8")


def figures(runs: dict[str, Trained], folder: Path) -> None:
    lines = {}
    for network, run in runs.items():
        steps = [float(step) for step in range(1, len(run.own_js) + 1)]
        lines[f"{network}: its own D"] = (steps, smooth(run.own_js, 100))
        held_out = [g.js_curve[g.steps.index(g.judged_step)] for g in run.gradients]
        lines[f"{network}: fresh, held out"] = ([float(step) for step in run.saved], held_out)
    draw(folder / "wgan_4.svg", "JS by steps of the GAN: nats, lower bounds", lines, logarithmic=False)
    for number, name in ((2, "saturating"), (3, "non_saturating")):
        lines = {}
        for network, run in runs.items():
            for step, g in zip(run.saved, run.gradients, strict=True):
                steps = [float(probed) for probed in g.steps]
                lines[f"{network} at step {step}"] = (steps, [*getattr(g, f"{name}_curve")])
        title = f"Norm of the {name.replace('_', '-')} gradient by steps of D"
        draw(folder / f"arjovsky_{number}.svg", title, lines, logarithmic=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Figures of Arjovsky et al. (2017) on GANs trained here.")
    parser.add_argument("--mnist", type=Path, help="MNIST's test pictures as idx or idx.gz")
    parser.add_argument("--network", nargs="+", choices=[*NETWORKS], default=[*NETWORKS])
    parser.add_argument("--steps", type=int, default=3_925, help="of the GAN: 25 epochs of 10,000 digits")
    parser.add_argument("--budget", choices=("fast", "standard", "thorough"), default="thorough")
    parser.add_argument("--folder", type=Path, default=Path("figures"))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)

    pictures = digits(given.mnist, given.folder)
    marks = sorted({max(1, round(share * given.steps)) for share in (0.04, 0.4, 1)})

    runs = {}
    for network in given.network:
        estimates = train(network, pictures, given.steps, marks, given.folder)
        found = [audited(network, step, pictures.shape[-1], given.folder, given.budget) for step in marks]
        runs[network] = Trained(marks, estimates, found)
        report(network, runs[network])
    figures(runs, given.folder)
    print(f"\n{given.folder} holds wgan_4.svg, arjovsky_2.svg and arjovsky_3.svg")


if __name__ == "__main__":
    main()
