r"""A sketch: what is read of a large picture, in one pass, so that cost grows with pictures and not with pixels.

Above `_LARGEST_WHOLE` numbers a picture is no longer what probes are trained on. They see about a thousand numbers of
it instead, all read at full resolution:

    block means on a grid of 16 x 16 (32 x 32 for grey ones)    where is what
    shares of kinds of pixels, extremes, differences            `pixels.statistics`
    strength of detail by octave, down to the grid               softness, noise, checkerboards
    strength of detail by place, at two scales                   seams, and what is sharp where
    radial power spectrum; power of the 8 x 8 cosine transform   tilted spectra, grids, JPEG
    moments and correlations of Haar wavelets across scales      texture (Portilla and Simoncelli 2000)

A sketch is a function of one picture alone and the same on both sides, so that whatever a probe demonstrates on
sketches is a lower bound of JS of the pictures (data processing). The convolutional probe goes back to the pixels: rows
of a sketch remember the picture that they are of (`Sketches`), whichever way they are chosen. The pictures stay bytes,
on disk above a limit.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ganprobe.samples import pixels, texture
from ganprobe.samples.sides import Array, Indices, Layout, Pair, Stored

# Pictures of more numbers are sketched: 36 x 36 in colour, 64 x 64 in grey are not.
_LARGEST_WHOLE = 4_096
# Cells along a side of the grid of block means: about a thousand numbers of either.
_GREY_SIDE, _COLOUR_SIDE = 32, 16
# A picture made smaller, and a window of one, are at most so many pixels along a side.
_SMALL_SIDE = 64
# Numbers looked at at once: they and what is computed of them stay in the processor's cache.
_AT_ONCE = 2**20
# Bytes of a side beyond which its pictures lie on disk.
_IN_MEMORY = 2**30


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """The pictures that rows are sketches of: ``rows`` of ``store`` ``[n, channels, height, width]``.

    ``small`` ``[n, channels, h, w]`` has the same ones made smaller, to at most `_SMALL_SIDE` pixels along a side.
    """

    store: Stored
    small: Stored
    rows: Indices

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def stored(self) -> Stored:
        """``[n, channels, height, width]`` in bytes."""
        return self.store[self.rows]

    def __getitem__(self, key: Any) -> Pictures:
        return Pictures(self.store, self.small, np.atleast_1d(self.rows[key]))

    def values(self) -> Array:
        """``[n, channels, height, width]`` in [0, 1]."""
        return pixels.unit(self.stored)

    def smaller(self) -> Stored:
        """``[n, channels, h, w]`` in bytes."""
        return self.small[self.rows]

    def windows(self, place: tuple[float, float], size: tuple[int, int]) -> Stored:
        """``size`` pixels of each, ``place`` of the way down and across, in bytes."""
        down, across = (
            slice(start := round(share * (whole - part)), start + part)
            for share, whole, part in zip(place, self.store.shape[2:], size, strict=True)
        )
        return np.stack([self.store[row, :, down, across] for row in self.rows])


class Sketches(np.ndarray[Any, np.dtype[np.float32]]):
    """``[n, k]`` float32 whose rows, chosen in any way, still know their ``pictures``; None for what is computed."""

    pictures: Pictures | None = None

    def __getitem__(self, key: Any) -> Any:
        chosen = super().__getitem__(key)
        if self.pictures is not None and self.ndim == 2 and not isinstance(key, tuple) and chosen.ndim == 2:
            chosen.pictures = self.pictures[key]
        return chosen

    def __array_finalize__(self, other: Any) -> None:
        self.pictures = None

    @classmethod
    def of(cls, rows: Array, store: Stored, small: Stored) -> Sketches:
        """``rows`` ``[n, k]`` as the sketches of the pictures in ``store``, in order."""
        sketches = rows.view(cls)
        sketches.pictures = Pictures(store, small, np.arange(len(rows), dtype=np.int64))
        return sketches


def is_large(kind: str, shape: tuple[int, ...]) -> bool:
    """Whether samples like these are pictures to be sketched."""
    return kind == "image" and len(shape) == 3 and math.prod(shape) > _LARGEST_WHOLE


def layout_of(shape: tuple[int, ...]) -> Layout:
    """How pictures of ``shape`` are sketched."""
    channels, height, width = shape
    side = _GREY_SIDE if channels == 1 else _COLOUR_SIDE
    block, small = (-(-max(height, width) // most) for most in (side, _SMALL_SIDE))
    return Layout((channels, height, width), block, small)


def sketched(stored: Stored, to_unit: Callable[[Stored], Array], by_value: bool = True) -> Sketches:
    """Sketches of ``stored`` pictures ``[n, *shape]``, which ``to_unit`` takes to [0, 1], ``by_value`` or as wholes."""
    levels = to_unit(np.arange(256, dtype=np.uint8)) if by_value and stored.dtype == np.uint8 else None
    parts = (to_unit(stored[part]) if levels is None else levels[stored[part]] for part in _chunks(stored))
    as_they_are = levels is not None and np.allclose(levels, pixels.unit(np.arange(256, dtype=np.uint8)), atol=1e-6)
    return gathered(parts, len(stored), stored.shape[1:], stored if as_they_are else None)


def gathered(parts: Iterable[Array], n: int, shape: tuple[int, ...], store: Stored | None = None) -> Sketches:
    """Sketches of ``n`` pictures of ``shape`` that come in ``parts``, in [0, 1].

    They are kept as bytes, on disk where they are more than a gigabyte, unless ``store`` has them.
    """
    layout, fills = layout_of(shape), store is None
    store = _room(n, shape) if store is None else store
    small = store if layout.small_block == 1 else np.empty((n, *layout.small), np.uint8)
    rows, start = [], 0
    for pictures in (part[few] for part in parts for few in _chunks(part)):
        place = slice(start, start := start + len(pictures))
        rows.append(texture.numbers(pictures, layout))
        if fills:
            store[place] = pixels.in_bytes(pictures)
        if small is not store:
            small[place] = pixels.in_bytes(pixels.block_means(pictures, layout.small_block))
    return Sketches.of(np.concatenate(rows), store, small)


def _chunks(stored: Stored) -> Iterator[slice]:
    step = max(1, _AT_ONCE // math.prod(stored.shape[1:]))
    return (slice(start, start + step) for start in range(0, len(stored), step))


def _room(n: int, shape: tuple[int, ...]) -> Stored:
    if n * math.prod(shape) <= _IN_MEMORY:
        return np.empty((n, *shape), np.uint8)
    with tempfile.NamedTemporaryFile(prefix="ganprobe-") as file:  # gone as soon as nobody maps it
        return np.memmap(file, np.uint8, "w+", shape=(n, *shape))


# -- of a sketched pair -----------------------------------------------------------------------------------------------


def is_pictures(pair: Pair) -> bool:
    """Whether ``pair`` holds pictures, whole or sketched."""
    return pair.kind == "image" or pair.sketch is not None


def coarse(pair: Pair) -> Pair:
    """The grid of block means as pictures of their own; pictures that are not sketched as they are."""
    if pair.sketch is None:
        return pair
    shape = pair.sketch.grid
    n = math.prod(shape)
    real, fake = (np.asarray(side)[:, :n].reshape(-1, *shape) for side in (pair.real, pair.fake))
    return Pair(real, fake, "image")


def columns(pair: Pair, names: tuple[str, ...]) -> Pair:
    """The columns called ``names`` of a sketched pair, as a table."""
    place = {name: j for j, name in enumerate(pair.columns)}
    chosen = [place[name] for name in names]
    return Pair(np.asarray(pair.real)[:, chosen], np.asarray(pair.fake)[:, chosen], "table", names)


def statistics(pair: Pair) -> tuple[Pair, int]:
    """`pixels.statistics` of both sides as a table, and the number of channels; of a sketch they are columns."""
    channels = pair.shape[0] if pair.sketch is None else pair.sketch.shape[0]
    named = pixels.statistic_names(channels)
    if pair.sketch is not None:
        return columns(pair, named), channels
    return Pair(pixels.statistics(pair.real), pixels.statistics(pair.fake), "table", named), channels


def mapped(pair: Pair, work: Callable[[Array], Array]) -> Pair:
    """Pictures of both sides through ``work``, a function of each alone; large ones are sketched again."""
    if pair.sketch is None:
        return Pair(work(pair.real), work(pair.fake), "image")
    real, fake = (
        sketched(pictures_of(side).stored, lambda part: work(pixels.unit(part)), by_value=False)
        for side in (pair.real, pair.fake)
    )
    return replace(pair, real=real, fake=fake)


def full(side: Array) -> Callable[[slice], Array]:
    """The pictures themselves of a side of a pair, in [0, 1], by rows: ``[n, channels, height, width]``."""
    pictures = side.pictures if isinstance(side, Sketches) else None
    return (lambda rows: side[rows]) if pictures is None else (lambda rows: pictures[rows].values())


def pictures_of(side: Array) -> Pictures:
    """The pictures that the rows of a side are sketches of."""
    if isinstance(side, Sketches) and side.pictures is not None:
        return side.pictures
    raise ValueError("rows that were computed have no pictures")


def joined(*sides: Array) -> Array:
    """Rows of several sides, one after the other, which still know their pictures."""
    rows = np.concatenate(sides)
    stores = [side.pictures for side in sides if isinstance(side, Sketches)]
    pictures = [store for store in stores if store is not None]
    if len(pictures) < len(sides):
        return rows
    store, small = (
        np.concatenate(parts) for parts in zip(*((of.stored, of.smaller()) for of in pictures), strict=True)
    )
    return Sketches.of(np.asarray(rows), store, small)


def pair_of(real: Sketches, fake: Sketches, shape: tuple[int, ...]) -> Pair:
    """Both sides' sketches of pictures of ``shape``."""
    layout = layout_of(shape)
    return Pair(real, fake, "table", texture.names(layout), sketch=layout)
