"""Dead leaves whose JS is known: pictures with edges and textures that differ in one way, which can be read off.

- `palettes`: how often each palette comes. It shows in every picture, so JS is that of two lists of masses.
- `softened`: a share of the fakes is blurred. No picture of discs with edges one pixel wide is as soft, so what the
  sides have in common is known.
- `patched`: a share of the fakes has a square of another palette in its middle, which no real has.
- `waved`: a law of a few numbers, written into the picture as the amplitudes of waves in place of its own. They are
  read off by projection and tell nothing of what they replaced, so JS is that of the few numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import numpy.typing as npt

from ganprobe.known import dead_leaves
from ganprobe.known.truths import Truth
from ganprobe.known.truths.law import Sampler, of_masses
from ganprobe.samples.pixels import blurred
from ganprobe.samples.sides import Floats

Draw = np.random.Generator
_EVEN = np.full(dead_leaves.PALETTES, 1 / dead_leaves.PALETTES)
# Second differences of the sharpest hundredth: drawn pictures have more, those blurred by .8 pixel or more have less.
_SHARP = 0.18
# Colours no farther apart are the same: pictures are rounded to 256 levels.
_CLOSE = 0.004


def same(size: int) -> Truth:
    """P = Q."""
    return Truth("leaves", 0.0, _leaves(size), _leaves(size), lambda x: np.zeros(len(x)), "image")


def palettes(size: int, masses: npt.ArrayLike) -> Truth:
    """Fakes have the palettes in proportion to ``masses`` ``[PALETTES]``, reals all alike."""
    share = np.asarray(masses, np.float64) / np.sum(np.asarray(masses, np.float64))
    drawn = _leaves(size), _leaves(size, share)
    return of_masses("leaf palettes", *drawn, (_EVEN, share), lambda x: [_palette(p.T) for p in _pixels(x)], "image")


def softened(size: int, share: float, sigma: float) -> Truth:
    """A ``share`` of the fakes is blurred by ``sigma`` pixels, .8 or more."""

    def soft(rng: Draw, size: int, palette: int) -> Floats:
        picture = dead_leaves.picture(size, rng, palette)
        return np.asarray(blurred(picture[None], sigma)[0], np.float64)

    return _spoilt("leaves softened", size, share, soft, is_soft)


def is_soft(pictures: Floats) -> npt.NDArray[np.bool_]:
    """Which of ``[n, 3, size, size]`` are softer than discs are drawn."""
    bends = np.abs(np.diff(pictures, 2, axis=3)).reshape(len(pictures), -1)
    return np.asarray(np.quantile(bends, 0.99, axis=1) < _SHARP)


def patched(size: int, share: float, side: float) -> Truth:
    """A ``share`` of the fakes has in the middle a square of another palette, ``side`` of the picture wide."""
    low = round(size * (1 - side) / 2)
    inside = np.zeros((size, size), bool)
    inside[low : size - low, low : size - low] = True

    def exchanged(rng: Draw, size: int, palette: int) -> Floats:
        other = (palette + rng.integers(1, dead_leaves.PALETTES)) % dead_leaves.PALETTES
        first, second = (dead_leaves.picture(size, rng, int(which)) for which in (palette, other))
        return np.where(inside, second, first)

    def is_patched(pictures: Floats) -> npt.NDArray[np.bool_]:
        here = inside.ravel()
        return np.array([_palette(p[:, here].T) != _palette(p[:, ~here].T) for p in _pixels(pictures)])

    return _spoilt("leaves patched", size, share, exchanged, is_patched)


def waved(size: int, law: Truth, waves: Floats) -> Truth:
    """Amplitudes of orthonormal ``waves`` ``[k, 3, size, size]`` are the ``k`` numbers of ``law``, in natural units."""
    flat = waves.reshape(len(waves), -1)
    spread = (_leaves(size)(np.random.default_rng(0), 64).reshape(64, -1) @ flat.T).std(0)

    def written(sampler: Sampler) -> Sampler:
        def draw(rng: Draw, n: int) -> Floats:
            pictures = _leaves(size)(rng, n).reshape(n, -1)
            changed = pictures + (sampler(rng, n) * spread - pictures @ flat.T) @ flat
            return np.asarray(changed.reshape(n, 3, size, size))

        return draw

    def logit(x: Floats) -> Floats:
        return law.logit(x.reshape(len(x), -1) @ flat.T / spread)

    return Truth(f"leaves waved by {law.name}", law.js, written(law.real), written(law.fake), logit, "image", law.hard)


def cosines(size: int, k: int, finest: int) -> Floats:
    """``k`` grey waves ``[k, 3, size, size]``, orthonormal, of the frequencies just below ``finest`` half turns."""
    at = (np.arange(size) + 0.5) * np.pi / size
    frequencies = sorted(product(range(1, finest + 1), repeat=2), key=lambda f: -sum(f))[:k]
    waves = np.stack([np.outer(np.cos(down * at), np.cos(across * at)) for down, across in frequencies])
    waves = np.repeat(waves[:, None], 3, axis=1)
    return np.asarray(waves / np.linalg.norm(waves.reshape(k, -1), axis=1)[:, None, None, None])


# -- drawing and reading ----------------------------------------------------------------------------------------------


def _leaves(size: int, masses: Floats = _EVEN) -> Sampler:
    return _drawn(lambda rng: dead_leaves.picture(size, rng, int(rng.choice(len(masses), p=masses))))


def _drawn(one: Callable[[Draw], npt.NDArray[np.floating]]) -> Sampler:
    """Pictures of 256 levels."""
    return lambda rng, n: dead_leaves.as_bytes(np.stack([one(rng) for _ in range(n)])) / 255


def _spoilt(
    name: str,
    size: int,
    share: float,
    spoil: Callable[[Draw, int, int], Floats],
    is_spoilt: Callable[[Floats], npt.NDArray[np.bool_]],
) -> Truth:
    """A ``share`` of the fakes is what no real can be."""

    def one(rng: Draw) -> npt.NDArray[np.floating]:
        palette = int(rng.integers(dead_leaves.PALETTES))
        return spoil(rng, size, palette) if rng.random() < share else dead_leaves.picture(size, rng, palette)

    return of_masses(name, _leaves(size), _drawn(one), ((1.0, 0.0), (1 - share, share)), is_spoilt, "image")


def _pixels(pictures: Floats) -> Floats:
    return pictures.reshape(*pictures.shape[:2], -1)


def _palette(pixels: Floats) -> int:
    """Whose colours most of the ``pixels`` ``[n, 3]`` have exactly."""
    colours = dead_leaves.colours()
    away = np.abs(pixels[:, None, None] - colours).max(-1).min(-1)
    return int((away < _CLOSE).sum(0).argmax())
