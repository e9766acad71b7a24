"""Hand-written records: a middling generator of digits, consistent in itself, every part measured.

`measurements(...)` and `audit(...)` replace parts by name; ``js__status=...`` reaches into the estimate.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from ganprobe.judge import checks
from ganprobe.record.audit import Audit, Measurements, Stage
from ganprobe.record.beyond_tell import BeyondRecord
from ganprobe.record.bound import Bound
from ganprobe.record.clusters import ClusterRecord, ModesRecord
from ganprobe.record.distances import DistanceRecord
from ganprobe.record.divergences import DivergenceRecord
from ganprobe.record.gradients import GradientRecord, LayerGradient, NoiseRung
from ganprobe.record.headline import Estimate
from ganprobe.record.kde import KdeRecord, KdeRung
from ganprobe.record.labels import LabelRecord, LabelsRecord
from ganprobe.record.logits import CalibrationBin, LogitRecord
from ganprobe.record.memorisation import CopiesRecord, MemorisationRecord, NearCopy
from ganprobe.record.optimality import CurvePoint, Evidence, OptimalityRecord
from ganprobe.record.probes import ProbeRecord
from ganprobe.record.smoothing import SmoothingRecord
from ganprobe.record.sources import Artefact, CheckpointRecord, DataRecord
from ganprobe.record.support import Dimension, Extreme, SupportRecord, TradeOff
from ganprobe.record.views import ViewRecord

LOG2 = math.log(2)
# One grey pixel.
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)

SECOND = ClusterRecord(0.4, 0.38, 1600, 15200, 0.09, False, (3002, 17), (), 7, 0.93)

MEASUREMENTS = Measurements(
    checkpoint=CheckpointRecord(
        path="runs/g_12000.pt",
        sha256="3f2a" * 16,
        format="state_dict",
        key="g_ema",
        step=12000,
        latent=(64,),
        latent_law="normal",
        parameters=1_486_352,
    ),
    data=DataRecord("digits.npz", "image", 10000, (1, 28, 28), "9c1b" * 16),
    js=Estimate(
        bound=Bound(0.143, 0.135, 0.151, 0.137),
        level=0.95,
        extrapolated=0.149,
        p_value=1e-40,
        null=0.0004,
        near_optimal=True,
        gap=0.006,
        status="distinguishable",
        log_e_value=2860.0,
        brier_bracket=(0.11, 0.152),
        zero_error_floor=0.6923,
        null_se=0.0011,
        n_real=10000,
        n_fake=40000,
        auc=0.762,
        auc_low=0.755,
        auc_high=0.769,
    ),
    probes=(
        ProbeRecord("stack", Bound(0.143, 0.135, 0.151, 0.137), 0.4),
        ProbeRecord(
            "boosting", Bound(0.138, 0.130, 0.146, 0.131), 11.2, {"trees": 300}, 211, "no gain for 20 trees", 0.55
        ),
        ProbeRecord("mlp", Bound(0.121, 0.113, 0.129, 0.115), 24.8, {"width": 256}, 64, "no gain for 8 epochs", 0.41),
        ProbeRecord("logistic", Bound(0.052, 0.046, 0.058, 0.047), 0.9, {}, None, "converged", 0.04),
    ),
    optimality=OptimalityRecord(
        near_optimal=True,
        gap=0.004,
        extrapolated=0.149,
        curve=(CurvePoint(0.25, 1750, 0.13), CurvePoint(0.5, 3500, 0.139), CurvePoint(1.0, 7000, 0.143)),
        evidence=(
            Evidence("audit: boosting", 0.001, 0.005, True, "gained on top of the stack; z = 0.8"),
            Evidence("learning curve", 0.0046, 0.005, True, "JS still to come if the curve is as flat as n^-.3"),
            Evidence("calibration slope", 0.99, 1.1, True, "1 is calibrated; standard error 0.02"),
        ),
    ),
    divergences=(
        DivergenceRecord("total_variation", 0.41, 0.39, 0.43),
        DivergenceRecord("henze_penrose", 0.22, 0.2, 0.24),
    ),
    logits=LogitRecord(
        edges=(-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0),
        real=(90, 410, 1800, 2900, 3200, 1600),
        fake=(6200, 13100, 11800, 6400, 2100, 400),
        calibration=(
            CalibrationBin(0.09, 0.08, 0.07, 0.1, 12_000),
            CalibrationBin(0.35, 0.36, 0.33, 0.39, 16_000),
            CalibrationBin(0.62, 0.6, 0.57, 0.63, 12_000),
            CalibrationBin(0.88, 0.9, 0.87, 0.92, 10_000),
        ),
    ),
    kde=KdeRecord(
        nats=0.081,
        matched_probe=0.083,
        sigma=0.5,
        agreement="agrees",
        space="PCA-5",
        ladder=(
            KdeRung(0.25, 0.031, 0.102, 0.004),
            KdeRung(0.5, 0.081, 0.083, 0.003),
            KdeRung(1.0, 0.04, 0.041, 0.002),
        ),
    ),
    support=SupportRecord(
        real_covered=0.97,
        real_covered_low=0.95,
        real_covered_high=0.99,
        fake_covered=0.99,
        fake_covered_low=0.98,
        fake_covered_high=1.0,
        density=0.97,
        coverage=0.91,
        null_density=0.99,
        null_coverage=0.96,
        dimension=Dimension(12.1, 11.8, 64, 0.3, 0.3, 11.4, 11.3, 0.1, 0.1),
        mismatch=False,
        js_floor=0.008,
        curve=(TradeOff(0.41, 0.40, 0.97), TradeOff(1.0, 0.62, 0.62), TradeOff(2.41, 0.99, 0.41)),
        modes=ModesRecord(False, None, (ClusterRecord(0.6, 0.62, 2400, 24800, 1.0, False, (14, 906)), SECOND)),
        missed_reals=(Extreme(1440, 6.1, 1.9, 4, PICTURE), Extreme(77, 5.2, 1.6, 7, PICTURE)),
        stray_fakes=(Extreme(5021, 4.4, 2.2, 7, PICTURE), Extreme(12, 4.1, 2.1, 0, PICTURE)),
        copies=CopiesRecord(0.002, 0.001, 0.2, 0.31, (NearCopy(31, 4400, 0.22),)),
    ),
    labels=LabelsRecord(
        level=0.95,
        mix_p_value=0.3,
        labels=(
            LabelRecord(4, 0.9, 0.902, 9000, 36080, 0.14, 0.13, 0.15),
            LabelRecord(7, 0.1, 0.098, 1000, 3920, 0.12, 0.09, 0.15),
        ),
    ),
    memorisation=MemorisationRecord(
        path="train.npz",
        n_train=60000,
        n_held_out=4000,
        nearer=0.51,
        nearer_z=0.9,
        c_t=0.4,
        c_t_z=1.2,
        cells=10,
        js_train=0.131,
        js_held_out=0.128,
        js_se=0.006,
        copies=CopiesRecord(0.001, 0.001, 0.6, 0.29, ()),
    ),
    gradients=GradientRecord(
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
    smoothing=SmoothingRecord(
        sigma=(0.1, 0.2, 0.4, 0.8),
        unit="range",
        js=(0.12, 0.08, 0.03, 0.01),
        low=(0.11, 0.07, 0.025, 0.007),
        high=(0.13, 0.09, 0.035, 0.013),
        floor=(0.1, 0.06, 0.02, 0.002),
        gap=(0.104, 0.166, 0.199, 0.227),
        half_scale=None,
        effective_gap=None,
    ),
    distances=(
        DistanceRecord("sliced_wasserstein", 0.031, 0.028, 0.034, 0.006, None, "range"),
        DistanceRecord("energy", 0.012, 0.009, 0.015, -0.0002, 0.001, "range"),
        DistanceRecord("critic", 0.84, 0.8, 0.88, 0.02, 1e-12, "range"),
    ),
    views=(
        ViewRecord("output_path", Bound(0.143, 0.135, 0.151, 0.137)),
        ViewRecord("histogram", Bound(0.138, 0.13, 0.146, 0.131), {}, 1.0),
        ViewRecord(
            "threshold+blocks", Bound(0.03, 0.022, 0.038, 0.024), {"threshold.level": 0.5, "blocks.size": 4}, 1.0
        ),
        ViewRecord("blur", Bound(0.12, 0.11, 0.13, 0.112), {"sigma": 1.0}, 2.0),
        ViewRecord("noise", Bound(0.09, 0.08, 0.10, 0.082), {"sigma": 0.3}, 2.0),
    ),
    artefacts=(),
    output_path=(),
    headline_view="output_path",
    beyond_tell=BeyondRecord(
        "threshold level=0.5",
        Bound(0.061, 0.054, 0.068, 0.055),
        True,
        0.002,
        "a threshold",
        "threshold",
        {"level": 0.5},
    ),
    tell="Through the pixel-value histogram alone 0.138 of 0.143 nats show (97%): the fakes have 9.5 times as many "
    "nearly black pixels (1 to 5 of 255): 18% against 1.9%. Without it, through the means of 4x4 blocks of pixels "
    "after a threshold at 0.5, 0.030 nats (21%) are left.",
    unmeasured={},
)

LATTICE = Artefact("lattice", "real", "the reals lie on 256 levels, the fakes on none", {"levels": 256})


def measurements(**changes: Any) -> Measurements:
    """The record with ``changes``; ``part__field`` changes a field of a part."""
    whole = {name: value for name, value in changes.items() if "__" not in name}
    parts: dict[str, dict[str, Any]] = {}
    for name, value in changes.items():
        part, mark, field = name.partition("__")
        if mark:
            parts.setdefault(part, {})[field] = value
    for part, fields in parts.items():
        record = getattr(MEASUREMENTS, part)
        if isinstance(record, Estimate):
            called = {"value" if name == "nats" else name: value for name, value in fields.items()}
            bound = {name: called.pop(name) for name in ("value", "low", "high", "floor") if name in called}
            fields = called | {"bound": dataclasses.replace(record.bound, **bound)}
        whole[part] = dataclasses.replace(record, **fields)
    return dataclasses.replace(MEASUREMENTS, **whole)


def audit(m: Measurements = MEASUREMENTS) -> Audit:
    """``m`` judged and framed as a finished run."""
    findings = checks.run(m)
    verdict, reason = checks.verdict(m, findings)
    return Audit(
        version="0.1.0",
        command=("ganprobe", "js", "runs/g_12000.pt", "digits.npz"),
        seed=0,
        seconds=41.3,
        stages=(Stage("load", 1.2), Stage("probe", 37.0)),
        plan={"budget": "standard", "probes": []},
        environment={"python": "3.11.7", "threads": 1},
        measurements=m,
        findings=findings,
        verdict=verdict,
        verdict_reason=reason,
    )


def troubled() -> Audit:
    """Nearly everything there is to say, said at once: a generator at the ceiling, on another grid than the data."""
    m = measurements(
        checkpoint__trusted=True,
        checkpoint__latent=(8,),
        checkpoint__notes=("the prefix module. was stripped",),
        js__floor=0.6905,
        js__nats=0.6921,
        js__low=0.691,
        js__high=0.6931,
        js__status="saturated",
        js__extrapolated=None,
        js__gap=None,
        js__near_optimal=None,
        js__null=0.021,
        js__null_se=0.0011,
        kde__agreement="probe weaker than KDE",
        kde__nats=0.181,
        support__mismatch=True,
        support__real_covered=0.41,
        support__real_covered_low=0.36,
        support__real_covered_high=0.46,
        support__dimension=Dimension(12.1, 4.2, 8, 0.3, 0.1, 11.4, 4.3, 0.1, 0.1),
        support__modes=ModesRecord(
            True, 0.81, (dataclasses.replace(SECOND, fake_share=0.001, n_fake=40, p_value=1e-9, missed=True),)
        ),
        labels=None,
        memorisation=None,
        gradients=None,
        smoothing__js=(0.69, 0.6, 0.2, 0.05),
        smoothing__half_scale=0.31,
        smoothing__effective_gap=0.63,
        tell=None,
        beyond_tell=None,
        views=(
            ViewRecord("raw", Bound(0.6928, 0.692, 0.6931, 0.691)),
            ViewRecord("output_path", Bound(0.6921, 0.691, 0.6931, 0.6905)),
            ViewRecord("noise", Bound(0.037, 0.03, 0.044, 0.031), {"sigma": 0.3}, 2.0),
        ),
        artefacts=(LATTICE,),
        output_path=("fakes clipped to 0..255", "fakes rounded to whole numbers"),
        unmeasured={
            "js.near_optimal": "JS is at its ceiling",
            "gradients": "the fakes were generated beforehand",
            "tell": "no view kept 95% of it",
            "labels": "the reals have no labels",
            "memorisation": "no --train-data, which fakes are held against",
        },
    )
    return audit(m)
