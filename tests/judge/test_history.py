"""A training of known truth: which checkpoint is best, what changed, and what cannot be said."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Sequence

import pytest
from audits import MEASUREMENTS, audit, measurements

from ganprobe.errors import InputError, UsageError
from ganprobe.judge import differences, history
from ganprobe.logits.batch_means import BATCHES
from ganprobe.record.audit import Audit
from ganprobe.record.bound import Bound
from ganprobe.record.crossed import CrossRecord
from ganprobe.record.headline import BatchRecord
from ganprobe.record.history import FailureRecord
from ganprobe.record.smoothing import SmoothingRecord
from ganprobe.show import reports, trends
from ganprobe.store import archive

LOG2 = math.log(2)
# A training that gets better, then worse.
VALUES = (0.40, 0.30, 0.22, 0.15, 0.12, 0.20)


def shares(rng: random.Random, common: Sequence[float], own: float) -> tuple[float, ...]:
    """What each batch adds: mostly what all checkpoints share, so that pairing takes it out."""
    return tuple(0.0006 * c + rng.gauss(0, own) for c in common)


def training(values: Sequence[float] = VALUES, own: float = 0.00005, seed: int = 0, **changes: object) -> list[Audit]:
    rng = random.Random(seed)
    common = [[rng.gauss(0, 1) for _ in range(BATCHES)] for _ in range(2)]
    audits = []
    for step, value in enumerate(values, 1):
        m = measurements(
            checkpoint__path=f"runs/g_{1000 * step}.pt",
            checkpoint__step=1000 * step,
            js__nats=value,
            js__low=value - 0.02,
            js__high=value + 0.02,
            js__floor=value - 0.015,
            js__gap=0.004,
            **changes,
        )
        batches = BatchRecord(shares(rng, common[0], own), shares(rng, common[1], own))
        audits.append(audit(dataclasses.replace(m, batches=batches)))
    return audits


def test_the_best_is_found_and_what_is_worse_is_demonstrated() -> None:
    record = history.compare(training()).record
    assert record.best.position == 4
    assert record.best.step == 5000
    assert record.best.tied == ()
    assert "better than 5 of the 5 others" in record.best.reason
    assert record.trend.order == (4, 3, 5, 2, 1, 0)
    assert record.trend.regressed == (5,)
    assert record.trend.plateau is None
    outcomes = {(c.before, c.now): c.outcome for c in record.differences}
    assert outcomes == {
        **{(i, i + 1): "better" for i in range(4)},
        (4, 5): "worse",
        **{(i, 4): "better" for i in range(4)},
    }


def test_pairing_narrows_the_interval_and_the_band_is_wider() -> None:
    change = history.compare(training()).record.differences[0]
    unpaired = 1.645 * math.sqrt(2 * 2 * BATCHES) * 0.0006
    assert change.rise == pytest.approx(-0.1)
    assert change.high - change.rise < unpaired / 5
    assert change.band_low < change.low < change.rise < change.high < change.band_high
    # Fifteen pairs at 95 %: z = 2.94 by Bonferroni, 1.645 for the limits of one.
    assert (change.band_high - change.rise) / (change.high - change.rise) == pytest.approx(2.935 / 1.645, rel=1e-3)


def test_a_rise_within_what_the_better_probe_missed_is_not_called_worse() -> None:
    audits = training((0.12, 0.16), js__extrapolated=0.2)
    missing = dataclasses.replace(audits[0].measurements.js, gap=0.05)  # type: ignore[type-var]
    audits[0] = dataclasses.replace(audits[0], measurements=dataclasses.replace(audits[0].measurements, js=missing))
    (change,) = history.compare(audits).record.differences
    assert change.band_low > 0
    assert (change.missed, change.outcome) == (0.05, "unresolved")
    unknown = dataclasses.replace(missing, gap=None)
    audits[0] = dataclasses.replace(audits[0], measurements=dataclasses.replace(audits[0].measurements, js=unknown))
    assert history.compare(audits).record.differences[0].outcome == "unresolved"


def test_the_band_holds_for_all_pairs_at_once() -> None:
    """Six checkpoints with one and the same truth, a hundred times: at most a few bands miss any difference."""
    rng, missed = random.Random(3), 0
    for seed in range(100):
        own = 0.0004
        noise = [rng.gauss(0, own * math.sqrt(2 * BATCHES)) for _ in range(6)]
        record = history.compare(training([0.2 + e for e in noise], own, seed)).record
        missed += any(not c.band_low <= 0 <= c.band_high for c in record.differences)
    assert missed <= 9  # 5 expected at most, two standard errors more


def crossed(audits: list[Audit], by: int, of: int, validation: float, nats: float) -> None:
    """Let probes at ``by`` show so much about the checkpoint at ``of``, whose own show .01 more on validation."""
    m = audits[of].measurements
    assert m.js is not None
    assert m.batches is not None
    own = dataclasses.replace(m.js, validation=m.js.nats + 0.01)
    sha256 = f"{of:064d}"
    m = dataclasses.replace(m, js=own, checkpoint=dataclasses.replace(m.checkpoint, sha256=sha256))
    audits[of] = dataclasses.replace(audits[of], measurements=m)
    record = CrossRecord(sha256, validation, Bound(nats, nats - 0.02, nats + 0.02, nats - 0.015), m.batches)
    other = audits[by].measurements
    audits[by] = dataclasses.replace(audits[by], measurements=dataclasses.replace(other, crossed=(record,)))


def test_a_checkpoint_is_read_by_the_probes_that_show_the_most_on_validation() -> None:
    audits = training((0.3, 0.2, 0.1))
    crossed(audits, by=0, of=1, validation=0.22, nats=0.204)
    record = history.compare(audits).record
    (raised,) = record.raised
    assert (raised.position, raised.by, raised.own, raised.nats, raised.floor) == (1, 0, 0.2, 0.204, 0.189)
    assert not raised.under_trained, "within what is negligible"
    assert record.trend.values == (0.3, 0.204, 0.1)
    assert {(c.before, c.now): c.rise for c in record.differences} == pytest.approx(
        {(0, 1): -0.096, (1, 2): -0.104, (0, 2): -0.2}
    )
    text = reports.render(history.compare(audits), "terminal")
    assert "  2000  0.2040  0.1840  0.2240  0.1890           yes  PASS" in text
    assert "  2000  0.2000       1000  0.2040  0.1890  as good" in text


def test_test_samples_do_not_choose_the_probes() -> None:
    audits = training((0.3, 0.2, 0.1))
    crossed(audits, by=2, of=1, validation=0.209, nats=0.25)
    assert history.compare(audits).record.raised == ()
    crossed(audits, by=2, of=1, validation=0.211, nats=0.19)
    record = history.compare(audits).record
    assert record.trend.values == (0.3, 0.19, 0.1)
    assert [r.under_trained for r in record.raised] == [False]


def test_probes_that_a_neighbours_beat_are_not_near_optimal() -> None:
    audits = training((0.2, 0.15))
    assert history.compare(audits).record.differences[0].outcome == "better"
    crossed(audits, by=0, of=1, validation=0.22, nats=0.18)
    record = history.compare(audits).record
    assert [r.under_trained for r in record.raised] == [True]
    (change,) = record.differences
    assert change.missed == pytest.approx(0.03)
    assert change.outcome == "unresolved", "the better one's probe is now known to have missed more than the rise"
    text = reports.render(history.compare(audits), "terminal")
    assert "a neighbour's probes show more than the own: 2000" in text
    assert "  2000  0.1800  0.1600  0.2000  0.1650            no  INCONCLUSIVE" in text
    assert archive.history_from_jsonl(archive.history_to_jsonl(history.compare(audits))) == history.compare(audits)


def test_probes_of_other_data_bound_nothing_here() -> None:
    audits = saturated((2.0, 1.0))
    crossed(audits, by=0, of=1, validation=1.0, nats=0.1)
    assert len(history.compare(audits).record.raised) == 1
    other = audits[0].measurements
    data = dataclasses.replace(other.data, content_hash="0" * 64)
    audits[0] = dataclasses.replace(audits[0], measurements=dataclasses.replace(other, data=data))
    assert history.compare(audits).record.raised == ()


def test_a_plateau_is_where_nothing_moves_to_the_end() -> None:
    assert history.compare(training((0.4, 0.3, 0.2, 0.2, 0.2, 0.2))).record.trend.plateau == 2
    assert history.compare(training((0.4, 0.3, 0.2, 0.2))).record.trend.plateau is None


def reaching(*shares: tuple[float, float, float]) -> list[Audit]:
    """Audits whose fakes reach these shares of the reals, each with its interval."""
    audits = training((0.3,) * len(shares))
    for position, (low, share, high) in enumerate(shares):
        m = audits[position].measurements
        support = dataclasses.replace(m.support, real_covered=share, real_covered_low=low, real_covered_high=high)  # type: ignore[type-var]
        audits[position] = dataclasses.replace(audits[position], measurements=dataclasses.replace(m, support=support))
    return audits


def test_collapse_begins_where_reals_are_lost_for_good() -> None:
    audits = reaching(*((share - 0.02, share, share + 0.02) for share in (0.9, 0.97, 0.8, 0.97, 0.7)))
    assert history.compare(audits).record.trend.collapse == 4
    assert history.compare(audits[:4]).record.trend.collapse is None
    assert history.compare(training()).record.trend.collapse is None


def test_collapse_is_no_accident_of_ten_intervals_and_no_share_above_one() -> None:
    """A training that diverged after its seventh checkpoint, as it was measured."""
    before = ((0.50, 0.59, 0.68), (0.80, 0.87, 0.94), (0.83, 0.90, 0.97), (1.013, 1.059, 1.108), (0.965, 0.988, 1.007))
    sound = (*before, (0.994, 1.014, 1.036), (0.965, 0.978, 0.993))
    assert history.compare(reaching(*sound, *((0.0, 0.001, 0.002),) * 3)).record.trend.collapse == 7
    assert (
        history.compare(reaching((0.97, 0.98, 0.99), (1.2, 1.3, 1.4), (0.97, 0.98, 0.99))).record.trend.collapse is None
    )


SIGMAS = (0.01, 0.1, 1.0, 10.0)


def test_the_alarm_says_since_when() -> None:
    whole = history.compare(reaching(*((share - 0.02, share, share + 0.02) for share in (0.9, 0.97, 0.97, 0.6))))
    assert "out of its band since step 4000" in str(trends.alarm(whole))
    assert trends.alarm(history.compare(training())) is None


def saturated(scales: Sequence[float], sigmas: Sequence[tuple[float, ...]] = (), own: float = 0.0005) -> list[Audit]:
    """Parallel manifolds at these distances: JS is log 2 throughout, noise of a size like the distance halves it."""
    audits = training([LOG2] * len(scales), js__status="saturated", js__near_optimal=None)
    rng = random.Random(1)
    common = [[rng.gauss(0, 1) for _ in range(BATCHES)] for _ in range(2)]
    for position, scale in enumerate(scales):
        sigma = sigmas[position] if sigmas else SIGMAS
        js = tuple(LOG2 / (1 + (s / scale) ** 2) for s in sigma)
        low, high = (tuple(share * v for v in js) for share in (0.98, 1.02))
        batches = BatchRecord(shares(rng, common[0], own), shares(rng, common[1], own))
        curve = SmoothingRecord(sigma, "data", js, low, high, js, (None,) * len(js), None, None, batches)
        m = dataclasses.replace(audits[position].measurements, smoothing=curve)
        audits[position] = dataclasses.replace(audits[position], measurements=m)
    return audits


def test_where_js_is_at_its_ceiling_what_noise_leaves_ranks() -> None:
    audits = saturated((2.0, 1.0, 0.4, 0.1, 0.2))
    record = history.compare(audits).record
    assert record.trend.statistic == "area"
    assert "ceiling" in record.trend.reason
    assert record.trend.order == (3, 4, 2, 1, 0)
    assert record.trend.values == tuple(a.measurements.smoothing.area for a in audits if a.measurements.smoothing)
    assert record.best.step == 4000
    assert "under noise 0.1 0.347 nats are left of it, of the others 0.555 to 0.691" in record.best.reason
    assert record.best.tied == ()
    assert {(c.before, c.now): c.outcome for c in record.differences}[3, 4] == "worse"
    assert record.trend.regressed == (4,)
    assert history.compare(audits, "js").record.trend.statistic == "js"
    assert archive.history_from_jsonl(archive.history_to_jsonl(history.compare(audits))) == history.compare(audits)
    bare = [dataclasses.replace(a, measurements=dataclasses.replace(a.measurements, smoothing=None)) for a in audits]
    with pytest.raises(UsageError, match="hold no JS under noise"):
        history.compare(bare, "area")


def test_those_at_the_ceiling_are_ordered_behind_the_others_by_what_noise_leaves() -> None:
    audits = saturated((0.5, 2.0, 1.0, 1.0))
    js = training((0.3,))[0].measurements.js
    audits[3] = dataclasses.replace(audits[3], measurements=dataclasses.replace(audits[3].measurements, js=js))
    record = history.compare(audits).record
    assert record.trend.statistic == "js"
    assert record.trend.order == (3, 0, 2, 1)


def test_noise_that_hides_nothing_or_all_leaves_an_area_too() -> None:
    record = history.compare(saturated((1e4, 0.3, 1e-4))).record
    assert record.trend.order == (2, 1, 0)
    assert record.trend.values[0] == pytest.approx(math.log(1000), rel=1e-3)


def test_areas_that_differ_by_less_than_their_band_are_tied() -> None:
    record = history.compare(saturated((1.0, 1.001, 3.0), own=0.002)).record
    assert record.trend.order[0] == 0
    assert record.best.tied == (1,)
    assert record.trend.regressed == (2,)
    level = history.compare(saturated((3.0, 1.0, 1.001, 1.002), own=0.002)).record
    assert level.trend.plateau == 1


def test_nets_trained_anew_may_differ_by_as_much_again_as_samples_do() -> None:
    (change,) = history.compare(saturated((1.0, 1.1), own=1e-3)).record.differences
    assert change.outcome == "worse"
    batches = [curve.batches for a in saturated((1.0, 1.1), own=1e-3) if (curve := a.measurements.smoothing)]
    assert batches[0] is not None
    assert batches[1] is not None
    samples = differences.TWO_SIDED * differences.apart(batches[0], batches[1])
    assert (change.band_high - change.band_low) / 2 == pytest.approx(math.sqrt(2) * samples)


def test_areas_on_different_ladders_must_differ_by_more_than_a_twentieth() -> None:
    ladders = [tuple(low * 2**i for i in range(12)) for low in (0.01, 0.011)]
    (change,) = history.compare(saturated((1.0, 1.1), ladders, own=1e-6)).record.differences
    assert change.outcome == "unresolved"
    assert change.missed is not None
    assert change.missed > abs(change.rise)


def test_the_reason_says_what_is_seen_where_the_tell_is_not() -> None:
    audits = saturated((1.0, 0.5))
    for position, js in enumerate((0.3, 0.2)):
        row = dataclasses.replace(MEASUREMENTS.views[0], name="threshold", settings={}, blind=True, validation=js)
        row = dataclasses.replace(row, bound=dataclasses.replace(row.bound, value=js))
        m = dataclasses.replace(audits[position].measurements, views=(row,))
        audits[position] = dataclasses.replace(audits[position], measurements=m)
    best = history.compare(audits).record.best
    assert best.position == 1
    assert "through threshold, blind to the tell, 0.200 nats are left, of the others 0.300" in best.reason


def test_curves_on_different_ladders_are_read_on_what_they_have_in_common() -> None:
    ladders = [tuple(low * 2**i for i in range(12)) for low in (0.001, 0.01, 0.1)]
    record = history.compare(saturated((2.0, 1.0, 0.5), ladders)).record
    assert record.trend.statistic == "area"
    assert record.trend.order == (2, 1, 0)
    apart = saturated((2.0, 1.0), [(0.01, 0.02), (1.0, 2.0)])
    assert history.compare(apart).record.trend.statistic == "js"


def test_other_data_and_nothing_at_all_are_refused() -> None:
    with pytest.raises(UsageError, match="no audit"):
        history.compare([])
    other = audit(dataclasses.replace(MEASUREMENTS, data=dataclasses.replace(MEASUREMENTS.data, content_hash="0" * 64)))
    with pytest.raises(UsageError, match="other data"):
        history.compare([training()[0], other])
    assert history.compare(training()[:1]).record.differences == ()


FAILED = (FailureRecord("runs/g_[red]\x1b.pt", "the file is empty", "was it still being written?"),)


def test_lines_come_back_unchanged_and_damage_is_named() -> None:
    whole = history.compare(training(), failed=FAILED)
    text = archive.history_to_jsonl(whole)
    assert archive.history_from_jsonl(text) == whole
    assert text.count("\n") == len(VALUES) + 1
    lines = text.splitlines()
    with pytest.raises(InputError, match="line 2: "):
        archive.history_from_jsonl("\n".join([lines[0], lines[1][:-9], *lines[2:]]))
    with pytest.raises(InputError, match="last line is no history"):
        archive.history_from_jsonl("\n".join(lines[:-1]))
    with pytest.raises(InputError, match="holds 5 audits"):
        archive.history_from_jsonl("\n".join(lines[1:]))


@pytest.mark.parametrize("form", reports.OF_HISTORIES)
def test_every_format_for_histories_shows_one(form: str) -> None:
    audits = training()
    crossed(audits, by=0, of=1, validation=0.5, nats=0.33)
    text = reports.render(history.compare(audits, failed=FAILED), form)
    assert "5000" in text
    assert "0.33" in text
    assert "could not be measured" in text or form.startswith("json")
    assert "JS =" not in text
    assert "\x1b" not in text


def test_the_other_formats_say_that_they_show_one_audit() -> None:
    for form in set(reports.MEMBERS) - set(reports.OF_HISTORIES):
        with pytest.raises(UsageError, match="no history"):
            reports.render(history.compare(training()), form)


def unnumbered() -> list[Audit]:
    """Steps are not known, and the names are long."""
    audits = training()
    for position, one in enumerate(audits):
        record = dataclasses.replace(
            one.measurements.checkpoint, step=None, path=f"runs/{'generator_' * 6}{position}.pt"
        )
        audits[position] = dataclasses.replace(
            one, measurements=dataclasses.replace(one.measurements, checkpoint=record)
        )
    crossed(audits, by=0, of=1, validation=0.5, nats=0.33)
    return audits


@pytest.mark.parametrize("audits", [training(), training()[:1], saturated((2.0, 1.0, 100.0)), unnumbered()])
def test_a_history_fits_80_columns(audits: list[Audit]) -> None:
    text = reports.render(history.compare(audits, failed=FAILED), "terminal")
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 80
