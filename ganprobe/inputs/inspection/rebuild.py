"""A network's source guessed from the names and shapes of its weights: for a plain stack, and for the user to confirm.

Weights say which layers there are and how wide; not what lies between them. So the guess is written out as code, with
every assumption marked, and is used only where the user names it with ``-m``. Strides and paddings are the usual ones
for a kernel: those of a first layer that opens a latent, and those that double a picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ganprobe.errors import InputError
from ganprobe.inputs.inspection.layers import Layer, looks_like_pictures

# Stride, padding and output padding with which a transposed convolution of this kernel doubles a picture.
_DOUBLING = {2: (2, 0, 0), 3: (2, 1, 1), 4: (2, 1, 0), 5: (2, 2, 1)}

_HEAD = '''"""A GUESS at the network of {name}, from the names and shapes of its weights alone.

The file does not say what lies between its layers. What is marked "assumed" may be wrong, and wrong samples give wrong
numbers: compare some with what the generator is known to make, and correct what differs.
"""

import torch
from torch import nn


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
'''
_ADD = '''
    def place(self, name, layer):
        """Under the name that the weights have."""
        *folders, last = name.split(".")
        module = self
        for folder in folders:
            if folder not in module._modules:
                module.add_module(folder, nn.Module())
            module = module._modules[folder]
        module.add_module(last, layer)

    def forward(self, x):
'''


def source(path: Path, layers: list[Layer], tensors: int) -> str:
    """Python that defines ``Generator``; `InputError` where the layers are no plain stack.

    ``tensors`` is how many the state dict has, all of which the layers must account for.
    """
    _require_stack(path, layers, tensors)
    chain = [layer for layer in layers if layer.kind != "norm"]
    pairs = zip(layers, _built(layers), strict=True)
    lines = [f'        self.place("{layer.name}", {code})\n' for layer, code in pairs]
    name = ascii(path.name)[1:-1].replace('"', "'")  # within a docstring
    return _HEAD.format(name=name) + "".join(lines) + _ADD + "".join(_forward(layers, chain[-1]))


def _require_stack(path: Path, layers: list[Layer], tensors: int) -> None:
    chain = [layer for layer in layers if layer.kind != "norm"]
    odd = next((f"{x.name} is an {x.kind}" for x in chain if x.kind not in ("linear", "transposed")), None)
    width = 0
    for layer in layers:
        if width not in (0, layer.inputs):
            odd = odd or f"{layer.name} takes {layer.inputs}, the layer before gives {width}"
        if not all(part.isidentifier() or part.isdecimal() for part in layer.name.split(".")):
            odd = odd or "a layer's name is no name in Python"
        width = layer.outputs
    if sum(layer.tensors for layer in layers) != tensors:
        odd = odd or "some tensors belong to no layer that is known here"
    if not chain or layers[0].kind == "norm":
        odd = odd or "it does not begin with a layer"
    if odd:
        raise InputError(f"{path}: no plain stack of layers ({odd})", "write the class, and give it with -m")


def _built(layers: list[Layer]) -> Iterator[str]:
    dimensions, opened = 0, False
    for layer in layers:
        match layer.kind:
            case "linear":
                dimensions = 0
                yield f"nn.Linear({layer.inputs}, {layer.outputs}, bias={layer.bias})"
            case "transposed":
                dimensions, kernel = len(layer.kernel), layer.kernel[0]
                stride, padding, rest = _DOUBLING.get(kernel, (1, kernel // 2, 0)) if opened else (1, 0, 0)
                opened = True
                yield (
                    f"nn.ConvTranspose{dimensions}d({layer.inputs}, {layer.outputs}, {kernel}, {stride}, {padding}, "
                    f"{rest}, bias={layer.bias})"
                )
            case _:
                yield f"nn.BatchNorm{dimensions or 1}d({layer.inputs})"


def _forward(layers: list[Layer], last: Layer) -> Iterator[str]:
    for layer, following in zip(layers, [*layers[1:], None], strict=True):
        call = f'self.get_submodule("{layer.name}")(x)'
        if following is not None and following.kind == "norm":
            yield f"        x = {call}\n"
        elif following is not None:
            yield f"        x = torch.relu({call})  # assumed: ReLU\n"
        elif looks_like_pictures(last):
            yield f"        return torch.tanh({call})  # assumed: tanh, for pictures\n"
        else:
            yield f"        return {call}  # assumed: nothing after the last layer\n"
