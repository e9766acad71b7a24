"""A saturating gradient that wanes but stays; then fakes without a generator."""

from __future__ import annotations

from ganprobe.record.gradients import GradientRecord, LayerGradient, NoiseRung
from ganprobe.record.unmeasured import Unmeasured

MEASURED = {
    "gradients": GradientRecord(
        saturating=0.4,
        non_saturating=2.1,
        retention=0.3,
        vanishing=False,
        wrt="generator parameters",
        steps=(0, 10, 30, 100, 300, 1000, 2000, 3000),
        saturating_curve=(1.3, 1.2, 1.1, 0.9, 0.8, 0.6, 0.5, 0.4),
        non_saturating_curve=(1.3, 1.4, 1.5, 1.6, 1.7, 1.9, 2.0, 2.1),
        js_curve=(0.0, 0.001, 0.01, 0.04, 0.08, 0.11, 0.13, 0.14),
        judged_step=3000,
        training_js_curve=(0.0, 0.001, 0.01, 0.04, 0.08, 0.12, 0.14, 0.15),
        saturating_snr_curve=(2.0, 2.1, 2.2, 2.1, 2.0, 1.9, 1.8, 1.7),
        non_saturating_snr_curve=(2.0, 2.1, 2.2, 2.1, 2.0, 2.0, 2.0, None),
        critic=1.1,
        critic_curve=(0.2, 0.9, 1.0, 1.1, 1.1, 1.1, 1.1, 1.1),
        critic_snr_curve=(0.5, 1.5, 2.5, 2.6, 2.6, 2.6, 2.6, 2.6),
        critic_distance_curve=(0.0, 0.1, 0.2, 0.3, 0.31, 0.32, 0.33, 0.33),
        unit="range",
        noise=(
            NoiseRung(
                sigma=0.1,
                saturating=0.6,
                non_saturating=1.4,
                retention=0.6 / 1.2,
                vanishing=False,
                judged_step=1000,
                saturating_curve=(1.2, 1.1, 1.0, 0.9, 0.8, 0.6, 0.5, 0.4),
                non_saturating_curve=(1.2, 1.2, 1.3, 1.3, 1.4, 1.4, 1.4, 1.4),
                saturating_snr_curve=(2.0, 2.0, 2.1, 2.1, 2.2, 2.2, 2.3, 2.3),
                non_saturating_snr_curve=(2.0, 2.0, 2.1, 2.1, 2.2, 2.2, 2.3, 2.3),
                js_curve=(0.0, 0.001, 0.01, 0.03, 0.06, 0.08, 0.09, 0.07),
            ),
        ),
        alive_sigma=0.0,
        layers=(
            LayerGradient(
                "model.0",
                (0.9, 0.8, 0.8, 0.6, 0.6, 0.4, 0.4, 0.3),
                (0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.4, 1.5),
                (0.1, 0.6, 0.7, 0.8, 0.8, 0.8, 0.8, 0.8),
            ),
        ),
    ),
}
TROUBLED = {"gradients": Unmeasured("the fakes were generated beforehand")}
