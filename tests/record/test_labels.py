from __future__ import annotations

from dataclasses import replace

from audits import MEASUREMENTS

from ganprobe.record import labels
from ganprobe.record.labels import LabelRecord

RECORD = MEASUREMENTS.labels


def test_a_label_of_too_few_samples_has_its_share_and_no_js() -> None:
    rare = LabelRecord(9, 0.001, 0.0, 10, 0)
    m = replace(MEASUREMENTS, labels=replace(RECORD, labels=(*RECORD.labels, rare)))
    assert labels.tables(m)[0].rows[-1] == (9, 0.001, 0.0, None, None, None)
    mix, spans = labels.figures(m)
    assert [row[0] for row in mix.plot.rows] == ["label 4", "label 7", "label 9"]
    assert [row.label for row in spans.plot.rows] == ["label 4", "label 7"]


def test_one_label_is_no_mix() -> None:
    assert [*labels.figures(replace(MEASUREMENTS, labels=replace(RECORD, labels=RECORD.labels[:1])))] == []
