"""Which of a file's state dicts are the model's: what fits it by names and shapes, by its rank among what fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from ganprobe.errors import InputError, UsageError
from ganprobe.family import did_you_mean
from ganprobe.inputs.described import cut
from ganprobe.inputs.spellings import respelled
from ganprobe.inputs.weights import Tensors, Weights, parts_of, rank

Shapes = Mapping[str, "torch.Size | None"]


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """The ``weights`` under the model's names, what to ``say`` of them, and what makes them ``doubtful``."""

    weights: Weights
    say: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


def choose(
    path: Path, found: list[Weights], model: nn.Module, key: str | None, ema: Literal["auto", "on", "off"]
) -> Chosen:
    """The best-named weights that fit ``model`` exactly, under its names; averaged ones before raw ones.

    Raises `UsageError` for a ``key`` that is not there, `InputError` where nothing fits, where nothing is averaged
    though ``ema`` is on, or where several fit equally well.
    """
    parts = [part for whole in found for part in parts_of(whole)]
    candidates = [w for w in parts if key is None or w.path == key or w.path.startswith(f"{key}.")]
    if not candidates:
        known = [cut(w.key) or "(the file itself)" for w in found]
        raise UsageError(f"{path}: has no state dict under {key!r}", did_you_mean(str(key), known))
    asked = [w for w in candidates if key is not None or ema == "auto" or w.averaged == (ema == "on")]
    if not asked:
        which = "averaged (EMA) weights" if ema == "on" else "weights other than averaged (EMA) ones"
        raise InputError(f"{path}: holds no {which}", "leave --ema out, or name them with --key")
    wanted = _shapes(model)
    fitting = [*_fitting(asked, model, wanted, [w for w in parts if not w.averaged and not w.listed])]
    if not fitting:
        misfit = _misfit(_closest(asked, wanted).tensors, wanted)
        raise InputError(f"{path}: the weights do not fit the model: {misfit}", _misfit_hint(found))
    best = min(rank(chosen.weights) for chosen in fitting)
    finalists = [chosen for chosen in fitting if rank(chosen.weights) == best]
    if len(finalists) > 1:
        names = ", ".join(cut(chosen.weights.path) or "(the file itself)" for chosen in finalists)
        raise InputError(f"{path}: several state dicts fit the model ({names})", "name one with --key")
    chosen = finalists[0]
    _require_sound(path, chosen.weights.tensors)
    return chosen if key is not None else _beside_averages(chosen, candidates, wanted, ema)


def _fitting(asked: list[Weights], model: nn.Module, wanted: Shapes, raw: list[Weights]) -> Iterator[Chosen]:
    """Those that fit: by names, by position where they are a list, averages with buffers of ``raw`` ones."""
    named = [w for w in asked if not w.listed]
    yield from _distinct([chosen for w in named for chosen in _under_names(w, wanted)])
    for weights in asked:
        yield from (_by_order if weights.listed else _averages)(weights, model, wanted, raw)


def _beside_averages(chosen: Chosen, candidates: list[Weights], wanted: Shapes, ema: str) -> Chosen:
    """The same, saying that it is raw where averaged weights as large as the model's are in the file too."""
    averaged = [w for w in candidates if w.averaged and 2 * len(w.tensors) > len(wanted)]
    if chosen.weights.averaged or not averaged:
        return chosen
    other = _closest(averaged, wanted)
    if ema == "off":
        return replace(chosen, say=(*chosen.say, f"raw weights, as asked for; {cut(other.path)} are averaged ones"))
    said = f"raw weights: the averaged ones, {cut(other.path)}, do not fit the model ({_misfit(other.tensors, wanted)})"
    return replace(chosen, doubtful=(*chosen.doubtful, said))


def _shapes(model: nn.Module) -> Shapes:
    """By name; None for what takes any shape, because it has none yet."""
    held = {name: t for name, t in model.state_dict().items() if isinstance(t, torch.Tensor)}
    return {name: None if is_lazy(tensor) else tensor.shape for name, tensor in held.items()}


def _under_names(weights: Weights, wanted: Shapes) -> Iterator[Chosen]:
    """The weights where they fit, by their own names or, if not, by other spellings of these."""
    if not _misfit(weights.tensors, wanted):
        yield Chosen(weights)
    elif len(weights.tensors) >= sum(not _ignored(name) for name in wanted):
        tensors = respelled(weights.tensors, wanted)
        if not _misfit(tensors, wanted):
            old = next(name for name in weights.tensors if name not in tensors)
            yield Chosen(
                replace(weights, tensors=tensors), (f"names as the model spells them ({cut(old)} in the file)",)
            )


def _by_order(weights: Weights, model: nn.Module, wanted: Shapes, raw: list[Weights]) -> Iterator[Chosen]:
    """A list where it fits the model's parameters, all or those that are trained, one after the other.

    What is no parameter comes from ``raw`` weights that fit, else it is as the class has it.
    """
    parameters = dict(model.named_parameters())
    for names in ([*parameters], [name for name, p in parameters.items() if p.requires_grad]):
        tensors = dict(zip(names, weights.tensors.values(), strict=False))
        if len(names) == len(weights.tensors) and all(wanted[n] in (None, tensors[n].shape) for n in names):
            said = "matched to the parameters by order and shape"
            yield _completed(replace(weights, tensors=tensors), model, wanted, raw, said)
            return


def _averages(weights: Weights, model: nn.Module, wanted: Shapes, raw: list[Weights]) -> Iterator[Chosen]:
    """Averaged weights that fit but for what is no parameter, which averagers leave out."""
    lacking = [name for name in wanted if name not in weights.tensors and not _ignored(name)]
    if weights.averaged and lacking and not {*lacking} & {name for name, _ in model.named_parameters()}:
        rest = {name: shape for name, shape in wanted.items() if name not in lacking}
        if not _misfit(weights.tensors, rest):
            yield _completed(weights, model, wanted, raw, "averaged parameters")


def _completed(weights: Weights, model: nn.Module, wanted: Shapes, raw: list[Weights], said: str) -> Chosen:
    """With what is no parameter taken from ``raw`` weights that fit, else as the class has it."""
    rest = [name for name in wanted if name not in weights.tensors]
    source = next((chosen.weights for w in raw for chosen in _under_names(w, wanted)), None)
    others = model.state_dict() if source is None else source.tensors
    lacking = [cut(name) for name in rest if not _ignored(name)]
    where = "as the class has it" if source is None else f"from {cut(source.path) or 'the file itself'}"
    doubt = (f"only parameters are averaged; {lacking[0]} is {where}",) if lacking and source is None else ()
    say = [said, *([f"what is no parameter ({lacking[0]}) {where}"] if lacking and source is not None else [])]
    held = {name: others[name] for name in rest if name in others}
    return Chosen(replace(weights, tensors={**weights.tensors, **held}), tuple(say), doubt)


def _distinct(fitting: list[Chosen]) -> list[Chosen]:
    """The same tensors once, though a part and the whole of a state dict may both fit."""
    found: dict[frozenset[int], Chosen] = {}
    for chosen in sorted(fitting, key=lambda c: len(c.say)):
        found.setdefault(frozenset(map(id, chosen.weights.tensors.values())), chosen)
    return [*found.values()]


def _closest(candidates: list[Weights], wanted: Shapes) -> Weights:
    return min(candidates, key=lambda w: (-len(w.tensors.keys() & wanted.keys()), len(w.prefix), rank(w)))


def _ignored(name: str) -> bool:
    """BatchNorm's counter, which old files lack and sampling does not read."""
    return name.endswith("num_batches_tracked")


def describe(found: list[Weights]) -> str:
    """The first tensors of the best-named state dict, as ``name [shape]``."""
    tensors = min(found, key=lambda w: (rank(w), -len(w.tensors))).tensors
    listed = ", ".join(f"{cut(name)} {list(tensor.shape)}" for name, tensor in list(tensors.items())[:4])
    return listed + (f", ... ({len(tensors)} in all)" if len(tensors) > 4 else "")


def _misfit(tensors: Tensors, wanted: Shapes) -> str:
    """What is wrong, in words; empty where all fits."""
    missing = [name for name in wanted if name not in tensors and not _ignored(name)]
    unexpected = [name for name in tensors if name not in wanted]
    given = {name: (tensors[name].shape, shape) for name, shape in wanted.items() if name in tensors}
    shapes = [
        f"{cut(name)} {list(one)} in the file, {list(other)} in the model"
        for name, (one, other) in given.items()
        if other is not None and one != other
    ]
    parts = [(missing, "missing"), (unexpected, "unexpected"), (shapes, "of another shape")]
    return "; ".join(
        f"{len(names)} {what} ({', '.join(cut(n, 160) for n in names[:3])}{', ...' * (len(names) > 3)})"
        for names, what in parts
        if names
    )


def _misfit_hint(found: list[Weights]) -> str:
    keys = [cut(w.key) for w in found if w.key]
    other = f", or another --key ({', '.join(keys[:5])})" if len(keys) > 1 else ""
    return f"another class or other --model-args{other}"


def _require_sound(path: Path, tensors: Tensors) -> None:
    """Dense, real, backed by as many bytes as they claim, and finite."""
    for whole, tensor in tensors.items():
        name = cut(whole)
        claimed = tensor.numel() * tensor.element_size()
        if tensor.layout != torch.strided or tensor.is_meta or tensor.is_complex() or tensor.is_quantized:
            raise InputError(f"{path}: tensor {name} is not an ordinary dense tensor of real numbers", "save it as one")
        if claimed > tensor.untyped_storage().nbytes():
            raise InputError(
                f"{path}: tensor {name} claims more numbers than the file holds; refused", "save tensor.clone()"
            )
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            count = int((~torch.isfinite(tensor)).sum())
            raise InputError(
                f"{path}: {count} weights of {name} are NaN or infinite", "training diverged: use an earlier checkpoint"
            )
