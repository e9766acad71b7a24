"""How much work a sample takes, from shapes alone: what a budget of work is divided by, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

_FORWARD = ("conv1d", "conv2d", "conv3d", "linear")
_TRANSPOSED = ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
_PRODUCTS = ("matmul", "__matmul__", "mm", "bmm", "addmm", "baddbmm", "scaled_dot_product_attention")


class Counted(TorchFunctionMode):
    """Within, ``multiplications`` are counted: those of convolutions, linear layers and products of matrices.

    All else takes next to nothing beside them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.multiplications = 0

    def __torch_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """What ``func`` gives, counted."""
        result = func(*args, **(kwargs or {}))
        given = [*args, *(kwargs or {}).values()]
        name, tensors = getattr(func, "__name__", ""), [each for each in given if isinstance(each, Tensor)]
        if len(tensors) > 1 and isinstance(result, Tensor):
            self.multiplications += _of_call(name, tensors, result)
        return result


def _of_call(name: str, given: list[Tensor], result: Tensor) -> int:
    if name in _FORWARD:
        places = result.numel() // (result.shape[-1] if name == "linear" else given[1].shape[0])
        return places * given[1].numel()
    if name in _TRANSPOSED:
        return given[0].numel() // given[1].shape[0] * given[1].numel()
    if name in _PRODUCTS:
        return result.numel() * given[-2].shape[-1]
    return 0
