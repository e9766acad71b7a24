"""Samples of a network, as a pure function of their number and a seed.

Latents and labels come from their own streams; a network with noise inside finds the global ones seeded from the same
number.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import nn

from ganprobe.errors import InputError, ResourceError
from ganprobe.inputs.checkpoints._inputs import Inputs, Rows
from ganprobe.inputs.usercode import UserCodeError, contained
from ganprobe.samples import drawn
from ganprobe.samples.sides import Array, Stored
from ganprobe.seeds import Seeds

_MOST_BATCH = 512
# A convolutional network that looks at each sample by itself takes a fifth less time where fewer fill the cache.
_AT_ONCE = 128
_MOST_BATCH_VALUES = 2**24


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """Samples from a network in the mode that it is in: no gradients, in batches, back on the CPU.

    ``identity`` names the weights and the code that made ``module`` of them; None where these have no name.
    """

    module: nn.Module
    inputs: Inputs | Rows
    shape: tuple[int, ...]
    path: str
    identity: str | None = None

    def __call__(self, n: int, seed: int) -> Array:
        """``[n, *shape]``, a pure function of its arguments; global random streams are left as they were.

        Raises `InputError` where the network fails or gives NaN, `ResourceError` where memory runs out.
        """
        if self.identity is None:
            return self._fresh(n, seed)
        return drawn.kept(lambda: self._fresh(n, seed), self._size(n), self._said(n, seed))

    def _size(self, n: int) -> int:
        return 4 * n * math.prod(self.shape)

    def _said(self, n: int, seed: int) -> tuple[object, ...]:
        return self.identity, self.module.training, self.inputs.described, n, seed

    def _fresh(self, n: int, seed: int) -> Array:
        return self._made(self.inputs(n, seed), Seeds(seed).integer("network"))

    def parts(self, n: int, seed: int, wanted: Iterable[slice]) -> Iterator[Array]:
        """Those of ``n`` samples that are ``wanted``, slice by slice: a slice is the same whatever else is asked for.

        Noise inside the network is each slice's own, so that these are not the samples of `__call__` where there is
        some. Raises as it does.
        """
        return (make() for make in self._makers(n, seed, wanted))

    def through(self, work: Callable[[Array], Stored], said: object, n: int, seed: int) -> Iterator[Stored]:
        """All of ``n`` samples through ``work``, which ``said`` describes, in `parts` of a few hundred."""
        most = max(1, min(_MOST_BATCH, _MOST_BATCH_VALUES // math.prod(self.shape)))
        size = math.ceil(n / math.ceil(n / most))
        wanted = [slice(start, min(n, start + size)) for start in range(0, n, size)]
        for part, make in zip(wanted, self._makers(n, seed, wanted), strict=True):

            def seen(make: Callable[[], Array] = make) -> Stored:
                return work(make())

            called = (*self._said(n, seed), part.start, said)
            yield seen() if self.identity is None else drawn.kept(seen, self._size(part.stop - part.start), called)

    def _makers(self, n: int, seed: int, wanted: Iterable[slice]) -> Iterator[Callable[[], Array]]:
        inputs = self.inputs(n, seed)
        for part in wanted:
            of_network = Seeds(seed).integer("network", part.start)
            yield partial(self._made, tuple(tensor[part] for tensor in inputs), of_network)

    def _made(self, inputs: tuple[torch.Tensor, ...], seed: int) -> Array:
        n = len(inputs[0])
        samples = np.empty((n, *self.shape), np.float32)
        with _explained(self.path):
            self._fill(samples, inputs, seed)
        finite = np.isfinite(samples.reshape(n, -1)).all(axis=1)
        if not finite.all():
            raise InputError(
                f"{self.path}: {int((~finite).sum())} of {n} generated samples hold NaN or infinite values",
                "the weights or the latent law are wrong: use another checkpoint, or --z-dist",
            )
        return samples

    def _fill(self, samples: Array, inputs: tuple[torch.Tensor, ...], seed: int) -> None:
        """Put what the network makes of ``inputs`` into ``samples``, batch by batch."""
        n, width = len(samples), int(np.prod(self.shape, dtype=np.int64))
        batch = max(1, min(_MOST_BATCH, _MOST_BATCH_VALUES // max(1, width)))
        # In training mode BatchNorm looks at the batch: as many at once as may be, and no small rest.
        batch = math.ceil(n / math.ceil(n / batch)) if self.module.training else min(batch, _AT_ONCE)
        with contained(seed, self.inputs.device), torch.no_grad(), _unchanged(self.module):
            for start in range(0, n, batch):
                output = self.module(*(tensor[start : start + batch] for tensor in inputs))
                samples[start : start + batch] = output.float().cpu().numpy()


@contextlib.contextmanager
def _explained(path: str) -> Iterator[None]:
    """What goes wrong in the network as an error that says so: `ResourceError` for memory, else `InputError`."""
    try:
        yield
    except UserCodeError as error:
        if "allocate memory" in str(error):
            raise ResourceError(f"{path}: out of memory while sampling", "give --num-fake a smaller number") from error
        raise InputError(
            f"{path}: the generator failed while sampling ({error})", "check the model and its latent"
        ) from error
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise ResourceError(
            f"{path}: out of memory while sampling", "give --num-fake a smaller number, or --device cpu"
        ) from error


@contextlib.contextmanager
def _unchanged(module: nn.Module) -> Iterator[None]:
    """Put back what drawing in training mode leaves behind: running statistics."""
    before = [buffer.clone() for buffer in module.buffers()] if module.training else []
    try:
        yield
    finally:
        for buffer, value in zip(module.buffers(), before, strict=False):
            buffer.copy_(value)
