"""Inception v3 as FID knows it (Szegedy et al. 2016; Heusel et al. 2017): 2,048 features after the last pooling.

The layers are built as the weights are named, so that those ported from TensorFlow (``pt_inception-2015-12-05``) and
torchvision's are both read; pooling is that of the TensorFlow network, which leaves the border out of averages and ends
with a maximum.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, batch_norm, conv2d, max_pool2d, relu

SIDE = 299
PLACES = tuple(
    f".cache/torch/hub/checkpoints/{name}"
    for name in ("pt_inception-2015-12-05-6726825d.pth", "inception_v3_google-0cc3c7bd.pth")
)
HINT = "name them: --set views.features.weights=pt_inception-2015-12-05-6726825d.pth"
_EPSILON = 1e-3

Layer = Callable[..., Tensor]


def network(weights: dict[str, Tensor]) -> Callable[[Tensor], Tensor]:
    """2,048 features."""

    def conv(x: Tensor, name: str, stride: int = 1, pad: int | tuple[int, int] = 0) -> Tensor:
        x = conv2d(x, weights[f"{name}.conv.weight"], None, stride, pad)
        mean, variance, scale, shift = (
            weights[f"{name}.bn.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return relu(batch_norm(x, mean, variance, scale, shift, False, 0.0, _EPSILON))

    def features(pictures: Tensor) -> Tensor:
        x = conv(2 * pictures - 1, "Conv2d_1a_3x3", 2)
        x = conv(conv(x, "Conv2d_2a_3x3"), "Conv2d_2b_3x3", pad=1)
        x = max_pool2d(x, 3, 2)
        x = max_pool2d(conv(conv(x, "Conv2d_3b_1x1"), "Conv2d_4a_3x3"), 3, 2)
        for name in ("Mixed_5b", "Mixed_5c", "Mixed_5d"):
            x = _a(x, name, conv)
        x = _b(x, "Mixed_6a", conv)
        for name in ("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"):
            x = _c(x, name, conv)
        x = _d(x, "Mixed_7a", conv)
        x = _e(x, "Mixed_7b", conv, _average)
        x = _e(x, "Mixed_7c", conv, _maximum)
        return x.mean((2, 3))

    return features


def _average(x: Tensor) -> Tensor:
    return avg_pool2d(x, 3, 1, 1, count_include_pad=False)


def _maximum(x: Tensor) -> Tensor:
    return max_pool2d(x, 3, 1, 1)


def _chain(x: Tensor, name: str, conv: Layer, *pads: tuple[str, int | tuple[int, int]]) -> Tensor:
    for part, pad in pads:
        x = conv(x, f"{name}.{part}", pad=pad)
    return x


def _a(x: Tensor, name: str, conv: Layer) -> Tensor:
    one = conv(x, f"{name}.branch1x1")
    five = _chain(x, name, conv, ("branch5x5_1", 0), ("branch5x5_2", 2))
    three = _chain(x, name, conv, ("branch3x3dbl_1", 0), ("branch3x3dbl_2", 1), ("branch3x3dbl_3", 1))
    return torch.cat((one, five, three, conv(_average(x), f"{name}.branch_pool")), 1)


def _b(x: Tensor, name: str, conv: Layer) -> Tensor:
    double = _chain(x, name, conv, ("branch3x3dbl_1", 0), ("branch3x3dbl_2", 1))
    double = conv(double, f"{name}.branch3x3dbl_3", 2)
    return torch.cat((conv(x, f"{name}.branch3x3", 2), double, max_pool2d(x, 3, 2)), 1)


def _c(x: Tensor, name: str, conv: Layer) -> Tensor:
    across, down = (0, 3), (3, 0)
    seven = _chain(x, name, conv, ("branch7x7_1", 0), ("branch7x7_2", across), ("branch7x7_3", down))
    double = _chain(
        x,
        name,
        conv,
        ("branch7x7dbl_1", 0),
        ("branch7x7dbl_2", down),
        ("branch7x7dbl_3", across),
        ("branch7x7dbl_4", down),
        ("branch7x7dbl_5", across),
    )
    return torch.cat((conv(x, f"{name}.branch1x1"), seven, double, conv(_average(x), f"{name}.branch_pool")), 1)


def _d(x: Tensor, name: str, conv: Layer) -> Tensor:
    three = conv(conv(x, f"{name}.branch3x3_1"), f"{name}.branch3x3_2", 2)
    seven = _chain(x, name, conv, ("branch7x7x3_1", 0), ("branch7x7x3_2", (0, 3)), ("branch7x7x3_3", (3, 0)))
    return torch.cat((three, conv(seven, f"{name}.branch7x7x3_4", 2), max_pool2d(x, 3, 2)), 1)


def _e(x: Tensor, name: str, conv: Layer, pool: Callable[[Tensor], Tensor]) -> Tensor:
    three, double = conv(x, f"{name}.branch3x3_1"), conv(x, f"{name}.branch3x3dbl_1")
    double = conv(double, f"{name}.branch3x3dbl_2", pad=1)
    halves = [
        conv(part, f"{name}.{branch}{half}", pad=pad)
        for part, branch in ((three, "branch3x3_2"), (double, "branch3x3dbl_3"))
        for half, pad in (("a", (0, 1)), ("b", (1, 0)))
    ]
    return torch.cat((conv(x, f"{name}.branch1x1"), *halves, conv(pool(x), f"{name}.branch_pool")), 1)
