"""When a fall of what both laws share is one: made series, and those of GANs that did and did not collapse."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Sequence

import pytest
from audits import audit, measurements

from ganprobe.judge import collapse, history
from ganprobe.judge.ranking import Series
from ganprobe.record.audit import Audit
from ganprobe.record.bound import Bound
from ganprobe.record.headline import BatchRecord
from ganprobe.record.probes import ProbeRecord
from ganprobe.record.smoothing import SmoothingRecord
from ganprobe.show import reports, trends
from ganprobe.store import archive

LOG2 = math.log(2)
BATCHED = BatchRecord((0.001, -0.001) * 100, (-0.001, 0.001) * 100)
# Of `examples/benchmark_alarm.py`: overlap by the logistic probe and nearest-neighbour coverage, every 100 steps.
COLLAPSED = (
    (0.01, 0.05, 0.14, 0.22, 0.29, 0.29, 0.22, 0.11, 0.05, 0.01),
    (0.58, 0.78, 0.82, 0.76, 0.84, 0.80, 0.81, 0.74, 0.78, 0.51),
)
# Its generator learns twice as fast as others.
WOBBLING = (
    (0.01, 0.06, 0.11, 0.11, 0.09, 0.15, 0.11, 0.21, 0.15, 0.26, 0.12, 0.22, 0.28, 0.27, 0.20, 0.38, 0.26, 0.30, 0.20),
    (0.71, 0.77, 0.71, 0.65, 0.65, 0.84, 0.77, 0.85, 0.89, 0.96, 0.90, 0.89, 0.96, 0.98, 0.95, 0.93, 0.97, 0.96, 0.93),
)
# Its fakes lose detail and reach what they reached.
BLURRED = (
    (0.01, 0.08, 0.15, 0.25, 0.32, 0.34, 0.38, 0.37, 0.49, 0.42, 0.44, 0.42, 0.47, 0.46, 0.39, 0.22, 0.38, 0.38, 0.39),
    (0.67, 0.81, 0.84, 0.74, 0.82, 0.80, 0.87, 0.89, 0.95, 0.93, 0.91, 0.93, 0.93, 0.95, 0.95, 0.91, 0.94, 0.93, 0.97),
)


def bound(overlap: float) -> Bound:
    nats = (1 - overlap) * LOG2
    return Bound(nats, nats - 0.018, nats + 0.018, nats - 0.015)


def course(overlaps: Sequence[float], coverage: Sequence[float | None] = (), **probes: Sequence[float]) -> list[Audit]:
    """Audits of these overlaps, by the stack and by each of ``probes``; without ``coverage`` there is no support."""
    found = []
    for k, overlap in enumerate(overlaps):
        m = measurements(
            batches=BATCHED,
            checkpoint__step=100 * (k + 1),
            js__nats=bound(overlap).value,
            js__low=bound(overlap).low,
            js__high=bound(overlap).high,
            probes=tuple(ProbeRecord(name, bound(each[k]), 1.0) for name, each in probes.items()),
            smoothing=None,
            **({"support__coverage": coverage[k]} if coverage else {"support": None}),
        )
        found.append(audit(m))
    return found


def alarms(audits: Sequence[Audit]) -> list[int]:
    """Positions at which a watcher would have been told of a fall."""
    return [k for k, by in enumerate(collapse.out_of_band(Series(tuple(audits), "js"))) if by is not None]


def test_a_collapse_is_told_two_checkpoints_before_half_of_what_was_reached_is_lost() -> None:
    """By the judge of the benchmark that was at 1,000 steps: .23 where .61 had been reached."""
    audits = course(*COLLAPSED)
    assert alarms(audits) == [7, 9], "at the ninth coverage is half way back"
    assert all(history.compare(audits[:k]).record.trend.fall is None for k in range(1, 8)), "each look is by itself"
    whole = history.compare(audits[:8])
    fall = whole.record.trend.fall
    assert fall is not None
    assert (fall.since, fall.best, fall.by) == (7, 4, "js")
    assert (fall.at_best, fall.now) == pytest.approx((0.29, 0.11))
    said = str(trends.alarm(whole))
    assert (
        "overlap with the reals is falling, out of its band since step 800: 0.29 at 500, 0.11 at 800; at this" in said
    )
    assert said.endswith("none is left by 983"), "300 steps lose .18 of .29"
    assert "from 800 to the end overlap with the reals is out of its band below its best" in " ".join(
        reports.render(whole, "markdown").split()
    )
    assert archive.history_from_jsonl(archive.history_to_jsonl(whole)) == whole


def test_a_training_is_held_to_its_own_wobble() -> None:
    """The same last audit is a fall of a training that was steady, and none of one that goes up and down."""
    steady = (0.3, 0.4, 0.5, 0.52, 0.5, 0.51, 0.52, 0.51)
    restless = (0.3, 0.4, 0.5, 0.25, 0.5, 0.25, 0.52, 0.25)
    assert alarms(course((*steady, 0.2))) == [8]
    assert alarms(course((*restless, 0.2))) == []
    assert alarms(course(WOBBLING[0])) == alarms(course(*WOBBLING)) == []
    assert alarms(course((*steady, 0.4))) == [], "less than three tenths"
    assert alarms(course((0.3, 0.5, 0.5, 0.1))) == [], "four audits do not show how it wobbles"


def test_coverage_is_the_witness() -> None:
    assert alarms(course(*BLURRED)) == []
    assert alarms(course(BLURRED[0])) == [15], "as deep as a collapse, were it not for coverage"
    assert alarms(course(COLLAPSED[0], (0.8,) * 10)) == []
    unknown: list[float | None] = [*COLLAPSED[1][:-1], None]
    assert alarms(course(COLLAPSED[0], unknown)) == alarms(course(COLLAPSED[0])) == [7, 8, 9]


def test_where_the_stack_is_near_its_ceiling_a_single_probe_shows_the_fall() -> None:
    stack = (0.01, 0.01, 0.02, 0.03, 0.03, 0.03, 0.03, 0.02, 0.01, 0.01)
    assert alarms(course(stack, COLLAPSED[1])) == []
    audits = course(stack, COLLAPSED[1], stack=stack, logistic=COLLAPSED[0], kde=(0.5,) * 10)
    assert alarms(audits) == [7, 9]
    fall = history.compare(audits).record.trend.fall
    assert fall is not None
    assert (fall.by, fall.at_best) == ("logistic", pytest.approx(0.29))
    assert "0.29 at 500, 0.01 at 1000 by the probe logistic" in str(trends.alarm(history.compare(audits)))


def test_one_reading_may_begin_to_fall_where_another_did() -> None:
    """The second rose until the first fell; what is said of it is the most that it was."""
    first = (0.3, 0.4, 0.5, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1)
    second = (0.1, 0.12, 0.15, 0.18, 0.22, 0.26, 0.32, 0.39, 0.0)
    fall = history.compare(course(first, stack=first, boosting=second)).record.trend.fall
    assert fall is not None
    assert (fall.since, fall.best, fall.at_best, fall.by) == (6, 7, pytest.approx(0.39), "boosting")


def test_what_noise_leaves_shows_a_fall_where_js_is_log_2() -> None:
    sigma = (0.01, 0.1, 1.0, 10.0)
    audits = course((0.0,) * 8)
    for k, scale in enumerate((2.0, 1.0, 0.4, 0.2, 0.2, 0.2, 0.2, 3.0)):
        js = tuple(LOG2 / (1 + (s / scale) ** 2) for s in sigma)
        curve = SmoothingRecord(sigma, "data", js, js, js, js, (None,) * 4, None, None)
        m = dataclasses.replace(audits[k].measurements, smoothing=curve)
        audits[k] = dataclasses.replace(audits[k], measurements=m)
    assert collapse.out_of_band(Series(tuple(audits), "js")) == [None] * 7 + ["area"]
    assert collapse.out_of_band(Series(tuple(audits), "area")) == [None] * 7 + ["area"]


def reading(one: Audit, overlap: float, coverage: float) -> Audit:
    """``one`` with this overlap by the stack, and coverage where it has any."""
    m = one.measurements
    assert m.js is not None
    support = m.support and dataclasses.replace(m.support, coverage=coverage)
    m = dataclasses.replace(m, js=dataclasses.replace(m.js, bound=bound(overlap)), support=support)
    return dataclasses.replace(one, measurements=m)


@pytest.mark.parametrize(("wobble", "witness"), [(0.2, False), (0.25, True)])
def test_chance_alone_gives_no_alarm(wobble: float, witness: bool) -> None:
    """Of 500 trainings in which nothing but chance moves, for 24 looks each, at most one in twenty has any alarm."""
    rng, false = random.Random(0), 0
    audits = course((0.4,) * 24, (0.9,) * 24 if witness else ())
    for _ in range(500):
        draws = ((0.4 * math.exp(rng.gauss(0, wobble)), rng.gauss(0.9, 0.02)) for _ in audits)
        false += alarms([reading(one, *drawn) for one, drawn in zip(audits, draws, strict=True)]) != []
    assert 0 < false <= 25
