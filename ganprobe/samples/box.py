"""How far a row lies outside what the fit rows of a side span: where a law ends with an edge, this is what shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.samples.sides import Array


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """The smallest box around the fit rows of one side: ``low`` and ``high`` ``[2, d]``, the outermost value first.

    A row that touches a face is measured against the next row's value there, as if it had not helped to make the box.
    So rows of the fit part lie outside as often as new ones do, and a probe cannot learn them by heart.
    """

    low: Array
    high: Array

    @classmethod
    def around(cls, rows: Array) -> Box:
        """The box of ``[n, d]``, n at least 2."""
        ends = np.partition(rows, (0, 1, -2, -1), axis=0)
        return cls(ends[:2].copy(), ends[:-3:-1].copy())

    def excess(self, x: Array, spread: Array) -> Array:
        """How far each row of ``x`` ``[n, d]`` lies outside, in units of ``spread``, at its worst coordinate: ``[n]``.

        Below 0 it lies inside, so far from the nearest face.
        """
        low = np.where(x == self.low[0], self.low[1], self.low[0])
        high = np.where(x == self.high[0], self.high[1], self.high[0])
        outside: Array = (np.maximum(low - x, x - high) / spread).max(1)
        return outside
