from __future__ import annotations

from dataclasses import replace

from audits import MEASUREMENTS

from ganprobe.record import kde
from ganprobe.record.kde import KdeRung

RECORD = MEASUREMENTS.kde


def test_the_title_says_how_it_was_judged() -> None:
    (table,) = kde.tables(MEASUREMENTS)
    assert table.title.endswith("agrees (sigma 0.5, PCA-5)")
    assert [row[0] for row in table.rows] == [0.25, 0.5, 1.0]


def test_densities_below_0_are_not_drawn_and_no_band_leaves_what_js_can_be() -> None:
    ladder = (KdeRung(0.25, -0.3, 0.001, 0.004), KdeRung(0.5, 0.6, 0.69, 0.1))
    (figure,) = kde.figures(replace(MEASUREMENTS, kde=replace(RECORD, ladder=ladder)))
    densities, probe = figure.plot.series
    assert densities.points == ((0.5, 0.6),)
    assert probe.band[0][0] == 0
    assert 0.69 < probe.band[1][1] < 0.6932
