"""Which tensors in a training file are the generator's.

Files hold a state dict bare, nested beside optimisers, or flat with both networks under prefixes; often in two
versions, raw and averaged (EMA). All are one question: of the dotted names in the file, which prefix leaves exactly the
names and shapes of the model? What fits is ranked by its name, averaged first, and the choice is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ganprobe.errors import InputError, UsageError
from ganprobe.family import did_you_mean

if TYPE_CHECKING:
    import torch
    from torch import nn

_MOST_NODES = 200_000
_MOST_DEPTH = 4
_MOST_PREFIX = 3
_EMA = {"ema", "gs", "averaged", "average", "shadow", "avg", "running"}
GENERATOR = {"g", "gen", "generator", "netg", "gnet", "modelg", "gs", "decoder", "gan"}
_GENERIC = {"state", "model", "params", "net", "network", "weights", "dict"}
DISCRIMINATOR = {"d", "disc", "discriminator", "netd", "dnet", "modeld", "critic", "encoder", "dis"}
# DataParallel and torch.compile add these.
WRAPPERS = {"module", "orig", "mod"}
_STEPS = (
    "step",
    "steps",
    "global_step",
    "iteration",
    "iterations",
    "iter",
    "it",
    "n_iter",
    "cur_nimg",
    "epoch",
    "epochs",
)

Tensors = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """One state dict of a file: ``key`` is its dotted path ("" for the file), ``prefix`` what its names begin with."""

    key: str
    prefix: str
    tensors: Tensors

    @property
    def path(self) -> str:
        """The key and the prefix as one dotted path, as ``--key`` takes it."""
        return ".".join(filter(None, (self.key, self.prefix.rstrip("."))))

    @property
    def words(self) -> set[str]:
        """The words of the path in lower case: ``netG_ema.stateDict`` -> netg, ema, state, dict."""
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", self.path)
        return {word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word} - WRAPPERS

    @property
    def averaged(self) -> bool:
        """Whether the name says that these are running averages of the weights."""
        return bool(self.words & _EMA)


def find(path: Path, content: Any, kind: type) -> list[Weights]:
    """All state dicts in what a file holds, in its order; without recursion, each object once.

    ``kind`` is what a tensor is an instance of: torch's, or a description of one.

    Raises `InputError` where there is none, or the structure is too large to be a checkpoint.
    """
    found: list[Weights] = []
    queue: list[tuple[str, Any, int]] = [("", content, 0)]
    seen: set[int] = set()
    for key, node, depth in queue:
        if not isinstance(node, Mapping) or id(node) in seen:
            continue
        seen.add(id(node))
        if {"state", "param_groups"} <= node.keys():
            continue
        if len(queue) + len(node) > _MOST_NODES:
            raise InputError(f"{path}: too large a structure for a checkpoint", "save model.state_dict() alone")
        tensors = {name: value for name, value in node.items() if isinstance(name, str) and isinstance(value, kind)}
        inner = [(name, value) for name, value in node.items() if isinstance(name, str) and isinstance(value, Mapping)]
        if tensors:
            found.append(Weights(key, "", tensors))
        if depth < _MOST_DEPTH:
            queue += [(f"{key}.{name}" if key else name, value, depth + 1) for name, value in inner]
    if not found:
        raise InputError(f"{path}: holds no state dict", "save model.state_dict() with torch.save")
    return found


def choose(
    path: Path, found: list[Weights], model: nn.Module, key: str | None, ema: Literal["auto", "on", "off"]
) -> tuple[Weights, str | None]:
    """The best-named weights that fit ``model`` exactly, without their prefix; and a note on what was passed over.

    Raises `UsageError` for a ``key`` that is not there, `InputError` where nothing fits, where nothing is averaged
    though ``ema`` is on, or where several fit equally well.
    """
    parts = [part for whole in found for part in parts_of(whole)]
    candidates = [w for w in parts if key is None or w.path == key or w.path.startswith(f"{key}.")]
    if not candidates:
        raise UsageError(
            f"{path}: has no state dict under {key!r}",
            did_you_mean(str(key), [w.key or "(the file itself)" for w in found]),
        )
    wanted = {name: tensor.shape for name, tensor in model.state_dict().items() if hasattr(tensor, "shape")}
    candidates = [w for w in candidates if key is not None or ema == "auto" or w.averaged == (ema == "on")]
    if not candidates:
        which = "averaged (EMA) weights" if ema == "on" else "weights other than averaged (EMA) ones"
        raise InputError(f"{path}: holds no {which}", "leave --ema out, or name them with --key")
    fitting = [w for w in candidates if not _misfit(w.tensors, wanted)]
    if not fitting:
        closest = min(candidates, key=lambda w: (-len(w.tensors.keys() & wanted.keys()), len(w.prefix), rank(w)))
        raise InputError(
            f"{path}: the weights do not fit the model: {_misfit(closest.tensors, wanted)}", _misfit_hint(found)
        )
    best = min(map(rank, fitting))
    finalists = [w for w in fitting if rank(w) == best]
    if len(finalists) > 1:
        names = ", ".join(w.path or "(the file itself)" for w in finalists)
        raise InputError(f"{path}: several state dicts fit the model ({names})", "name one with --key")
    chosen = finalists[0]
    passed_over = [w for w in candidates if rank(w) < best and w.averaged and not chosen.averaged]
    note = (
        f"{passed_over[0].path} does not fit the model ({_misfit(passed_over[0].tensors, wanted)})"
        if passed_over
        else None
    )
    _require_sound(path, chosen.tensors)
    return chosen, note


def describe(found: list[Weights]) -> str:
    """The first tensors of the best-named state dict, as ``name [shape]``."""
    tensors = min(found, key=lambda w: (rank(w), -len(w.tensors))).tensors
    listed = ", ".join(f"{name} {list(tensor.shape)}" for name, tensor in list(tensors.items())[:4])
    return listed + (f", ... ({len(tensors)} in all)" if len(tensors) > 4 else "")


def step_of(path: Path, content: Any) -> int | None:
    """The training step: what the file says, at its top or one level below, else the last number in its name."""
    nodes = [content, *content.values()] if isinstance(content, Mapping) else []
    for node in nodes:
        for name in _STEPS if isinstance(node, Mapping) else ():
            step = _integer(node.get(name))
            if step is not None:
                return step
    numbers = re.findall(r"(?:^|[^0-9A-Za-z.]|epoch|ep|step|iter|it)(\d{1,12})(?![0-9A-Za-z])", path.stem)
    return int(numbers[-1]) if numbers else None


def _integer(value: Any) -> int | None:
    """A number, numpy scalar, tensor of one number or text that is a whole number."""
    try:
        number = float(value)
    except (TypeError, ValueError, RuntimeError):
        return None
    return int(number) if number.is_integer() and not isinstance(value, bool) else None


def parts_of(whole: Weights) -> Iterator[Weights]:
    """The state dict as it is, then what it holds under each prefix of its names."""
    yield whole
    groups: dict[str, dict[str, Any]] = {}
    for name, tensor in whole.tensors.items():
        at = -1
        for _ in range(_MOST_PREFIX):
            at = name.find(".", at + 1)
            if at < 0:
                break
            groups.setdefault(name[: at + 1], {})[name[at + 1 :]] = tensor
    for prefix in sorted(groups):
        yield Weights(whole.key, prefix, groups[prefix])


def _split(tensors: Tensors, wanted: Mapping[str, torch.Size]) -> tuple[list[str], list[str], list[str]]:
    """Names missing, unexpected, of another shape. Old files lack BatchNorm's counter, which sampling ignores."""
    missing = [name for name in wanted if name not in tensors and not name.endswith("num_batches_tracked")]
    unexpected = [name for name in tensors if name not in wanted]
    reshaped = [name for name in wanted if name in tensors and tensors[name].shape != wanted[name]]
    return missing, unexpected, reshaped


def _misfit(tensors: Tensors, wanted: Mapping[str, torch.Size]) -> str:
    """What is wrong, in words; empty where all fits."""
    missing, unexpected, reshaped = _split(tensors, wanted)
    shapes = [f"{name} {list(tensors[name].shape)} in the file, {list(wanted[name])} in the model" for name in reshaped]
    parts = [(missing, "missing"), (unexpected, "unexpected"), (shapes, "of another shape")]
    return "; ".join(
        f"{len(names)} {what} ({', '.join(names[:3])}{', ...' * (len(names) > 3)})" for names, what in parts if names
    )


def _misfit_hint(found: list[Weights]) -> str:
    keys = [w.key for w in found if w.key]
    other = f", or another --key ({', '.join(keys[:5])})" if len(keys) > 1 else ""
    return f"another class or other --model-args{other}"


def rank(weights: Weights) -> tuple[int, int, int]:
    """Lower is better: not a discriminator, averaged, called a generator."""
    words = weights.words
    if words & DISCRIMINATOR and not words & GENERATOR:
        return 1, 0, 0
    return 0, 0 if weights.averaged else 1, 0 if words & GENERATOR else 1 if words & _GENERIC or not words else 2


def _require_sound(path: Path, tensors: Tensors) -> None:
    """Dense, real, backed by as many bytes as they claim, and finite."""
    import torch

    for name, tensor in tensors.items():
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
