from __future__ import annotations

from audits import MEASUREMENTS

from ganprobe.record import probes


def test_the_ladder_is_drawn_as_it_is_listed() -> None:
    (table,) = probes.tables(MEASUREMENTS)
    (figure,) = probes.figures(MEASUREMENTS)
    drawn = [(row.label, row.value, row.low, row.high, row.floor) for row in figure.plot.rows]
    assert drawn == [row[:5] for row in table.rows]
    assert table.rows[0][5] is None, "the stack has no weight in itself"
