from __future__ import annotations

import functools
import json
import math
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from audits import measurements
from studies import drawn

from ganprobe import flow
from ganprobe.errors import InputError, UsageError
from ganprobe.inputs.load import load
from ganprobe.judge import checks
from ganprobe.known import truths
from ganprobe.logits import ladder
from ganprobe.measures.study import sample
from ganprobe.objective import shift_js
from ganprobe.plan import Plan
from ganprobe.record.audit import Audit, Measurements
from ganprobe.record.parts import MEASURED
from ganprobe.record.sources import CheckpointRecord
from ganprobe.samples.folds import Folds, Split
from ganprobe.samples.sides import Array, Dataset, Generator
from ganprobe.seeds import Seeds
from ganprobe.store import archive

LOG2 = math.log(2)
N = 800
CHEAP = ("logistic", "boosting")
SHIFT = truths.shift(4, 1.0)


def saved(folder: Path, real: np.ndarray, fake: np.ndarray, **plan: Any) -> Plan:
    """The two sides on disk, and the plan to audit them."""
    np.save(folder / "real.npy", real)
    np.save(folder / "fake.npy", fake)
    chosen = {"budget": "fast", "threads": 1, "probes": CHEAP} | plan
    return Plan(str(folder / "fake.npy"), str(folder / "real.npy"), **chosen)


# JS and the evidence for it; what else there is to measure has tests of its own.
ESTIMATE: tuple[str, ...] = ("optimality",)
# JS alone: without neighbours there is nothing to cross.
HEADLINE: tuple[str, ...] = ("crossed",)


@pytest.fixture(scope="module")
def shifted(tmp_path_factory: pytest.TempPathFactory, hastily: Callable[[], AbstractContextManager[None]]) -> Audit:
    """One audit by all probes, a perceptron of few steps among them, of most that there is."""
    parts = ("optimality", "views", "kde", "support", "gradients")
    plan = saved(tmp_path_factory.mktemp("shift"), *SHIFT.draw(N, 0), probes=(), parts=parts)
    with hastily():
        return flow.audit(plan, ("ganprobe", "js"))


def read(plan: Plan) -> float:
    """JS of the stack, without what else an audit measures."""
    seeds = Seeds(plan.seed)
    sampled = drawn(plan).drawn
    climbed = ladder.climb(plan, sampled.pair, sampled.folds, seeds, "cpu", lambda stage: None)
    return climbed.rows[0].js


def by_name(rows: tuple[Any, ...]) -> dict[str, Any]:
    return {row.name: row for row in rows}


# -- what an audit says --------------------------------------------------------


def test_a_command_measures_what_it_reads_and_no_more(tmp_path: Path) -> None:
    plan = saved(tmp_path, *SHIFT.draw(N, 0), parts=("support",))
    found = flow.audit(plan).measurements
    assert found.js is not None
    assert found.support is not None
    assert found.js.near_optimal is None
    assert (found.optimality, found.kde, found.views, found.gradients) == (None, None, (), None)
    assert "js.near_optimal" in found.unmeasured
    found = flow.audit(replace(plan, parts=("gradients",))).measurements
    assert (found.js, found.probes, found.support) == (None, (), None)
    assert "no generator" in found.unmeasured["gradients"]


def test_support_names_rows_labels_and_what_was_remembered(tmp_path: Path) -> None:
    """A ring of eight modes of which the fakes keep six, a third of them copied from the training data."""
    ring = truths.ring(kept=6)
    (real, fake), train = ring.draw(1_200, 0), ring.draw(900, 1)[0]
    fake = np.concatenate((fake[:800], train[:400] + np.float32(1e-4)))
    which = [np.rint(np.arctan2(side[:, 1], side[:, 0]) / (2 * math.pi / 8)).astype(int) % 8 for side in (real, fake)]
    np.savez(tmp_path / "real.npz", x=real, y=which[0])
    np.savez(tmp_path / "fake.npz", x=fake, y=which[1])
    np.save(tmp_path / "train.npy", train)
    paths = (str(tmp_path / name) for name in ("fake.npz", "real.npz", "train.npy"))
    fakes, reals, trained = paths
    parts = ("support", "labels", "memorisation")
    chosen = Plan(fakes, reals, budget="fast", threads=1, probes=("boosting",), parts=parts, train_data=trained)
    found = flow.audit(chosen)
    m = found.measurements
    assert m.support is not None
    assert m.support.modes is not None
    assert {cluster.label for cluster in m.support.modes.missed} <= {6, 7}
    assert all(which[0][row] == cluster.label for cluster in m.support.modes.clusters for row in cluster.examples)
    assert {which[0][extreme.row] for extreme in m.support.missed_reals} <= {6, 7}
    assert [extreme.label for extreme in m.support.missed_reals] == [which[0][e.row] for e in m.support.missed_reals]
    assert m.memorisation is not None
    assert m.memorisation.nearer_z > 4
    assert m.memorisation.copies is not None
    assert all(pair.fake_row == pair.real_row + 800 for pair in m.memorisation.copies.pairs)
    assert m.labels is not None
    assert m.labels.mix_p_value < 1e-9
    assert {"GP405", "GP406", "GP408"} <= {finding.code for finding in found.findings}
    assert archive.from_json(archive.to_json(found)) == found


def test_a_shift_is_measured(shifted: Audit) -> None:
    js = shifted.measurements.js
    assert js.nats == pytest.approx(SHIFT.js, abs=0.03)
    assert 0 < js.floor < js.nats
    assert js.low < js.nats < js.high
    assert js.status == "distinguishable"
    assert js.p_value < 1e-9
    assert js.null == pytest.approx(0, abs=0.01)
    assert (js.n_real, js.n_fake) == (N, N)


def test_the_numbers_of_an_estimate_hang_together(shifted: Audit) -> None:
    js = shifted.measurements.js
    assert js.bits == pytest.approx(js.nats / LOG2)
    assert js.value == pytest.approx(-math.log(4) + 2 * js.nats)
    assert js.saturation == pytest.approx(js.nats / js.ceiling)
    assert js.ceiling == pytest.approx(LOG2)
    assert shifted.measurements.probes[0].js == js.nats
    assert shifted.measurements.probes[0].floor == js.floor


def test_every_probe_that_applies_is_a_row(shifted: Audit) -> None:
    rows = by_name(shifted.measurements.probes)
    assert set(rows) == {"stack", "logistic", "boosting", "mlp", "kde", "knn", "whitened"}
    assert all(row.js <= SHIFT.js + 4 * (row.high - row.js) / 2 for row in rows.values())
    assert all(row.weight >= 0 for name, row in rows.items() if name != "stack")
    assert rows["mlp"].settings["width"] > 0
    assert rows["mlp"].steps > 0


def test_the_rest_is_measured_or_said_to_be_missing(shifted: Audit) -> None:
    m = shifted.measurements
    assert m.kde is not None
    assert m.kde.agreement == "agrees"
    assert m.gradients is None
    assert "gradients" in m.unmeasured
    assert m.headline_view == "raw"
    assert by_name(m.views)["raw"].js == m.js.nats
    assert by_name(m.views)["noise"].js < m.js.nats + 0.02
    assert {d.name for d in m.divergences} == {"total_variation", "henze_penrose"}
    assert not m.support.mismatch
    assert shifted.verdict in ("PASS", "FAIL", "INCONCLUSIVE")
    assert shifted.environment["threads"] == 1
    assert sum(stage.seconds for stage in shifted.stages) == pytest.approx(shifted.seconds, rel=0.05)


def test_a_saved_audit_comes_back_unchanged(shifted: Audit) -> None:
    assert archive.from_json(archive.to_json(shifted)) == shifted


def test_equal_laws_show_no_difference(tmp_path: Path) -> None:
    js = flow.audit(saved(tmp_path, *truths.same(4).draw(N, 0), parts=ESTIMATE)).measurements.js
    assert abs(js.nats) < 0.01
    assert js.floor == 0
    assert js.p_value > 0.01
    assert js.status == ("indistinguishable" if js.near_optimal else "underpowered")


def test_nothing_seen_is_no_equality_where_nobody_asked_whether_the_probe_would_have_seen_it(tmp_path: Path) -> None:
    js = flow.audit(saved(tmp_path, *truths.same(4).draw(N, 0), parts=HEADLINE)).measurements.js
    assert (js.near_optimal, js.status) == (None, "underpowered")


def test_below_zero_is_said(tmp_path: Path) -> None:
    """What is not there reads about 0, on either side of it: never clamped."""
    readings = [read(saved(tmp_path, *truths.same(4).draw(200, seed), probes=("logistic",))) for seed in range(6)]
    assert min(readings) < 0
    assert max(readings) < 0.02
    assert len(set(readings)) == 6


def test_few_samples_are_no_evidence_of_equality(tmp_path: Path) -> None:
    js = flow.audit(saved(tmp_path, *truths.same(3).draw(60, 1), parts=HEADLINE)).measurements.js
    assert js.status == "underpowered"


def test_disjoint_lines_are_saturated(tmp_path: Path) -> None:
    plan = saved(tmp_path, *truths.lines(2).draw(8_000, 0), probes=(), parts=HEADLINE)
    audit = flow.audit(plan)
    js = audit.measurements.js
    assert js.status == "saturated"
    assert js.floor > 0.99 * LOG2
    assert js.high <= LOG2
    # The cheap probes certify the ceiling; the costly ones have nothing left to find.
    assert "mlp" not in by_name(audit.measurements.probes)
    assert "probes.mlp" in audit.measurements.unmeasured


# -- pictures on a lattice, fakes beside it ------------------------------------


def pictures(n: int, seed: int) -> Array:
    """Smooth grey 8 x 8 pictures of floats in [0, 1]."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(-1, 1, 8)
    level, across, down = rng.normal(0, 0.15, (3, n, 1, 1))
    return np.clip(0.5 + level + across * ramp + down * ramp[:, None] + rng.normal(0, 0.05, (n, 8, 8)), 0, 1)


def test_rounding_is_an_artefact_and_no_difference(tmp_path: Path) -> None:
    real = np.rint(pictures(N, 0) * 255).astype(np.uint8)
    plan = saved(tmp_path, real, pictures(N, 1).astype(np.float32), probes=(*CHEAP, "knn"), parts=("views",))
    m = flow.audit(plan).measurements
    rows = by_name(m.views)
    assert m.headline_view == "output_path"
    assert rows["output_path"].js == m.js.nats
    assert abs(m.js.nats) < 0.02
    assert rows["raw"].js > 0.65
    assert "lattice" in by_name(m.artefacts)
    assert m.output_path


def test_the_lattice_is_a_finding(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    real, fake = rng.normal(40, 12, (2, N, 3))
    plan = saved(tmp_path, np.rint(real), fake.astype(np.float32), parts=HEADLINE)
    audit = flow.audit(plan)
    assert "GP101" in [finding.code for finding in audit.findings]
    assert audit.measurements.js.status != "artefact"
    unquantised = flow.audit(replace(plan, quantise="off"))
    assert unquantised.measurements.js.status == "artefact"
    assert unquantised.measurements.headline_view == "raw"


# -- views ---------------------------------------------------------------------


def test_a_view_becomes_the_headline(tmp_path: Path) -> None:
    """A shift of 2 in one of three columns: what is judged is the pair without it, and the whole stands beside it."""
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, N, 3)).astype(np.float32)
    fake[:, 1] += 2
    plan = saved(tmp_path, real, fake, view="columns", settings={"views.columns.drop": "[1]"}, parts=("views",))
    m = flow.audit(plan).measurements
    assert m.headline_view == "columns"
    assert m.js is not None
    assert abs(m.js.nats) < 0.02
    assert m.tell is None
    assert "no difference" in m.unmeasured["tell"]
    whole, headline, *below = m.views
    assert whole.label == "raw"
    assert whole.js == pytest.approx(shift_js(2.0), abs=0.04)
    assert (headline.label, headline.js) == ("columns drop=[1]", m.js.nats)
    assert all(row.name.startswith("columns+") and row.js < 0.02 for row in below)


def test_features_are_a_view_and_can_be_the_headline(tmp_path: Path) -> None:
    source = tmp_path / "features.py"
    source.write_text("def first(x):\n    return x[:, :1]\n")
    features = f"{source}:first"
    two = truths.shift(2, 1.0)
    m = flow.audit(saved(tmp_path, *two.draw(N, 0), features=features, parts=("views",))).measurements
    row = by_name(m.views)["features"]
    assert row.settings["source"] == features
    assert row.js <= by_name(m.views)["raw"].js
    plan = saved(tmp_path, *SHIFT.draw(N, 0), features=features, view="features", parts=())
    found = drawn(plan).drawn
    assert found.pair.shape == (1,)
    assert found.whole.shape == (4,)


@pytest.mark.parametrize(
    "wrong",
    [{"view": "threshhold"}, {"view": "features"}, {"features": "nowhere.py:f"}, {"settings": {"views.blur.width": 1}}],
)
def test_a_view_that_is_not_there_is_refused_before_anything_is_read(wrong: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        flow.audit(Plan(str(tmp_path / "no.npy"), str(tmp_path / "no.npy"), **wrong))


# -- what must change nothing --------------------------------------------------


CHANGES: dict[str, Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
    "a column in another unit": lambda r, f: tuple(s * np.float32([1, 1e5, 1, 1]) for s in (r, f)),  # type: ignore[return-value]
    "columns permuted": lambda r, f: (r[:, [2, 0, 3, 1]], f[:, [2, 0, 3, 1]]),
    "rows sorted": lambda r, f: (r[np.argsort(r[:, 0])], f[np.argsort(-f[:, 1])]),
    "rows shuffled": lambda r, f: tuple(np.random.default_rng(3).permutation(s) for s in (r, f)),  # type: ignore[return-value]
}


@functools.cache
def plain(folder: Path) -> float:
    return read(saved(folder, *SHIFT.draw(N, 0), probes=(*CHEAP, "knn")))


@pytest.mark.parametrize("name", CHANGES)
def test_what_must_change_nothing_does_not(name: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    before = plain(tmp_path_factory.getbasetemp())
    after = read(saved(tmp_path, *CHANGES[name](*SHIFT.draw(N, 0)), probes=(*CHEAP, "knn")))
    # New units or places give rows another hash, and so other folds: other rows are trained on.
    assert after == pytest.approx(before, abs=1e-12 if "rows" in name else 0.01)


def without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_seconds(inner) for key, inner in value.items() if key != "seconds"}
    return [without_seconds(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.usefixtures("hasty")
def test_the_same_seed_gives_the_same_numbers_and_another_probe_changes_no_other(tmp_path: Path) -> None:
    plan = saved(tmp_path, *truths.shift(2, 1.0).draw(120, 0))
    threads = torch.get_num_threads()
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # type: ignore[index,union-attr]
    other = replace(plan, probes=(*CHEAP, "kde"), parts=("optimality", "views"))
    audits = [flow.audit(p) for p in (plan, plan, other)]
    one, again, more = (without_seconds(json.loads(archive.to_json(audit))) for audit in audits)
    assert one == again
    rows = [{row["name"]: row for row in audit["probes"]} for audit in (one, more)]
    assert set(rows[1]) == {*rows[0], "kde"}
    for name in CHEAP:
        assert {k: v for k, v in rows[0][name].items() if k != "weight"} == {
            k: v for k, v in rows[1][name].items() if k != "weight"
        }
    assert one["js"]["null"] == more["js"]["null"]
    for row, other in zip(one["views"][1:], more["views"][1:], strict=True):
        # A row that reads above the headline comes down to it, and the headline is not the same.
        assert row == other or one["js"]["nats"] == row["js"] or more["js"]["nats"] == other["js"]
    # And nothing of the caller's was touched.
    assert torch.equal(torch.random.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])  # type: ignore[index,union-attr]
    assert torch.get_num_threads() == threads
    assert torch.get_default_dtype() == torch.float32
    assert np.geterr() == {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}


def test_another_seed_gives_other_numbers_within_noise(tmp_path: Path) -> None:
    readings = [read(saved(tmp_path, *SHIFT.draw(N, 0), seed=seed)) for seed in (0, 1)]
    assert readings[0] != readings[1]
    assert readings[0] == pytest.approx(readings[1], abs=0.02)


def test_fewer_samples_are_used_where_fewer_are_asked_for(tmp_path: Path) -> None:
    plan = saved(tmp_path, *SHIFT.draw(N, 0), num_real=300, num_fake=500)
    sampled = drawn(plan).drawn
    assert (len(sampled.pair.real), len(sampled.pair.fake)) == (300, 500)
    for side, path in (("real", plan.data), ("fake", plan.checkpoint)):
        rows = getattr(sampled.origin, side).rows
        np.testing.assert_array_equal(np.load(path)[rows], getattr(sampled.pair, side))


# -- odd samples ---------------------------------------------------------------


def normal(n: int, d: int = 2) -> Array:
    return np.random.default_rng(n + d).standard_normal((n, d)).astype(np.float32)


def letters(n: int, shares: tuple[float, ...], seed: int) -> Array:
    return np.random.default_rng(seed).choice(len(shares), (n, 1), p=shares).astype(np.float32)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("real", "fake", "js"),
    [
        (normal(100), np.tile(normal(1), (100, 1)), LOG2),
        (np.ones((60, 2), np.float32), normal(60), LOG2),
        (np.ones((60, 2), np.float32), np.ones((60, 2), np.float32), 0.0),
        (letters(N, (0.5, 0.5), 0), letters(N, (0.5, 0.5), 1), 0.0),
        (letters(N, (0.4, 0.3, 0.2, 0.1), 0), letters(N, (0.1, 0.2, 0.3, 0.4), 1), 0.10644),
        (normal(25), normal(600), 0.0),
    ],
    ids=["collapsed fakes", "constant reals", "constants", "equal letters", "letters", "25 reals"],
)
def test_odd_samples_are_measured(real: Array, fake: Array, js: float, tmp_path: Path) -> None:
    measured = flow.audit(saved(tmp_path, real, fake, parts=ESTIMATE if len(real) == N else MEASURED)).measurements.js
    assert measured.nats == pytest.approx(js, abs=0.03 + 4 * (measured.high - measured.low) / 3.92)
    assert measured.floor <= js + 1e-9
    # Rows that come sorted by value would let a bet on the first of them win everything.
    assert measured.floor < measured.nats or js in (0.0, LOG2)


# -- generators ----------------------------------------------------------------


def generator(draw: Callable[[np.random.Generator, int], np.ndarray]) -> Generator:
    def drawn(n: int, seed: int) -> Array:
        return draw(np.random.default_rng(seed), n).astype(np.float32)

    record = CheckpointRecord("g.pt", "0" * 64, "state_dict")
    return Generator(None, drawn, lambda n, seed: (), drawn(1, 0).shape[1:], record)


def dataset(tmp_path: Path, values: np.ndarray) -> Dataset:
    plan = saved(tmp_path, values, values)
    return load(plan, "cpu")[0]


def parts(split: Split) -> list[set[int]]:
    return [set(part.tolist()) for part in (split.fit, split.val, split.test)]


def check_folds(folds: Folds, n_real: int, n_fake: int) -> None:
    for fold in folds:
        for split in (fold.real, fold.fake):
            fit, val, test = parts(split)
            assert fit
            assert val
            assert test
            assert not fit & val
            assert not fit & test
            assert not val & test
    assert set.union(*(parts(fold.real)[2] for fold in folds)) == set(range(n_real))
    assert len(set.union(*(set.union(*parts(fold.fake)) for fold in folds))) == n_fake


@pytest.mark.parametrize(("budget", "fakes_a_real"), [("fast", 1), ("standard", 4)])
def test_a_generator_is_asked_for_fresh_fakes(budget: str, fakes_a_real: int, tmp_path: Path) -> None:
    data = dataset(tmp_path, normal(400))
    plan = Plan("g.pt", "real.npy", budget=budget)  # type: ignore[arg-type]
    sampled = sample(plan, data, generator(lambda rng, n: rng.standard_normal((n, 2))), Seeds(0))
    check_folds(sampled.folds, 400, len(sampled.pair.fake))
    assert len(sampled.pair.fake) >= fakes_a_real * 400
    few = sample(
        Plan("g.pt", "real.npy", num_fake=200), data, generator(lambda rng, n: rng.standard_normal((n, 2))), Seeds(0)
    )
    assert len(few.pair.fake) <= 200


def test_letters_of_a_generator_are_in_every_part(tmp_path: Path) -> None:
    data = dataset(tmp_path, letters(500, (0.4, 0.3, 0.2, 0.1), 0))
    sampled = sample(Plan("g.pt", "real.npy"), data, generator(lambda rng, n: rng.integers(0, 4, (n, 1))), Seeds(0))
    check_folds(sampled.folds, 500, len(sampled.pair.fake))
    for fold in sampled.folds:
        assert all(
            len(np.unique(sampled.pair.real[part])) == 4 for part in (fold.real.fit, fold.real.val, fold.real.test)
        )


def test_too_few_fakes_are_refused(tmp_path: Path) -> None:
    data = dataset(tmp_path, normal(400))
    with pytest.raises(UsageError, match="without fakes"):
        sample(
            Plan("g.pt", "real.npy", num_fake=5), data, generator(lambda rng, n: rng.standard_normal((n, 2))), Seeds(0)
        )


# -- what is refused -----------------------------------------------------------


@pytest.mark.parametrize(("n_real", "n_fake"), [(3, 300), (300, 3), (19, 19)])
def test_a_few_samples_are_refused(n_real: int, n_fake: int, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too few") as raised:
        flow.audit(saved(tmp_path, normal(n_real), normal(n_fake)))
    assert raised.value.hint


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"settings": {"probes.mlp.wdith": 64}}, "width"),
        ({"settings": {"probes.mpl.width": 64}}, "mlp"),
        ({"settings": {"probs.mlp.width": 64}}, "probes.mlp.width"),
        ({"settings": {"width": 64}}, "probes.mlp.width"),
        ({"settings": {"probes.mlp.width": "wide"}}, "probes.mlp.width"),
        ({"probes": ("conv",)}, "leave it out"),
        ({"probes": ("bosting",)}, "boosting"),
        ({"device": "cuda:99"}, "cpu"),
        ({"device": "gpu"}, "cpu"),
        ({"checkpoint": "nowhere.npy"}, ""),
        ({"data": "nowhere.npy"}, ""),
    ],
)
def test_what_cannot_be_asked_is_refused_with_advice(changes: dict[str, Any], hint: str, tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    plan = saved(tmp_path, normal(100), normal(101))
    with pytest.raises(UsageError) as raised:
        flow.audit(Plan(**{field: getattr(plan, field) for field in plan.__slots__} | {"threads": 3} | changes))
    assert hint in raised.value.hint
    assert torch.get_num_threads() == threads


def test_settings_reach_their_probe(tmp_path: Path) -> None:
    plan = saved(tmp_path, normal(100), normal(101), probes=("knn",), settings={"probes.knn.k": "7"})
    seeds = Seeds(0)
    sampled = drawn(plan).drawn
    rows = ladder.climb(plan, sampled.pair, sampled.folds, seeds, "cpu", lambda stage: None).rows
    assert by_name(rows)["knn"].settings["k"] == 7


def test_stages_are_told_as_they_begin(tmp_path: Path) -> None:
    told: list[str] = []
    plan = saved(tmp_path, normal(60), normal(61), probes=("logistic",), parts=("support",))
    audit = flow.audit(plan, progress=told.append)
    assert [stage.name for stage in audit.stages] == told
    assert told[0] == "load"
    assert "probe: logistic" in told


# -- the figures of the claim --------------------------------------------------


def measured(folder: Path, truth: truths.Truth, n: int = 10_000, **plan: Any) -> Measurements:
    chosen = {"budget": "standard", "probes": (), "parts": ESTIMATE} | plan
    return flow.audit(saved(folder, *truth.draw(n, 0), **chosen)).measurements


@pytest.mark.slow
@pytest.mark.parametrize(
    ("truth", "margin"),
    [(truths.shift(10, 1.0), 0.008), (truths.correlated(2, 0.9), 0.01), (truths.same(10), 0.003)],
    ids=["shift", "correlated", "same"],
)
def test_ten_thousand_samples_measure_js(truth: truths.Truth, margin: float, tmp_path: Path) -> None:
    js = measured(tmp_path, truth).js
    assert js.nats == pytest.approx(truth.js, abs=margin)
    assert js.floor <= truth.js


@pytest.mark.slow
def test_ten_thousand_samples_certify_disjoint_lines(tmp_path: Path) -> None:
    js = measured(tmp_path, truths.lines(2)).js
    assert js.floor > 0.685
    assert js.status == "saturated"


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_ten_thousand_samples_do_not_mind_units_places_and_order(name: str, tmp_path: Path) -> None:
    sides = SHIFT.draw(10_000, 0)
    readings = []
    for change in (lambda r, f: (r, f), CHANGES[name]):
        readings.append(read(saved(tmp_path, *change(*sides), budget="standard", probes=())))
    assert readings[0] == pytest.approx(readings[1], abs=0.005)


@pytest.mark.slow
def test_fifty_thousand_rows_fit_in_two_gigabytes(tmp_path: Path) -> None:
    plan = saved(tmp_path, *truths.shift(32, 1.0).draw(50_000, 0))
    program = (
        "import resource\n"
        "from ganprobe import flow\n"
        "from ganprobe.plan import Plan\n"
        f"flow.audit(Plan({plan.checkpoint!r}, {plan.data!r}, threads=1))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(done.stdout) * unit < 2e9


# -- rows that depend on each other ---------------------------------------------


def near_copies(rng: np.random.Generator) -> np.ndarray:
    return np.repeat(rng.standard_normal((100, 6)), 5, axis=0) + 0.2 * rng.standard_normal((500, 6))


def series(rng: np.random.Generator) -> np.ndarray:
    noise, x = math.sqrt(1 - 0.99**2) * rng.standard_normal((500, 6)), np.zeros((500, 6))
    for i in range(500):
        x[i] = 0.99 * x[i - 1] + noise[i]
    return x


@pytest.mark.parametrize(
    ("law", "shuffled", "folds"),
    [(near_copies, False, "blocks"), (near_copies, True, "rows"), (series, False, "blocks")],
)
def test_dependent_rows_take_pass_away(tmp_path: Path, law: Any, shuffled: bool, folds: str) -> None:
    rng = np.random.default_rng(0)
    real = law(rng)
    plan = saved(tmp_path, rng.permutation(real) if shuffled else real, rng.standard_normal((500, 6)))
    sampled = sample(plan, *load(plan, "cpu"), Seeds(0))
    assert sampled.kin.record.folds == folds
    sound = replace(measurements(), dependence=sampled.kin.record)
    assert checks.verdict(sound, checks.run(sound))[0] == "INCONCLUSIVE"
    assert sampled.kin.record.fake is not None
    assert not sampled.kin.record.fake.dependent


def test_rows_of_a_group_stay_in_one_fold_and_the_floor_is_certified_again(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    real, order = near_copies(rng), rng.permutation(500)
    people = np.repeat(np.arange(100), 5)[order]
    table = np.column_stack((real[order], people))
    np.savetxt(tmp_path / "real.csv", table, delimiter=",", header="a,b,c,d,e,f,person", comments="")
    fake = 1.02 * rng.standard_normal((500, 6))
    np.savetxt(tmp_path / "fake.csv", fake, delimiter=",", header="a,b,c,d,e,f", comments="")
    np.savetxt(tmp_path / "people.csv", people, header="person", comments="")
    by_column = Plan(str(tmp_path / "fake.csv"), str(tmp_path / "real.csv"), group="person", probes=CHEAP)
    by_file = saved(tmp_path, real[order], fake, group=str(tmp_path / "people.csv"))
    for plan in (by_column, by_file):
        sampled = sample(plan, *load(plan, "cpu"), Seeds(0))
        assert sampled.pair.shape == (6,)
        assert (sampled.kin.record.folds, sampled.kin.record.real_groups) == ("groups", 100)
        assert not sampled.kin.record.real.dependent
        assert sum(len(fold.real.test) for fold in sampled.folds) == 100
        fit = sampled.origin.real.rows[sampled.folds.folds[0].real.fit]
        tested = sampled.origin.real.rows[sampled.folds.folds[0].real.test]
        assert not set(people[fit]) & set(people[tested])


@pytest.mark.parametrize(("group", "says"), [("persn", "no such column"), ("few.csv", "too few")])
def test_groups_that_cannot_be_used_are_refused(tmp_path: Path, group: str, says: str) -> None:
    rng = np.random.default_rng(0)
    for name in ("real.csv", "fake.csv"):
        np.savetxt(tmp_path / name, rng.standard_normal((60, 2)), delimiter=",", header="a,person", comments="")
    np.savetxt(tmp_path / "few.csv", np.repeat(np.arange(6), 10), header="person", comments="")
    named = str(tmp_path / group) if group.endswith(".csv") else group
    plan = Plan(str(tmp_path / "fake.csv"), str(tmp_path / "real.csv"), group=named)
    with pytest.raises((UsageError, InputError), match=says):
        sample(plan, *load(plan, "cpu"), Seeds(0))
