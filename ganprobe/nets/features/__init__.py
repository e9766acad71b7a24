"""Networks that others trained, as features of pictures: what two pictures are like to an eye that has seen many.

A member maps pictures ``[n, channels, height, width]`` in [0, 1] to ``[n, k]``, each by itself. Its weights come from a
package that is installed, from a path that the user names, or from where the network's own library keeps them; nothing
is downloaded. Weights are read as tensors and nothing in them is executed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from ganprobe.errors import InputError, UsageError
from ganprobe.family import Family
from ganprobe.samples.sides import Array

MEMBERS = Family("ganprobe.nets.features", "feature network", ("efficientnet_lite0", "inception", "dinov2", "clip"))
_BATCH = 64


class Member(Protocol):
    """What each module of this family offers."""

    SIDE: int
    """Pictures are brought to so many pixels a side."""

    PLACES: tuple[str, ...]
    """Where its own library keeps the weights, below the home folder."""

    def network(self, weights: dict[str, Tensor]) -> Callable[[Tensor], Tensor]:
        """From pictures ``[n, 3, side, side]`` in [0, 1] to features ``[n, k]``; a missing weight is a `KeyError`."""


def of_pictures(name: str, weights: str | None, batches: Iterable[Array]) -> Array:
    """Features ``[n, k]`` of pictures that come in ``batches`` ``[b, channels, height, width]`` in [0, 1]."""
    member = cast(Member, MEMBERS[name])
    path = located(name, weights)
    work = _built(member, name, path)
    parts = []
    with torch.no_grad():
        for batch in batches:
            for start in range(0, len(batch), _BATCH):
                pictures = torch.from_numpy(np.ascontiguousarray(batch[start : start + _BATCH]))
                parts.append(work(_prepared(pictures, member.SIDE)).float().cpu().numpy())
    return np.asarray(np.concatenate(parts), np.float32)


def located(name: str, weights: str | None) -> Path:
    """Where the weights of ``name`` lie; a `UsageError` that says how to come by them where they do not."""
    member = MEMBERS[name]
    places = [Path(weights)] if weights else [*member.packaged()] if hasattr(member, "packaged") else []
    places += [] if weights else [Path.home() / place for place in member.PLACES]
    for place in places:
        if place.is_file():
            return place
    looked = ", ".join(map(str, places)) or "nowhere"
    raise UsageError(f"--features {name}: no weights (looked at {looked})", member.HINT)


def _built(member: Member, name: str, path: Path) -> Callable[[Tensor], Tensor]:
    try:
        return member.network(_read(path))
    except (KeyError, RuntimeError, ValueError) as error:
        said = f"--features {name}: {path} holds other weights than this network's ({str(error).splitlines()[0]})"
        raise InputError(said, "name the file of its published weights") from error


def _read(path: Path) -> dict[str, Tensor]:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    loaded: Any = torch.load(path, map_location="cpu", weights_only=True)
    loaded = loaded.get("state_dict", loaded) if isinstance(loaded, dict) else loaded
    if not isinstance(loaded, dict):
        raise ValueError("not a state dict")
    return loaded


def _prepared(pictures: Tensor, side: int) -> Tensor:
    """Three channels of ``side`` by ``side`` pixels; larger pictures are made smaller with an antialiasing filter."""
    if pictures.shape[1] == 1:
        pictures = pictures.expand(-1, 3, -1, -1)
    if pictures.shape[2:] == (side, side):
        return pictures
    return interpolate(pictures, (side, side), mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)


def loaded(module: nn.Module, weights: dict[str, Tensor]) -> nn.Module:
    """``module`` with ``weights``, ready to be asked; all of its own must be among them, others are left out."""
    own = module.state_dict()
    module.load_state_dict({name: weights[name] for name in own if not name.endswith("num_batches_tracked")}, False)
    return module.eval().requires_grad_(False)
