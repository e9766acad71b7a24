"""Your own features: any function of a sample, such as the last layer of a network that knows the domain.

The function gets samples as the probes see them, a float32 tensor ``[n, *shape]`` (pictures in [0, 1], all else in the
data's units), and gives ``[n, k]``. A class is instantiated first, without arguments;
a module is put into evaluation mode. It must map each sample by itself: what depends on the rest of the batch, as
batch normalisation in training mode does, would tell the sides apart by how they are served.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from ganprobe.errors import InputError
from ganprobe.inputs.usercode import UserCodeError, contained, function
from ganprobe.samples.folds import Fold
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds

OPTION = "--features"
_BATCH = 256
_ALONE = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """``source``: ``file.py:fn`` or ``pkg.mod:fn``."""

    source: str = ""


def applies(pair: Pair) -> str | None:
    """Always."""
    return None


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """An array ``[n, k]``; code that fails, or gives something else, is an `InputError`."""
    work = _callable(settings.source)
    checked = pair.real[: 2 * _ALONE]
    together, alone = _run(work, checked, settings.source), _run(work, checked[:_ALONE], settings.source)
    if not np.allclose(together[:_ALONE], alone, rtol=1e-3, atol=1e-4 * float(np.abs(together).max(initial=1e-30))):
        raise InputError(
            f"{OPTION} {settings.source}: what it gives for a sample depends on the other samples",
            "map each sample by itself and without randomness: for a module, call eval()",
        )
    real, fake = (
        np.concatenate([_run(work, side[i : i + _BATCH], settings.source) for i in range(0, len(side), _BATCH)])
        for side in (pair.real, pair.fake)
    )
    return Pair(real, fake, "array")


def covers(settings: Settings, name: str, other: Any) -> bool:
    """Nothing is known of what it keeps."""
    return False


def words(settings: Settings) -> str:
    """A noun phrase."""
    return f"the features of {settings.source}"


def _callable(source: str) -> Callable[[torch.Tensor], Any]:
    found = function(source, OPTION)
    if isinstance(found, type):
        try:
            with contained():
                found = found()
        except UserCodeError as error:
            raise InputError(f"{OPTION} {source}: building it failed ({error})", "it must need no arguments") from error
    return found.eval() if isinstance(found, nn.Module) else found


def _run(work: Callable[[torch.Tensor], Any], samples: Array, source: str) -> Array:
    try:
        with contained(), torch.no_grad():
            given = work(torch.from_numpy(np.array(samples)))
            out = np.asarray(given.detach().cpu() if isinstance(given, torch.Tensor) else given, np.float32)
    except UserCodeError as error:
        takes = f"it is given a float32 tensor [n, {', '.join(map(str, samples.shape[1:]))}]"
        raise InputError(f"{OPTION} {source} failed: {error}", takes) from error
    if out.ndim != 2 or len(out) != len(samples) or not out.shape[1]:
        shape = "x".join(map(str, out.shape))
        message = f"{OPTION} {source} gives {shape} for {len(samples)} samples"
        raise InputError(message, "give one row of features for each sample: [n, k]")
    if not np.isfinite(out).all():
        raise InputError(f"{OPTION} {source} gives values that are not finite", "leave out or replace such features")
    return out
