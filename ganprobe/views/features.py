"""Features: the last layer of a network that has seen many pictures, or any function of a sample of your own.

A name (``efficientnet_lite0``, ``inception``, ``dinov2``, ``clip``) is a network of `ganprobe.nets.features`, whose
features enter as their leading components, fitted on the fit part without its labels. ``file.py:fn`` is your own code.

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

from ganprobe.errors import InputError, UsageError
from ganprobe.inputs.usercode import UserCodeError, contained, function
from ganprobe.nets import features
from ganprobe.samples import scaling, sketch
from ganprobe.samples.folds import Fold, row_hashes
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds

OPTION = "--features"
_BATCH = 256
_ALONE = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """``source``: a network's name, ``file.py:fn`` or ``pkg.mod:fn``; ``weights``: the network's, where they lie.

    ``dims``: components that are kept of a network's features.
    """

    source: str = ""
    weights: str = ""
    dims: int = 64


def applies(pair: Pair) -> str | None:
    """Always."""
    return None


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """An array ``[n, k]``; code that fails, or gives something else, is an `InputError`."""
    if settings.source in features.MEMBERS:
        seen = of_network(pair, settings)
        reduce = scaling.reduction(seen, fit, settings.dims, seeds)
        return Pair(reduce(seen.real), reduce(seen.fake), "array")
    work = _callable(settings.source)
    checked = sketch.full(pair.real)(slice(2 * _ALONE))
    together, alone = _run(work, checked, settings.source), _run(work, checked[:_ALONE], settings.source)
    if not np.allclose(together[:_ALONE], alone, rtol=1e-3, atol=1e-4 * float(np.abs(together).max(initial=1e-30))):
        raise InputError(
            f"{OPTION} {settings.source}: what it gives for a sample depends on the other samples",
            "map each sample by itself and without randomness: for a module, call eval()",
        )
    real, fake = (
        np.concatenate([_run(work, see(slice(i, i + _BATCH)), settings.source) for i in range(0, n, _BATCH)])
        for see, n in ((sketch.full(side), len(side)) for side in (pair.real, pair.fake))
    )
    return Pair(real, fake, "array")


def of_network(pair: Pair, settings: Settings) -> Pair:
    """All features of the network that ``settings`` name, ``[n, k]``; of the same samples they are read once."""
    if not sketch.is_pictures(pair):
        raise UsageError(f"{OPTION} {settings.source} looks at pictures, and these samples are none", "leave it out")
    real, fake = (_remembered(side, settings) for side in (pair.real, pair.fake))
    return Pair(real, fake, "array")


# The features of the last few sides, by the content of these: two parts of an audit ask for them.
_LAST: dict[tuple[str, str, bytes], Array] = {}
_MOST_SIDES = 4


def _remembered(side: Array, settings: Settings) -> Array:
    key = (settings.source, settings.weights, row_hashes(np.asarray(side), 0).tobytes())
    if key not in _LAST:
        see = sketch.full(side)
        batches = (see(slice(i, i + _BATCH)) for i in range(0, len(side), _BATCH))
        read = features.of_pictures(settings.source, settings.weights or None, batches)
        while len(_LAST) >= _MOST_SIDES:
            _LAST.pop(next(iter(_LAST)))
        _LAST[key] = read
    return _LAST[key]


def check(settings: Settings) -> None:
    """That the code or the weights that ``settings`` name are there; a `UsageError` where they are not."""
    if settings.source in features.MEMBERS:
        features.located(settings.source, settings.weights or None)
    elif ":" in settings.source or "." in settings.source:
        function(settings.source, OPTION)
    else:
        features.MEMBERS[settings.source]


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
