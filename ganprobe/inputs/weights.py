"""Which tensors in a training file are the generator's.

Files hold a state dict bare, nested beside optimisers, or flat with both networks under prefixes; often in two
versions, raw and averaged (EMA). All are one question: of the dotted names in the file, which prefix leaves exactly the
names and shapes of the model? What fits is ranked by its name, averaged first, and the choice is reported. Averages are
often a plain list, in the order of the model's parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganprobe.errors import InputError

_MOST_NODES = 200_000
_MOST_DEPTH = 4
_MOST_PREFIX = 3
_EMA = {"ema", "gs", "averaged", "average", "shadow", "avg", "running", "swa"}
# Beside averaged weights, under their name: those that they are averages of.
_RAW = {"online", "collected", "current", "raw"}
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
    """One state dict of a file: ``key`` is its dotted path ("" for the file), ``prefix`` what its names begin with.

    ``counted``: beside it stands how many weights were averaged in it. The names of a list are its positions.
    """

    key: str
    prefix: str
    tensors: Tensors
    counted: bool = False

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
        """Whether the name, or a count beside them, says that these are running averages of the weights."""
        return (self.counted or bool(self.words & _EMA)) and not self.words & _RAW

    @property
    def listed(self) -> bool:
        """Whether these are a list, which has an order and no names."""
        return not self.prefix and [*self.tensors] == [str(i) for i in range(len(self.tensors))]


def find(path: Path, content: Any, kind: type) -> list[Weights]:
    """All state dicts in what a file holds, in its order; without recursion, each object once.

    ``kind`` is what a tensor is an instance of: torch's, or a description of one.

    Raises `InputError` where there is none, or the structure is too large to be a checkpoint.
    """
    found: list[Weights] = []
    queue: list[tuple[str, Any, int]] = [("", content, 0)]
    seen: set[int] = set()
    for key, node, depth in queue:
        if not isinstance(node, Mapping | list | tuple) or id(node) in seen:
            continue
        seen.add(id(node))
        node = as_table(node)
        if {"state", "param_groups"} <= node.keys():
            continue
        if len(queue) + len(node) > _MOST_NODES:
            raise InputError(f"{path}: too large a structure for a checkpoint", "save model.state_dict() alone")
        tensors = {name: value for name, value in node.items() if isinstance(name, str) and isinstance(value, kind)}
        held = (Mapping, list, tuple)
        inner = [(name, value) for name, value in node.items() if isinstance(name, str) and isinstance(value, held)]
        if tensors:
            found.append(Weights(key, "", tensors))
        if depth < _MOST_DEPTH:
            queue += [(f"{key}.{name}" if key else name, value, depth + 1) for name, value in inner]
    tops = [content, *content.values()] if isinstance(content, Mapping) else []
    if not found and any(isinstance(top, Mapping) and {"state", "param_groups"} <= top.keys() for top in tops):
        raise InputError(
            f"{path}: an optimiser's state, which holds no network", "give the file with the model's weights"
        )
    if not found:
        raise InputError(f"{path}: holds no state dict", "save model.state_dict() with torch.save")
    return found


def as_table(content: Any) -> Any:
    """A list or tuple as a table of its positions; anything else as it is."""
    return {str(i): value for i, value in enumerate(content)} if isinstance(content, list | tuple) else content


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
        yield Weights(whole.key, prefix, groups[prefix], whole.counted or "n_averaged" in whole.tensors)


def rank(weights: Weights) -> tuple[int, int, int]:
    """Lower is better: not a discriminator, averaged, called a generator."""
    words = weights.words
    if words & DISCRIMINATOR and not words & GENERATOR:
        return 1, 0, 0
    return (
        0,
        0 if weights.averaged else 2 if words & _RAW else 1,
        0 if words & GENERATOR else 1 if words & _GENERIC or not words else 2,
    )
