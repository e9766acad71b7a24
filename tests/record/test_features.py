from __future__ import annotations

from audits import measurements

from ganprobe.record import features
from ganprobe.record.features import FeatureRecord

RECORD = FeatureRecord("inception", 5000, 4000, 14.2, 6.1, 0.0041, 0.0003, 0.0001, 2500)


def test_both_distances_stand_beside_those_of_halves_of_the_reals() -> None:
    (table,) = features.tables(measurements(features=RECORD))
    assert table.rows == (("FID", 14.2, 6.1), ("KID", 0.0041, 0.0001))
    assert table.title == "On features of inception (5000 reals, 4000 fakes; halves of 2500)"
