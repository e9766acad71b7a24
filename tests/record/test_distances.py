from __future__ import annotations

from audits import MEASUREMENTS

from ganprobe.record import distances


def test_the_unit_is_said_and_what_has_no_test_has_no_p_value() -> None:
    (table,) = distances.tables(MEASUREMENTS)
    assert table.title == "Distances that do not saturate, in fractions of the full range"
    assert [row[0] for row in table.rows if row[5] is None] == ["sliced_wasserstein"]
