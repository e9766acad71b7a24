from __future__ import annotations

from audits import MEASUREMENTS, measurements

from ganprobe.record import memorisation


def test_what_could_not_be_counted_has_no_row() -> None:
    names = [row[0] for row in memorisation.tables(MEASUREMENTS)[0].rows]
    assert names == [
        *("nearer to training data", "C_T", "estimate against training", "estimate against held-out", "near copies")
    ]
    (bare,) = memorisation.tables(measurements(memorisation__c_t=None, memorisation__copies=None))
    assert [row[0] for row in bare.rows] == [name for name in names if name not in ("C_T", "near copies")]
