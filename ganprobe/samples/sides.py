"""What flows between the stages that touch samples: data sets, generators, pairs and folds.

`real` and `fake` are the two sides, everywhere. Arrays hold one sample per row: ``[n, *shape]`` float32; what was read
from a file of bytes stays bytes until it is brought to common units, a quarter of the memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from ganprobe.record.sources import Artefact, CheckpointRecord, DataRecord

if TYPE_CHECKING:
    from ganprobe.samples.gauge import Gauge

Kind = Literal["image", "array", "table"]
# A column of a table called ``city=code`` holds which level of ``city`` a row has: a number of ours, none of the file.
CODE = "code"
Array = npt.NDArray[np.float32]
Stored = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Samples read from a file.

    ``values``: ``[n, *shape]`` float32, or bytes where the file holds bytes; pictures are ``[n, channels, height,
    width]``. They are in the file's own units, or held by ``gauge`` where float32 would lose what tells them apart.
    ``found``: what reading itself did or lost. ``labels``: ``[n]`` or None. ``columns`` names the last axis of a table.
    ``full_range`` is (0, 255) for 8-bit pictures, else what the file's type implies, or None where it implies nothing.
    ``schema`` is what a table's samples need to be read alike. ``rows``: ``[n]`` numbers of the rows in the file,
    counted from 0, or None where all were read. ``groups``: ``[n]``, equal for rows that depend on each other, or None
    where none were named.
    """

    values: Stored
    kind: Kind
    record: DataRecord
    labels: Indices | None = None
    columns: tuple[str, ...] = ()
    full_range: tuple[float, float] | None = None
    schema: Any = None
    rows: Indices | None = None
    groups: Indices | None = None
    gauge: Gauge | None = None
    found: tuple[Artefact, ...] = ()
    axis: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Generator:
    """A network, the law of its latent, its labels, and where it came from.

    ``draw(n, seed)`` gives ``[n, *shape]`` float32 on the CPU and is a pure function of its arguments.
    ``inputs(n, seed)`` gives the tuple of tensors that ``module`` takes, for work that needs gradients. ``work``: the
    multiplications that a sample takes, 0 where these are not known.
    """

    module: Any
    draw: Callable[[int, int], Array]
    inputs: Callable[[int, int], tuple[Any, ...]]
    shape: tuple[int, ...]
    record: CheckpointRecord
    work: float = 0.0

    def labels(self, n: int, seed: int) -> Indices | None:
        """The classes ``[n]`` of what ``draw(n, seed)`` gives, or None where the network takes no labels."""
        inputs = self.inputs(n, seed)
        if len(inputs) < 2:
            return None
        labels = inputs[1].cpu().numpy()
        return np.asarray(labels.argmax(1) if labels.ndim > 1 else labels, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Exported:
    """Fakes that were generated beforehand, as a `Dataset` holds them: all there are."""

    values: Stored
    record: CheckpointRecord
    full_range: tuple[float, float] | None = None
    labels: Indices | None = None
    rows: Indices | None = None
    groups: Indices | None = None
    found: tuple[Artefact, ...] = ()


Source = Generator | Exported


@dataclass(frozen=True, slots=True)
class Layout:
    """How large pictures of ``shape`` are sketched (`ganprobe.samples.sketch`).

    Its first columns are means over squares of ``block`` pixels, ``grid`` of them: (channels, rows, columns). Made
    smaller, by squares of ``small_block``, a picture is ``small``.
    """

    shape: tuple[int, int, int]
    block: int
    small_block: int

    @property
    def grid(self) -> tuple[int, int, int]:
        """The shape of the means over blocks."""
        return self._over(self.block)

    @property
    def small(self) -> tuple[int, int, int]:
        """The shape of a picture made smaller."""
        return self._over(self.small_block)

    def _over(self, block: int) -> tuple[int, int, int]:
        channels, height, width = self.shape
        return channels, -(-height // block), -(-width // block)


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """The two sides in common units: ``real`` ``[n, *shape]``, ``fake`` ``[m, *shape]``.

    ``gauge`` leads back to what stands in the file, where that is something else.
    ``axis``: which axis of a sample was said to be ordered, from 0; -1 for none, None where nothing was said.
    Of large pictures the rows are sketches, a table whose ``sketch`` says of what; volumes and long sequences are
    ``outlined``: the columns are numbers computed of each.
    """

    real: Array
    fake: Array
    kind: Kind
    columns: tuple[str, ...] = ()
    gauge: Gauge | None = None
    axis: int | None = None
    sketch: Layout | None = None
    outlined: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return tuple(self.real.shape[1:])

    @property
    def width(self) -> int:
        """The number of coordinates of one sample."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def names(self) -> tuple[str, ...]:
        """The column of each coordinate; empty where columns are no coordinates."""
        return self.columns if len(self.columns) == self.width else ("",) * self.width

    @property
    def numbers(self) -> list[int]:
        """The coordinates that are numbers, and not indicators of a value."""
        return [j for j, name in enumerate(self.names) if "=" not in name]

    @property
    def scales(self) -> tuple[Floats, Floats]:
        """``zero`` and ``unit`` of each coordinate, ``[width]``: what stands in the file is zero + unit x."""
        if self.gauge is None:
            return np.zeros(self.width), np.ones(self.width)
        zero, unit = (np.broadcast_to(part, self.shape).reshape(-1) for part in (self.gauge.zero, self.gauge.unit))
        return zero, unit


@dataclass(frozen=True, slots=True, eq=False)
class SideOrigin:
    """Where the rows of one side of a pair come from: ``rows`` of the file, or fakes in the order drawn, from 0."""

    rows: Indices
    labels: Indices | None = None
    groups: Indices | None = None

    @classmethod
    def of(cls, source: Dataset | Exported, chosen: Indices) -> SideOrigin:
        """The ``chosen`` samples of what was read from a file."""
        labels = None if source.labels is None else source.labels[chosen]
        groups = None if source.groups is None else source.groups[chosen]
        return cls(chosen if source.rows is None else source.rows[chosen], labels, groups)


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """Where the rows of a pair come from, for whoever wants to look at one."""

    real: SideOrigin
    fake: SideOrigin
