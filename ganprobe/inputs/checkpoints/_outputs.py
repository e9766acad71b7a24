"""Which of a network's outputs holds the samples: the named one, of scales the largest, of other things the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from ganprobe.errors import UsageError
from ganprobe.family import did_you_mean

_MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class Output:
    """``key`` of the tensor that is taken, None for an output that is one; what to say of it; whether it is a guess."""

    key: str | None
    said: str | None = None
    guessed: bool = False

    def __call__(self, output: Any) -> Any:
        """The tensor itself."""
        return output if self.key is None else named(output)[self.key]


def of(output: Any, wanted: str | None) -> Output:
    """Which part of ``output`` to take: the one that is ``wanted``, else the largest of several scales, else the first.

    Raises `UsageError` where none is called as it is wanted, `TypeError` where no part is a tensor.
    """
    if isinstance(output, torch.Tensor):
        if wanted is not None:
            raise UsageError(
                f"--output {wanted}: the network returns one tensor", "leave it out; -o FILE is where the report goes"
            )
        return Output(None)
    tensors = named(output)
    if not tensors:
        raise TypeError(f"it returns {type(output).__name__}, not a tensor")
    listed = ", ".join(f"{name} {'x'.join(map(str, t.shape[1:]))}" for name, t in list(tensors.items())[:_MOST_NAMES])
    if wanted is not None:
        if wanted not in tensors:
            raise UsageError(f"--output {wanted}: the network returns {listed}", did_you_mean(wanted, tensors))
        return Output(wanted, f"output {wanted} taken of {listed}")
    if len(tensors) == 1 and not (isinstance(output, list | tuple) and len(output) > 1):
        return Output(next(iter(tensors)))
    if _scales([*tensors.values()]):
        largest = max(tensors, key=lambda name: tensors[name].numel())
        return Output(largest, f"the generator returns scales ({listed}); the largest is taken")
    first = next(iter(tensors))
    return Output(first, f"the generator returns several things ({listed}); the first is taken", guessed=True)


def named(output: Any) -> dict[str, torch.Tensor]:
    """The tensors of a table, a list, a named tuple or an object, each under its name or number."""
    if isinstance(output, Mapping):
        items = [(str(name), value) for name, value in output.items()]
    elif isinstance(output, list | tuple):
        names = getattr(output, "_fields", range(len(output)))
        items = [(str(name), value) for name, value in zip(names, output, strict=True)]
    else:
        items = list(vars(output).items()) if hasattr(output, "__dict__") else []
    return {name: value for name, value in items if isinstance(value, torch.Tensor) and value.ndim > 0}


def _scales(tensors: list[torch.Tensor]) -> bool:
    """Whether these are one picture in several sizes: the same number and channels, no size twice."""
    kinds = {(t.ndim, t.shape[:2]) for t in tensors}
    return tensors[0].ndim > 2 and len(kinds) == 1 and len({t.shape for t in tensors}) == len(tensors)
