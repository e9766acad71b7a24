"""What speaks against ``forward`` being the call that gives samples, where nobody has said which one does.

None of this is an error: there are generators with a latent as wide as their output. But an encoder, a flow and a
denoiser run on noise as well as a generator does, and what comes out is a law that nobody asked about.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from torch import nn

from ganprobe.inputs.checkpoints import _calls
from ganprobe.inputs.checkpoints._calls import LABELS, SAMPLERS, Signature

TIMES = {
    "t", "ts", "time", "times", "timestep", "timesteps", "time_step", "step", "steps", "sigma", "sigmas", "noise_level",
    "noise_levels", "noise_labels", "c_noise", "temb", "time_emb", "log_snr", "logsnr",
}  # fmt: skip
_DATA = {"x", "x_t", "xt", "x0", "image", "images", "img", "imgs", "noisy", "sample"}


def doubts(
    network: nn.Module, signature: Signature, latent: tuple[int, ...], shape: tuple[int, ...], guessed: bool
) -> Iterator[str]:
    """In words, what an output of ``shape`` made of ``latent`` by ``forward`` makes doubtful.

    ``guessed``: one of several outputs was taken.
    """
    words = [name.lower() for name in signature.names[: max(signature.required, 2)]]
    if math.prod(latent) == math.prod(shape):
        yield f"its latent is as wide as its output ({math.prod(shape)}), as an encoder's or a flow's input is"
    if guessed:
        yield "it returns several things, as an autoencoder does"
    for name in words:
        if name in TIMES:
            yield f"its input {name} is called as a time is, and got labels or nothing"
    if len(words) > 1 and words[0] in _DATA and not {*words} & (TIMES | LABELS):
        yield f"its input {words[0]} is called as data is"
    if others := samplers(network):
        yield f"its class has {' and '.join(others)}"


def samplers(network: nn.Module) -> list[str]:
    """Calls beside ``forward`` that are called as those are that give samples."""
    return [name for name in SAMPLERS if callable(getattr(network, name, None))]


def better_call(network: nn.Module) -> str:
    """What ``--call`` should name: the call that can be given what it takes, else a function yet to be written."""
    for name in samplers(network):
        if _calls.signature(network, name).required <= 1:
            return name
    return "sampler.py:sample"
