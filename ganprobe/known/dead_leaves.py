"""Dead leaves: colour pictures of any size, without anyone's licence, and changes to them that are known.

Discs fall one over the other until the ground is covered, their radii drawn from a power law and their colours from one
of a few palettes, so that edges, flat areas, occlusion and a spectrum like that of photographs come by themselves
(Matheron 1968; Lee, Mumford and Huang 2001). The changes are those that generators are known by: softness, parts that
do not belong together, a spectrum that is too steep, colours that never come.

Where a palette is dropped, JS is known: the palette shows in every picture, and one side lacks a share of its law.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import fft

from ganprobe.objective import js_of_masses
from ganprobe.samples.pixels import blurred
from ganprobe.samples.sides import Array

Bytes = npt.NDArray[np.uint8]
Change = Callable[[Array, np.random.Generator], Array]

PALETTES = 8
_COLOURS = 6
# Discs of a picture, and their radii as shares of its side; densities fall with the cube of the radius.
_DISCS = 240
_RADII = (0.03, 0.4)


def pictures(n: int, size: int, seed: int, palettes: int = PALETTES, change: Change | None = None) -> Bytes:
    """``[n, 3, size, size]`` bytes, each picture in one of the first ``palettes`` palettes."""
    rng = np.random.default_rng(seed)
    drawn = np.stack([picture(size, rng, int(rng.integers(palettes))) for _ in range(n)])
    return as_bytes(drawn if change is None else change(drawn, rng))


def as_bytes(values: Array) -> Bytes:
    """Pictures in [0, 1] rounded to 256 levels."""
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def palette_js(palettes: int) -> float:
    """JS where fakes have ``palettes`` of the palettes of the reals, in nats."""
    real = np.full(PALETTES, 1 / PALETTES)
    fake = np.where(np.arange(PALETTES) < palettes, 1 / palettes, 0.0)
    return js_of_masses(real, fake)


def colours() -> Array:
    """``[palettes, colours, 3]``, the same ones always: hues of each lie near one another."""
    rng = np.random.default_rng(7)
    centres = rng.uniform(0.25, 0.75, (PALETTES, 1, 3))
    spread = rng.uniform(-0.25, 0.25, (PALETTES, _COLOURS, 3))
    return np.clip(centres + spread, 0, 1).astype(np.float32)


def picture(size: int, rng: np.random.Generator, palette: int) -> Array:
    """``[3, size, size]`` in [0, 1], of the colours of one palette."""
    own = colours()[palette]
    leaves = np.empty((3, size, size), np.float32)
    leaves[:] = own[0][:, None, None]
    low, high = (share * size for share in _RADII)
    # Of density r^-3 between the two.
    radii = 1 / np.sqrt(1 / low**2 - rng.random(_DISCS) * (1 / low**2 - 1 / high**2))
    for radius, (y, x), colour in zip(
        radii, rng.uniform(0, size, (_DISCS, 2)), own[rng.integers(_COLOURS, size=_DISCS)], strict=True
    ):
        rows, columns = (slice(max(0, int(at - radius - 1)), int(at + radius + 2)) for at in (y, x))
        down, across = np.arange(size)[rows], np.arange(size)[columns]
        # An edge one pixel wide, as a lens would give it.
        cover = np.clip(radius + 0.5 - np.hypot(down[:, None] - y, across[None] - x), 0, 1).astype(np.float32)
        part = leaves[:, rows, columns]
        part += cover * (colour[:, None, None] - part)
    return leaves


# -- changes ----------------------------------------------------------------------------------------------------------


def blur(sigma: float) -> Change:
    """A Gaussian blur of ``sigma`` pixels."""
    return lambda values, rng: blurred(values, sigma)


def patch(share: float) -> Change:
    """A square in the middle, ``share`` of the side wide, taken from another picture."""

    def exchanged(values: Array, rng: np.random.Generator) -> Array:
        size = values.shape[2]
        start = round(size * (1 - share) / 2)
        inside = slice(start, start + round(size * share))
        changed = values.copy()
        changed[:, :, inside, inside] = np.roll(values, 1, axis=0)[:, :, inside, inside]
        return changed

    return exchanged


def tilt(power: float) -> Change:
    """Amplitudes times frequency to the ``power``, the mean and the contrast of each picture kept."""

    def tilted(values: Array, rng: np.random.Generator) -> Array:
        size = values.shape[2:]
        radius = np.hypot(fft.fftfreq(size[0])[:, None], fft.rfftfreq(size[1])[None])
        radius[0, 0] = 1.0
        level = values.mean((1, 2, 3), keepdims=True)
        changed = fft.irfft2(fft.rfft2(values - level) * radius**power, s=size)
        contrast = (values - level).std((1, 2, 3), keepdims=True) / changed.std((1, 2, 3), keepdims=True)
        return np.asarray(level + contrast * changed, np.float32)

    return tilted


def pair(n: int, size: int, seed: int, change: Change | None = None, palettes: int = PALETTES) -> tuple[Bytes, Bytes]:
    """``n`` reals, and ``n`` fakes that are ``change``d or lack some of the ``palettes``: ``[n, 3, size, size]``."""
    draw = partial(pictures, n, size)
    return draw(2 * seed), draw(2 * seed + 1, palettes, change)
