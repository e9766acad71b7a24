from __future__ import annotations

from audits import MEASUREMENTS, measurements

from ganprobe.record import gradients

RECORD = MEASUREMENTS.gradients


def test_curves_are_shown_and_step_by_step() -> None:
    shown = {table.name: table for table in gradients.tables(MEASUREMENTS)}
    assert [row[0] for row in shown["gradient_steps"].rows] == [*RECORD.steps]
    saturating, non_saturating, critic, noisy = shown["gradients"].rows
    assert saturating[2] == RECORD.saturating_curve
    assert (non_saturating[3], critic[3]) == (RECORD.non_saturating, RECORD.critic)
    assert noisy[1:4] == (0.1, RECORD.noise[0].saturating_curve, 0.6), "judged at a step of its own"
    (layer,) = shown["gradient_layers"].rows
    assert layer[:3] == ("model.0", (0.9, 0.8, 0.8, 0.6, 0.6, 0.4, 0.4, 0.3), 0.3)


def test_layers_are_shown_where_they_were_asked_for() -> None:
    assert gradients.tables(measurements(gradients__layers=None))[2].rows == ()


def test_what_noise_saves_is_said_where_the_gradient_vanishes() -> None:
    said = [
        gradients.summary(measurements(gradients__vanishing=vanishing, gradients__alive_sigma=sigma))[0][4]
        for vanishing, sigma in ((False, 0.0), (True, 0.2), (True, None))
    ]
    assert [words.rpartition("it ")[2] for words in said] == ["stays", "stays", "vanishes"]
    assert "vanishes; with noise 0.2" in said[1]


def test_a_log_axis_leaves_out_what_is_not_above_0() -> None:
    dead = (*RECORD.saturating_curve[:-1], 0.0)
    first, *_ = gradients.figures(measurements(gradients__saturating_curve=dead))
    assert [len(series.points) for series in first.plot.series] == [7, 8, 8]
