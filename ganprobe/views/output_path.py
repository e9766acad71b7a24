"""The output path: fakes taken the way that the data once went, to its range and through its rounding.

A generator's floats are not yet samples of the kind that the data holds: pictures were clipped and rounded to 8 bits
when they were saved, ages were rounded to years. `plan_path` reads from both sides what that way is, and `OutputPath`
takes either side along it. As a view of a pair it is the rounding alone, applied to both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ganprobe.errors import InputError
from ganprobe.samples import outline, ranges, sketch
from ganprobe.samples.affine import Affine, Range
from ganprobe.samples.folds import Fold
from ganprobe.samples.gauge import Gauge
from ganprobe.samples.lattice import Grid, grids_of, unless_rounded
from ganprobe.samples.sides import Array, Dataset, Floats, Kind, Pair, Stored
from ganprobe.seeds import Seeds

_CHUNK = 4_000_000
_AS_THEY_ARE = ("both sides as they are",)


@dataclass(frozen=True, slots=True)
class OutputPath:
    """How each side comes to common units; ``steps`` says it in sentences.

    ``to_data`` takes fakes to the data's units, ``to_unit`` takes both from there to the units that probes see:
    pictures to [0, 1], all else unchanged. ``clip`` and ``grids`` are in the data's units. ``gauge`` is how the data's
    numbers are held, where the fakes' are not held so yet. Large pictures are sketched, volumes and waves outlined.
    """

    shape: tuple[int, ...]
    fake_shape: tuple[int, ...]
    axes: tuple[int, ...]
    to_data: Affine
    to_unit: Affine
    clip: Range | None
    grids: tuple[Grid | None, ...]
    steps: tuple[str, ...]
    gauge: Gauge | None = None
    sketches: bool = False
    outline: outline.Outline | None = None

    @property
    def rescales(self) -> bool:
        """Whether fakes come in another range than the data's, and are brought to it."""
        return self.to_data != Affine()

    @property
    def quantises(self) -> bool:
        """Whether quantised fakes differ from raw ones."""
        return self.clip is not None or any(self.grids)

    def pair(self, real: Array, fake: Array, kind: Kind, columns: tuple[str, ...], gauge: Gauge | None) -> Pair:
        """Both sides as `real` and `fake` gave them."""
        if isinstance(real, sketch.Sketches) and isinstance(fake, sketch.Sketches):
            return sketch.pair_of(real, fake, self.shape)
        if self.outline is not None:
            return Pair(real, fake, "table", self.outline.names, outlined=True)
        return Pair(real, fake, kind, columns, gauge)

    def real(self, values: Array) -> Array:
        """Reals ``[n, *shape]`` in the data's units, in common units: nothing but the affine map to [0, 1]."""
        return self._chunked(values, lambda part: self._settled(part))

    def fake(self, values: Array, quantise: bool) -> Array:
        """Fakes ``[n, *fake_shape]`` as the generator gives them, in common units ``[n, *shape]``; rounded or not."""
        finish = self._rounded if quantise else self._settled
        return self._chunked(self._arranged(values), lambda part: finish(self._in_data_units(part)))

    def in_common_units(self, fakes: Array) -> Array:
        """A few ``fakes`` as the generator gives them, rounded: the samples themselves, large pictures too."""
        return np.asarray(self.to_unit(self._rounded(self._in_data_units(self._arranged(fakes)))), np.float32)

    def as_generated(self, real: Array) -> Array:
        """Reals in the data's units taken the other way, to the generator's own range and shape."""
        inverse = self.to_data.inverse
        values = _in_chunks(real, lambda part: inverse(part if self.gauge is None else self.gauge.filed(part)))
        order = np.argsort(self.axes)
        moved = values.transpose(0, *(1 + order)) if self.axes else values
        return np.ascontiguousarray(moved).reshape(len(real), *self.fake_shape)

    def as_held(self, values: Stored) -> Stored:
        """Fakes as the generator gives them, or by the gauge of the data where there is one: ``[n, *shape]``."""
        return values if self.gauge is None else _in_chunks(self._arranged(values), self._in_data_units)

    def _in_data_units(self, values: Stored) -> Array:
        return (self.to_data(values) if self.gauge is None else self.gauge.held(values)).astype(np.float32)

    def _arranged(self, values: Array) -> Array:
        moved = values.transpose(0, *(1 + a for a in self.axes)) if self.axes else values
        return np.ascontiguousarray(moved).reshape(len(values), *self.shape)

    def _chunked(self, values: Array, finish: Callable[[Array], Array]) -> Array:
        def common(part: Array) -> Array:
            return self.to_unit(finish(part)).astype(np.float32)

        if (seen := self.outline) is not None:
            return np.concatenate([seen(common(values[rows])) for rows in _rows(values)])
        return sketch.sketched(values, common, self.gauge is None) if self.sketches else _in_chunks(values, common)

    def _rounded(self, values: Array) -> Array:
        values = values if self.clip is None else np.clip(values, *self.clip)
        return _by_grid(values, self.grids, Grid.nearest)

    def _settled(self, values: Array) -> Array:
        # Equal grid points must be bit-equal, or a tree tells the sides apart by a unit in the last place.
        return _by_grid(values, self.grids, Grid.settle)


def plan_path(
    real: Dataset,
    fake_sample: Array,
    fake_range: Range | None,
    range_option: str,
    quantise: str,
    axes_option: str = "auto",
    drawn: bool = True,
) -> OutputPath:
    """The output path of fakes like ``fake_sample`` ``[n, *fake_shape]`` towards ``real``.

    ``fake_range``: what the fakes' file implies, if anything. ``range_option``: "auto", "none" (fakes are in the data's
    units already) or the fakes' range as "-1,1". ``quantise``: "auto" (clip and round fakes as the data are) or "off".
    ``axes_option``: which axis of a long sequence is time. ``drawn``: by a network, not read from a file by the gauge
    of the reals. Shapes that no reordering explains are an `InputError`.
    """
    shape, fake_shape = real.values.shape[1:], fake_sample.shape[1:]
    axes = _axes(shape, fake_shape)
    real_range = ranges.of_reals(real, range_option)
    source = real_range and ranges.of_fakes(real_range, fake_sample, fake_range, range_option)
    unit = ranges.UNIT if real.kind == "image" else real_range
    to_data = Affine.between(source, real_range) if source and real_range else Affine()
    gauge = real.gauge if drawn and to_data == Affine() else None  # a range of their own is mapped onto the held one
    grids = _grids(real, fake_sample, to_data if gauge is None else gauge.held) if quantise == "auto" else (None,)
    clip = _clip(real, real_range, grids) if quantise == "auto" else None
    read_by = outline.of(real, axes_option)
    said = _range_steps(real_range, unit, _fake_steps(source, unit, clip, grids))
    return OutputPath(
        shape=shape,
        fake_shape=fake_shape,
        axes=axes,
        to_data=to_data,
        to_unit=Affine.between(real_range, unit) if real_range and unit else Affine(),
        clip=clip,
        grids=grids,
        steps=(*_shape_steps(shape, fake_shape, axes), *said, *(read_by.words if read_by else ())) or _AS_THEY_ARE,
        gauge=gauge,
        sketches=sketch.is_large(real.kind, shape),
        outline=read_by,
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Nothing to set: the grid is the data's."""


def applies(pair: Pair) -> str | None:
    """The reals must lie on a grid."""
    if pair.sketch is not None:
        return "sketches are of pictures that have been rounded"
    if pair.outlined:
        return "outlines are of samples that have been rounded"
    return None if any(grids_of(pair.real, pair.kind, pair.columns)) else "the reals lie on no lattice"


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """Both sides rounded to the grid of the fit reals."""
    grids = grids_of(pair.real[fit.real.fit], pair.kind, pair.columns)
    real, fake = (_in_chunks(side, lambda part: _by_grid(part, grids, Grid.nearest)) for side in (pair.real, pair.fake))
    return replace(pair, real=real, fake=fake)


def covers(settings: Settings, name: str, other: Any) -> bool:
    """Nothing else that is here is a function of it."""
    return False


def words(settings: Settings) -> str:
    """A noun phrase."""
    return "the data's own output path"


def _grids(real: Dataset, fake: Array, held: Callable[[Stored], Array | Floats]) -> tuple[Grid | None, ...]:
    """Where the data lies, and fakes are to lie that were not rounded already; ``held`` takes them to its units."""
    grids = grids_of(real.values, real.kind, real.columns)
    if real.kind == "image":
        return grids
    fakes = np.asarray(held(fake), np.float32).reshape(len(fake), *real.values.shape[1:])
    return unless_rounded(grids, fakes, real.kind, real.columns)


def _axes(shape: tuple[int, ...], fake_shape: tuple[int, ...]) -> tuple[int, ...]:
    """The order of the fakes' axes that fits, () for as they are: flat, or different in axes of size 1 alone."""
    if len(shape) == len(fake_shape) == 3 and shape != fake_shape:
        for axes in ((2, 0, 1), (1, 2, 0)):
            if tuple(fake_shape[a] for a in axes) == shape:
                return axes
    same_size = np.prod(shape, dtype=np.int64) == np.prod(fake_shape, dtype=np.int64)
    solid, fake_solid = ([s for s in sides if s != 1] for sides in (shape, fake_shape))
    if same_size and (solid == fake_solid or len(fake_solid) == 1 or len(solid) == 1):
        return ()
    raise InputError(
        f"fakes have shape {_by(fake_shape)} and the data {_by(shape)}",
        "choose data of the generator's own size, or a generator of the data's",
    )


def _clip(real: Dataset, real_range: Range | None, grids: tuple[Grid | None, ...]) -> Range | None:
    """The full range, or the span of a global grid that has just 256 levels."""
    if real_range is not None or real.kind == "table":
        return real_range
    low, high = float(real.values.min()), float(real.values.max())
    return (low, high) if grids[0] is not None and _is_8_bit(grids[0], (low, high)) else None


def _is_8_bit(grid: Grid, span: Range) -> bool:
    return abs((span[1] - span[0]) / grid.step - 255) < 1e-2


def _shape_steps(shape: tuple[int, ...], fake_shape: tuple[int, ...], axes: tuple[int, ...]) -> list[str]:
    if shape == fake_shape:
        return []
    return [f"fakes: {_by(fake_shape)} -> {_by(shape)}{', axes moved' if axes else ''}"]


def _range_steps(real_range: Range | None, unit: Range | None, of_fakes: list[str]) -> list[str]:
    of_data = [f"data: {_span(real_range)} -> {_span(unit)}"] if real_range and unit and real_range != unit else []
    return of_data + ([f"fakes: {', '.join(of_fakes)}"] if of_fakes else [])


def _fake_steps(
    source: Range | None, unit: Range | None, clip: Range | None, grids: tuple[Grid | None, ...]
) -> list[str]:
    steps = []
    if source and unit:
        steps.append(f"in {_span(unit)}" if source == unit else f"{_span(source)} -> {_span(unit)}")
    if clip:
        steps.append("clipped" if source else f"clipped to {_span(clip)}")
    if len(grids) == 1 and grids[0]:
        fine = "8 bits" if clip and _is_8_bit(grids[0], clip) else f"steps of {grids[0].step:g}"
        steps.append(f"rounded to {fine}")
    elif any(grids):
        steps.append(f"{sum(map(bool, grids))} of {len(grids)} columns rounded to the data's steps")
    return steps


def _span(span: Range) -> str:
    return f"[{span[0]:g}, {span[1]:g}]"


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _by_grid(values: Array, grids: tuple[Grid | None, ...], move: Callable[[Grid, Array], Array]) -> Array:
    if len(grids) == 1:
        return move(grids[0], values) if grids[0] else values
    columns = [move(grid, values[:, j]) if grid else values[:, j] for j, grid in enumerate(grids)]
    return np.stack(columns, axis=1)


def _in_chunks(values: Stored, work: Callable[[Stored], Stored]) -> Array:
    done = np.empty(values.shape, np.float32)
    for rows in _rows(values):
        done[rows] = work(values[rows])
    return done


def _rows(values: Array) -> Iterator[slice]:
    size = max(1, _CHUNK // max(1, int(np.prod(values.shape[1:]))))
    return (slice(start, start + size) for start in range(0, len(values), size))
