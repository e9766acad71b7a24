"""The fakes of a generator along the output path: those of large pictures part by part, kept as bytes.

As floats a few hundred pictures of 256 x 256 fill the memory that thousands need as bytes and sketches. What they are
as generated is seen of the first ones, which say where the output path leads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ganprobe.inputs.checkpoints._draw import Draw
from ganprobe.plan import Plan
from ganprobe.samples import pixels, sketch
from ganprobe.samples.sides import Array, Dataset, Generator, Stored
from ganprobe.views.output_path import OutputPath, plan_path

# Numbers held in all fakes together: with their copy in common units, 0.8 GB; of those that are kept as bytes 2 GB.
_MOST_NUMBERS = {False: 1e8, True: 2e9}
# Numbers in those of large pictures that are looked at as they are generated.
_FIRST = 2**24
# Multiplications that all fakes together may take, at 2e10 a second on a core: twenty seconds, two minutes, seven; but
# so many fakes are drawn whatever they take.
_WORK = {"fast": 4e11, "standard": 2.5e12, "thorough": 8e12}
_LEAST = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Fakes:
    """``raw``: the first ones at least, as generated; ``seen``: all of them along ``path``."""

    raw: Stored
    seen: Array
    path: OutputPath


def most(plan: Plan, data: Dataset, source: Generator) -> tuple[int, str]:
    """How many fakes a budget allows, and in words why no more, where it is the generator's work that says so."""
    large = sketch.is_large(data.kind, data.values.shape[1:])
    room = min(plan.num_fake or math.inf, _MOST_NUMBERS[large] / math.prod(source.shape))
    worked = max(_LEAST, _WORK[plan.budget] / source.work) if source.work else math.inf
    if room <= worked:
        return int(room), ""
    return int(worked), f"at most {int(worked)} fakes drawn: each takes {source.work:.1e} multiplications"


def fakes(plan: Plan, data: Dataset, source: Generator, n: int, n_fit: int, seed: int) -> Fakes:
    """``n`` fakes of ``source`` by ``seed``, of which the first ``n_fit`` are to be fitted on."""
    draw = source.draw
    if not sketch.is_large(data.kind, data.values.shape[1:]) or not isinstance(draw, Draw):
        raw = draw(n, seed)
        path = plan_path(data, raw[:n_fit], None, plan.range, plan.quantise, plan.axes)
        return Fakes(raw, path.fake(raw, quantise=True), path)
    first = slice(0, min(n_fit, max(2, _FIRST // math.prod(source.shape))))
    (raw,) = draw.parts(n, seed, [first])
    path = plan_path(data, raw, None, plan.range, plan.quantise, plan.axes)
    stored = draw.through(lambda part: _in_bytes(path.in_common_units(part)), repr(path), n, seed)
    return Fakes(raw, sketch.gathered(map(pixels.unit, stored), n, path.shape), path)


def _in_bytes(pictures: Array) -> Stored:
    """``pictures`` in [0, 1] in bytes where these say it all, else as they are."""
    levels = pixels.in_bytes(pictures)
    return levels if np.array_equal(pixels.unit(levels), pictures) else pictures
