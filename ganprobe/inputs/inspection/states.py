"""The state dicts of a file: which of them would be taken, and what their names say that they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ganprobe.errors import InputError
from ganprobe.inputs import files
from ganprobe.inputs.checkpoints import Content
from ganprobe.inputs.described import TensorInfo, cut
from ganprobe.inputs.inspection.layers import Layer, critic
from ganprobe.inputs.inspection.records import State
from ganprobe.inputs.weights import DISCRIMINATOR, GENERATOR, Weights, find, parts_of, rank

_BUFFERS = ("running_mean", "running_var", "num_batches_tracked")


@dataclass(frozen=True, slots=True)
class Candidates:
    """All state dicts, the best-named one, and the paths of those that are named as well as it is."""

    all: tuple[Weights, ...]
    best: Weights | None
    tied: tuple[str, ...]


def candidates(path: Path, content: Content) -> Candidates:
    """Each state dict reduced to the generator in it; `InputError` where a file has none, and nothing else to show."""
    try:
        states = find(path, content.structure, TensorInfo)
    except InputError:
        states = []
        if not content.calls:
            raise
    taken = tuple(_generator_part(whole) for whole in states)
    best = min(taken, key=rank) if taken else None
    return Candidates(taken, best, tuple(w.path for w in taken if best is not None and rank(w) == rank(best)))


def _generator_part(whole: Weights) -> Weights:
    """Within a state dict: the part under a wrapper's or a generator's prefix, where there is one."""
    parts = [part for part in parts_of(whole) if part.prefix]
    for part in sorted(parts, key=lambda p: -len(p.prefix)):
        words = replace(part, key="").words
        wrapper = not words and len(part.tensors) == len(whole.tensors)
        if wrapper or (words & GENERATOR and not words & DISCRIMINATOR and part.prefix.count(".") <= 1):
            return part
    return whole


def state(weights: Weights) -> State:
    """One of them as the inspection says it."""
    counts = Counter(info.dtype for info in weights.tensors.values())
    what = ["averaged"] if weights.averaged else []
    if weights.words & GENERATOR:
        what.append("generator")
    elif weights.words & DISCRIMINATOR:
        what.append("discriminator")
    return State(
        cut(weights.key, 200),
        cut(weights.prefix, 200),
        len(weights.tensors),
        sum(info.count for name, info in weights.tensors.items() if not name.endswith(_BUFFERS)),
        tuple(counts),
        ", ".join(what),
    )


def remarks(found: Candidates, layers: list[Layer]) -> Iterator[str]:
    """What to know before the best of them is loaded, made of these ``layers``."""
    best = found.best
    if best is None:
        yield "no tensors are in it"
        return
    if (why := critic(layers)) is not None:
        yield f"a critic, by its layers, and no generator: {why}"
    elif best.words & DISCRIMINATOR and not best.words & GENERATOR:
        yield "no generator, by its name: a discriminator or an encoder"
    if len(found.tied) > 1:
        yield f"{len(found.tied)} state dicts may be meant; the class decides, or --key"
    if best.averaged:
        yield "averaged (EMA) weights come first; --ema off takes the raw ones"
    if any(layer.kind == "norm" for layer in layers):
        yield "BatchNorm's eps is not in the file: the class says it"
    short = [name for name, info in best.tensors.items() if info.stored is not None and info.claimed > info.stored]
    if short:
        yield f"{files.named(short)} claims more numbers than the file holds: loading refuses it"
    yield "the law of the latent is not in the file: normal unless --z-dist says otherwise"
