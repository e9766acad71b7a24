"""GP115 Rows depend on each other."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements
from ganprobe.record.dependence import SideDependence

CODE = "GP115"
TAKES_PASS = True
TITLE = "rows depend on each other"
EXPLAIN = """
Floors, intervals and p-values are those of independent rows. Where rows follow each other in time, where several are of
one person or one picture, or are windows of one series, a thousand of them know as much as a few: between equal laws
the floor was above 0 in 40 of 40 runs with 300 rows and four near copies of each. Two things give it away. A row lies
nearer to the line between its neighbours in the file than to that between rows further away: then rows that follow each
other are kept in one fold. Or a few rows lie as close together as no smooth law of so many dimensions lets them, and
the other side's rows lie so close to none of them. A law of hundreds of tight clusters that the other side misses
altogether looks the same. Sorted files, and equal rows, are neither. With --group the rows of a group stay in one fold
and one of each is tested, which makes the tested rows independent again.
"""


def check(m: Measurements) -> Finding | None:
    """A warning where rows of either side depend on each other; it takes PASS away."""
    if m.dependence is None:
        return None
    sides = {"reals": m.dependence.real, "fakes": m.dependence.fake}
    said = {name: _said(side) for name, side in sides.items() if side is not None and side.dependent}
    if not said:
        return None
    return Finding(
        CODE,
        "warn",
        "rows depend on each other, and the floor is not certified: "
        + "; ".join(f"{name} {words}" for name, words in said.items()),
        {name: {"steps": side.steps, "jump": side.jump} for name, side in sides.items() if side is not None},
        "Name what belongs together (--group COLUMN, or a file with one number for each row), or keep one row of each.",
    )


def _said(side: SideDependence) -> str:
    words = []
    if side.ordered:
        words.append(f"follow each other in the file (nearer to their neighbours in {side.steps:.0%}, by chance 50%)")
    if side.near_copies:
        words.append(f"come in groups of near copies (distances grow {side.jump:.1f} times as fast behind the nearest)")
    return " and ".join(words)
