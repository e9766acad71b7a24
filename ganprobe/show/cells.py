"""A cell as people read it."""

from __future__ import annotations

import math

from ganprobe.record.cells import Cell, Format


def render_cell(cell: Cell, format: Format, unicode: bool = False) -> str:  # noqa: A002 - it is the column's format
    """A cell for people: ``nats`` have four decimals, ``number`` three digits, ``seconds`` one decimal.

    A ``decimal`` has four, or three digits where these would show 0.

    A curve has one character a number, by height where there is ``unicode``, else by digit. A strip is a line with the
    value where it stands and its interval.
    """
    if isinstance(cell, tuple) and format == "strip":
        return _strip(cell)
    if isinstance(cell, tuple):
        return _sparkline(cell, _HEIGHTS if unicode else _DIGITS)
    if cell is None:
        return "-"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int):
        return str(cell)
    if format == "seconds":
        return f"{cell:.1f}"
    if format == "nats":
        return f"{round(cell, 4) + 0.0:.4f}"  # and -0.0 is 0
    # Four decimals would show a p-value of 1e-40 as zero.
    if format == "decimal" and (cell == 0 or abs(cell) >= 5e-5):
        return f"{cell:.4f}"
    return f"{cell:.3g}"


_HEIGHTS, _DIGITS = "▁▂▃▄▅▆▇█", "12345678"
# So much from bottom to top at least, in decades: what hardly moves shall look level.
_LEAST_SPAN = 1.0


def _sparkline(curve: tuple[float, ...], levels: str) -> str:
    """Each number by its level on a log scale that ends at the largest; 0 is at the bottom."""
    logs = [math.log10(number) for number in curve if number > 0]
    if not logs:
        return levels[0] * len(curve)
    top = max(logs)
    span = max(top - min(logs), _LEAST_SPAN)
    heights = ((math.log10(number) - top) / span + 1 if number > 0 else 0 for number in curve)
    return "".join(levels[round(height * (len(levels) - 1))] for height in heights)


# Characters of a strip: as wide as leaves room for three more columns in 80.
_STRIP = 41


def _strip(cell: tuple[float, ...]) -> str:
    low, value, high = (round(number * (_STRIP - 1)) for number in cell)
    drawn = ["-" if low <= place <= high else "." for place in range(_STRIP)]
    drawn[value] = "o"
    return "".join(drawn)
