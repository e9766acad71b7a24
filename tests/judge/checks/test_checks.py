"""Each check speaks when it should, keeps quiet when it should, and the verdict follows its rule."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from audits import MEASUREMENTS, audit, measurements, troubled
from record.sources import LATTICE

from ganprobe.errors import UsageError
from ganprobe.judge import checks, gates
from ganprobe.plan import Limits
from ganprobe.record.audit import Finding, Measurements
from ganprobe.record.bound import Bound
from ganprobe.record.clusters import ClusterRecord, ModesRecord
from ganprobe.record.dependence import DependenceRecord, SideDependence
from ganprobe.record.labels import LabelRecord
from ganprobe.record.memorisation import CopiesRecord, NearCopy
from ganprobe.record.probes import ProbeRecord
from ganprobe.record.sources import Artefact
from ganprobe.record.support import Dimension
from ganprobe.record.views import ViewRecord
from ganprobe.store import archive

CHECKS = {name: checks.MEMBERS[name] for name in checks.MEMBERS}
CHECKS_OF = {"form": "GP117", "merged": "GP112", "guessed": "GP113", "changed": "GP114"}


def finding(name: str, **changes: Any) -> Finding | None:
    result: Finding | None = CHECKS[name].check(measurements(**changes))
    return result


def artefact(name: str, summary: str = "something", **evidence: float) -> tuple[Artefact, ...]:
    return (Artefact(name, "real", summary, evidence),)


def dimension(fake: float, latent: int = 64, se: float = 0.1) -> Dimension:
    return Dimension(12.0, fake, latent, se, se, 12.0, fake, se, se)


def modes(missed: int) -> ModesRecord:
    clusters = [ClusterRecord(share, 0.001, 90, 1, 1e-9, i < missed, (i, 9)) for i, share in enumerate((0.3, 0.2, 0.5))]
    return ModesRecord(True, 0.9, (dataclasses.replace(clusters[0], label=0, label_share=0.9), *clusters[1:]))


def labels(*js: float) -> tuple[LabelRecord, ...]:
    return tuple(LabelRecord(i, 0.1, 0.1, 100, 100, value, value - 0.05, value + 0.05) for i, value in enumerate(js))


INDEPENDENT = SideDependence(0.49, -0.4, 0.98, 2, False, False)
DEPENDENT = DependenceRecord(SideDependence(0.81, 21.4, 1.0, 4, True, False), INDEPENDENT, "blocks")
COPIES = CopiesRecord(0.05, 0.001, 1e-9, 0.3, (NearCopy(4, 7, 0.01),))

STUCK = {"js__nats": 0.63, "smoothing__half_scale": 0.31, "smoothing__effective_gap": 0.63}

MERGED = Artefact("merged", "real", "9% of the distinct values of t become equal", {"columns": ["t"], "share": 0.09})
FORMED = Artefact("form", "both", "text is compared by its form alone: name", {"columns": ["name"]})
GUESSED = Artefact("guessed", "real", "samples of 24x24 were read as pictures", {"option": "--set a.b=c"})
RESIZED = Artefact("changed", "real", "100% were resized", {"share": 1.0, "advice": "Save both sides in one size"})

SAYS: list[tuple[str, str, dict[str, Any], str]] = [
    ("merged_values", "warn", {"artefacts": (MERGED,)}, "of t become equal"),
    ("text_by_form", "warn", {"artefacts": (FORMED,)}, "by its form alone"),
    ("guessed_form", "warn", {"artefacts": (GUESSED,)}, "read as pictures"),
    ("one_sided", "warn", {"artefacts": (RESIZED,)}, "of the reals, and of that side only, 100% were resized"),
    ("lattice", "warn", {"artefacts": (LATTICE,)}, "256 levels"),
    ("value_range", "warn", {"artefacts": artefact("range", "fakes in [-1, 1]")}, "[-1, 1]"),
    ("value_range", "warn", {"artefacts": artefact("range"), "output_path": ("clipped",)}, "something"),
    ("value_range", "info", {"artefacts": artefact("range", rescaled=True)}, "something"),
    ("duplicates", "warn", {"artefacts": artefact("duplicates", real=0.01, fake=0.0)}, "something"),
    ("duplicates", "info", {"artefacts": artefact("duplicates", real=0.0099, fake=0.0)}, "something"),
    ("constant_columns", "info", {"artefacts": artefact("constant")}, "something"),
    ("small_sample", "warn", {"js__n_real": 499}, "only 499 real samples"),
    ("small_sample", "warn", {"js__n_real": 499}, "0.008 nats"),
    ("output_path", "info", {"output_path": ("fakes rounded.", "fakes clipped")}, "fakes rounded; fakes clipped"),
    ("copies", "warn", {"artefacts": artefact("copies")}, "something"),
    ("loading_notes", "info", {"data__notes": ("took array x",)}, "took array x"),
    (
        "sampling_mode",
        "warn",
        {"checkpoint__mode": "eval", "checkpoint__mode_gap": 0.3},
        "in eval mode; train mode moves them by 0.3",
    ),
    ("sampling_mode", "warn", {"checkpoint__mode": "train", "checkpoint__mode_gap": 0.06}, "eval mode moves them"),
    ("doubtful_call", "warn", {"checkpoint__doubts": ("its class has decode",)}, "its class has decode"),
    ("dependent_rows", "warn", {"dependence": DEPENDENT}, "reals follow each other in the file (nearer to their neigh"),
    ("trusted_checkpoint", "warn", {"checkpoint__trusted": True}, "3f2a3f2a3f2a"),
    (
        "not_near_optimal",
        "warn",
        {"js__near_optimal": None, "unmeasured": {"js.near_optimal": "no time."}},
        "(no time)",
    ),
    ("not_near_optimal", "warn", {"js__near_optimal": False, "js__gap": 0.03}, "0.030 nats"),
    ("overconfident", "warn", {"support__real_covered_low": 1.06, "support__real_covered": 1.2}, "120%"),
    ("overconfident", "warn", {"support__fake_covered_low": 1.06, "support__fake_covered": 1.3}, "130%"),
    ("null_control", "error", {"js__null": 0.0034}, "0.0034"),
    ("null_control", "error", {"js__null": 0.0034, "js__null_sees": 0.0144}, "below 0.014 would not be noticed"),
    ("null_control", "error", {"js__null": -0.0134}, "-0.0134"),
    ("unmeasured", "info", {"unmeasured": {"tell": "too few views."}}, "tell (too few views)"),
    ("tell", "info", {}, "one simple view shows nearly all"),
    (
        "view_stronger",
        "warn",
        {"views": (ViewRecord("pca", Bound(0.2, 0.19, 0.21, 0.18), {"dims": 5}),)},
        "through pca dims=5",
    ),
    ("distinguishable", "warn", {}, "at least 60% of the time"),
    ("distinguishable", "warn", {"js__p_value": 1e-40}, "p = 1e-40"),
    ("distinguishable", "warn", {"js__p_value": 1e-300}, "p < 1e-300"),
    (
        "indistinguishable",
        "info",
        {"js__status": "indistinguishable", "js__nats": 0.0, "js__low": -0.008, "js__high": 0.008},
        "0.008 nats",
    ),
    (
        "indistinguishable",
        "info",
        {"js__status": "indistinguishable", "js__nats": 0.004, "js__low": 0.001, "js__high": 0.007},
        "0.007 nats",
    ),
    ("saturated", "warn", {"js__status": "saturated", "js__floor": 0.69}, "99.5% of log 2"),
    ("kde_stronger", "error", {"kde__agreement": "probe weaker than KDE"}, "the probe only 0.083"),
    ("kde_uninformative", "info", {"kde__agreement": "not informative here"}, "3 bandwidths"),
    ("missing_modes", "warn", {"support__mismatch": True, "support__real_covered_high": 0.89}, "of the reals"),
    ("off_support", "warn", {"support__mismatch": True, "support__fake_covered_high": 0.89}, "of the fakes"),
    ("lower_dimension", "info", {"support__dimension": dimension(9.5)}, "the fakes fill about 9.5"),
    ("lower_dimension", "info", {"support__dimension": dimension(12.0, latent=8)}, "the latent has 8"),
    ("missed_clusters", "warn", {"support__modes": modes(missed=2)}, "2 of 3 modes of the reals, 50.0% of these"),
    ("missed_clusters", "warn", {"support__modes": modes(missed=1)}, "label 0, like row 0 (30.0% of reals, 0.1% of"),
    ("near_copies", "warn", {"memorisation__copies": COPIES}, "5.0% of the fakes are near copies of a training"),
    ("near_copies", "warn", {"memorisation": None, "support__copies": COPIES}, "near copies of a real sample"),
    ("memorised", "warn", {"memorisation__nearer": 0.7, "memorisation__nearer_z": 9.0}, "70% of the fakes are nearer"),
    ("about_the_data", "info", {"memorisation": None}, "about the data given"),
    ("label_mix", "warn", {"labels__mix_p_value": 1e-9}, "label 4: 90.0% of the reals, 90.2% of the fakes"),
    ("uneven_labels", "warn", {"labels__labels": labels(0.1, 0.11, 0.3)}, "label 2 (0.300); the label in the middle"),
    ("noise_scale", "info", STUCK, "noise of 0.31 of the full range"),
    ("vanishing_gradient", "warn", {"gradients__vanishing": True, "gradients__retention": 0.002}, "0.2%"),
    (
        "gradient_by_heart",
        "info",
        {"gradients__judged_step": 300, "gradients__training_js_curve": (0.0,) * 7 + (0.6,)},
        "from step 300 on",
    ),
    ("gradients_not_applicable", "info", {"gradients": None, "unmeasured": {"gradients": "no network"}}, "no network"),
]

SILENT: list[tuple[str, dict[str, Any]]] = [
    ("sampling_mode", {"checkpoint__mode_gap": 0.05}),
    ("sampling_mode", {"checkpoint__mode_gap": None}),
    ("small_sample", {"js__n_real": 500}),
    ("not_near_optimal", {"js__near_optimal": None, "js__status": "saturated"}),
    ("overconfident", {"support__real_covered_low": 1.05}),
    ("null_control", {"js__null": 0.0033}),
    ("null_control", {"js__null": -0.0034}),
    ("null_control", {"js__null": None, "js__null_se": None}),
    ("unmeasured", {"unmeasured": {"js.near_optimal": "x", "js.gap": "x", "js.extrapolated": "x", "gradients": "x"}}),
    ("families_disagree", {"probes": MEASUREMENTS.probes[:2]}),
    ("distinguishable", {"js__status": "indistinguishable"}),
    ("noise_scale", {"smoothing": None}),
    ("noise_scale", {"js__nats": 0.63}),
    ("noise_scale", STUCK | {"js__nats": 0.62}),
    ("kde_stronger", {"kde": None}),
    ("kde_stronger", {"kde__agreement": "probe weaker than KDE", "js__status": "saturated"}),
    ("tell", {"tell": None}),
    ("view_stronger", {"views": (ViewRecord("pca", Bound(0.2, 0.19, 0.21, 0.151)),)}),
    ("view_stronger", {"views": (ViewRecord("raw", Bound(0.2, 0.19, 0.21, 0.18)),)}),
    ("kde_uninformative", {"kde": None}),
    ("missing_modes", {"support__mismatch": True, "support__real_covered_high": 0.9}),
    ("missing_modes", {"support__mismatch": False, "support__real_covered_high": 0.5}),
    ("off_support", {"support__mismatch": True, "support__fake_covered_high": 0.9}),
    ("lower_dimension", {"support__dimension": dimension(9.7)}),
    ("lower_dimension", {"support__dimension": dimension(9.5, se=0.7)}),
    ("lower_dimension", {"support__dimension": dataclasses.replace(dimension(9.5), fake_mle=11.0)}),
    ("lower_dimension", {"support__dimension": dimension(12.0, latent=10)}),
    ("lower_dimension", {"support__dimension": Dimension(None, None, 1)}),
    ("missed_clusters", {"support__modes": modes(missed=0)}),
    ("missed_clusters", {"support__modes": None}),
    ("near_copies", {"memorisation__copies": dataclasses.replace(COPIES, p_value=0.002)}),
    ("near_copies", {"memorisation__copies": dataclasses.replace(COPIES, expected=0.006)}),
    ("memorised", {"memorisation__nearer_z": 3.9}),
    ("memorised", {"memorisation": None}),
    ("about_the_data", {"support": None, "memorisation": None}),
    ("label_mix", {"labels__mix_p_value": 0.002}),
    ("label_mix", {"labels": None}),
    ("uneven_labels", {"labels__labels": labels(0.1, 0.11, 0.12)}),
    ("uneven_labels", {"labels__labels": labels(0.3)}),
    ("uneven_labels", {"labels": None}),
    ("vanishing_gradient", {"gradients": None}),
    ("gradient_by_heart", {"gradients": None}),
    ("gradient_by_heart", {"gradients__training_js_curve": (0.0,) * 7 + (0.6,)}),
    ("gradient_by_heart", {"gradients__judged_step": 300}),
]


@pytest.mark.parametrize("doubt", [MERGED, GUESSED, RESIZED], ids=lambda doubt: doubt.name)
def test_what_may_not_be_what_was_meant_takes_pass_away_from_verdict_and_gates(doubt: Artefact) -> None:
    sound = audit()
    held = gates.hold(sound, Limits(max_js=0.6), None)
    assert (sound.verdict, held.verdict) == ("PASS", "PASS")
    m = dataclasses.replace(sound.measurements, artefacts=(doubt,))
    found = checks.run(m)
    verdict, reason = checks.verdict(m, found)
    assert verdict == "INCONCLUSIVE"
    assert reason.startswith(CHECKS_OF[doubt.name])
    doubted = dataclasses.replace(sound, measurements=m, findings=found, verdict=verdict)
    assert gates.hold(doubted, Limits(max_js=0.6), None).verdict == "INCONCLUSIVE"


def test_what_was_done_to_both_sides_is_no_difference() -> None:
    assert finding("one_sided", artefacts=(dataclasses.replace(RESIZED, side="both"),)) is None


@pytest.mark.parametrize(("name", "severity", "changes", "says"), SAYS)
def test_it_speaks(name: str, severity: str, changes: dict[str, Any], says: str) -> None:
    found = finding(name, **changes)
    assert found is not None
    assert (found.code, found.severity) == (CHECKS[name].CODE, severity)
    assert says in found.title


@pytest.mark.parametrize(("name", "changes"), SILENT)
def test_it_keeps_quiet(name: str, changes: dict[str, Any]) -> None:
    assert finding(name, **changes) is None


def test_a_sound_run_says_that_the_two_differ_and_where() -> None:
    assert [f.code for f in checks.run(MEASUREMENTS)] == ["GP301", "GP306", "GP307"]


def test_lattice_gives_the_number_before_and_after_the_output_path() -> None:
    found = next(f for f in troubled().findings if f.code == "GP101")
    assert found.evidence == {"levels": 256, "js_raw": 0.6928, "js_output_path": 0.6921}
    assert "0.693 nats as they are, 0.692 nats through output_path" in found.title


def test_families_disagree_names_the_one_that_saw_it_and_ignores_the_stack() -> None:
    def rows(*pairs: tuple[str, float]) -> tuple[ProbeRecord, ...]:
        return tuple(ProbeRecord(name, Bound(js, js, js, js), 1.0) for name, js in pairs)

    ahead = finding("families_disagree", probes=rows(("stack", 0.69), ("mlp", 0.09), ("boosting", 0.19), ("knn", 0.02)))
    assert ahead is not None
    assert ahead.title.startswith("only boosting saw")
    assert ahead.evidence == {"best": 0.19, "median_of_others": pytest.approx(0.055)}
    level = rows(("stack", 0.69), ("mlp", 0.11), ("boosting", 0.19))
    assert finding("families_disagree", probes=level) is None


def test_coarse_views_lists_only_what_lost_most_of_it_beyond_the_intervals() -> None:
    views = (
        ViewRecord("raw", Bound(0.01, 0.0, 0.02, 0.0)),
        ViewRecord("output_path", Bound(0.01, 0.0, 0.02, 0.0)),
        ViewRecord("kept", Bound(0.1, 0.09, 0.11, 0.09)),
        ViewRecord("unsure", Bound(0.05, 0.0, 0.2, 0.0)),
        ViewRecord("blocks", Bound(0.03, 0.02, 0.04, 0.02), {"size": 4}),
    )
    found = finding("coarse_views", views=views)
    assert found is not None
    assert found.evidence == {"blocks size=4": 0.03}
    assert finding("coarse_views", views=views[:4]) is None


def test_the_tell_names_a_view_that_is_blind_to_it() -> None:
    found = finding("tell")
    assert found is not None
    assert "--view threshold+blocks (0.030" in found.advice
    columns = (
        ViewRecord("columns", Bound(0.14, 0.1, 0.2, 0.1), {"keep": "age", "drop": ""}),
        ViewRecord("columns", Bound(0.13, 0.1, 0.2, 0.1), {"keep": "", "drop": "age"}),
        ViewRecord("columns", Bound(0.05, 0.04, 0.06, 0.04), {"keep": "", "drop": "age,sex"}),
    )
    found = finding("tell", views=columns)
    assert found is not None
    assert "--view columns --set 'views.columns.drop=age,sex'" in found.advice
    assert found.evidence == {"columns drop=age,sex": 0.05}
    found = finding("tell", views=columns[:2])
    assert found is not None
    assert "--view" not in found.advice


@pytest.mark.parametrize(("check", "side"), [("missing_modes", "real"), ("off_support", "fake")])
def test_what_a_tell_puts_out_of_reach_is_no_dropped_mode(check: str, side: str) -> None:
    unreached = {"support__mismatch": True, f"support__{side}_covered_high": 0.1}
    told, untold = finding(check, **unreached), finding(check, **unreached, tell=None)
    assert told is not None
    assert untold is not None
    assert "GP307" in told.advice
    assert "GP307" not in untold.advice


def test_best_accuracy_follows_from_the_floor() -> None:
    found = finding("distinguishable", js__floor=math.log(2) / 2)
    assert found is not None
    assert found.evidence["best_accuracy_at_least"] == pytest.approx(0.75)
    unsure = finding("distinguishable", js__floor=-0.01)
    assert unsure is not None
    assert unsure.evidence["best_accuracy_at_least"] == 0.5
    assert unsure.title.startswith("reals rank above fakes by more than chance, though no JS is certified")


def test_findings_are_ordered_by_severity_then_code() -> None:
    found = [(f.severity, f.code) for f in troubled().findings]
    ranks = {"error": 0, "warn": 1, "info": 2}
    assert found == sorted(found, key=lambda pair: (ranks[pair[0]], pair[1]))
    assert {severity for severity, _ in found} == set(ranks)


def test_evidence_can_be_saved_and_advice_is_given() -> None:
    for f in (*troubled().findings, *audit().findings):
        assert f.advice.endswith(".")
        assert len(f.advice) <= 160
        assert "\n" not in f.title
    assert archive.from_json(archive.to_json(troubled())).findings == troubled().findings


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "PASS"),
        ({"js__status": "indistinguishable"}, "PASS"),
        ({"js__near_optimal": False}, "INCONCLUSIVE"),
        ({"js__near_optimal": None}, "INCONCLUSIVE"),
        ({"checkpoint__doubts": ("its class has decode",)}, "INCONCLUSIVE"),
        ({"dependence": DEPENDENT}, "INCONCLUSIVE"),
        ({"dependence": DependenceRecord(INDEPENDENT, INDEPENDENT, "groups")}, "PASS"),
        ({"js__status": "underpowered", "js__n_real": 400}, "INCONCLUSIVE"),
        ({"js__status": "saturated", "js__near_optimal": None}, "PASS"),
        ({"js__near_optimal": None, "js__null": 0.1}, "FAIL"),
        ({"kde__agreement": "probe weaker than KDE"}, "FAIL"),
    ],
)
def test_the_verdict(changes: dict[str, Any], expected: str) -> None:
    m = measurements(**changes)
    verdict, reason = checks.verdict(m, checks.run(m))
    assert verdict == expected
    assert reason.endswith(".")


def test_a_saturated_floor_is_conclusive_without_near_optimality() -> None:
    m = measurements(js__status="saturated", js__near_optimal=None)
    assert checks.verdict(m, ())[0] == "PASS"


def test_a_run_that_measured_nothing_is_judged_by_its_files_alone() -> None:
    bare = Measurements(MEASUREMENTS.checkpoint, MEASUREMENTS.data, (LATTICE,), MEASUREMENTS.output_path, "raw")
    found = checks.run(bare)
    assert found
    assert {f.code[2] for f in found} == {"1"}
    assert checks.verdict(bare, ())[0] == "INCONCLUSIVE"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"js_curve": (0.0, 0.2, 0.205)}, "PASS"),
        ({"js_curve": (0.0, 0.2, 0.3)}, "INCONCLUSIVE"),
        ({"js_curve": (0.0, 0.3, 0.1), "judged_step": 10}, "PASS"),
        ({"js_curve": (0.0, 0.6, 0.65), "vanishing": True}, "PASS"),
    ],
    ids=["done", "still gaining", "past its best", "vanished"],
)
def test_gradients_alone_are_judged_by_their_probe(changes: dict[str, Any], expected: str) -> None:
    g = dataclasses.replace(measurements().gradients, **{"steps": (0, 10, 30), "judged_step": 30} | changes)
    verdict, reason = checks.verdict(dataclasses.replace(measurements(js=None), gradients=g), ())
    assert verdict == expected
    assert f"JS {max(g.js_curve):.2f}" in reason


def test_codes_are_unique_and_in_the_order_of_the_menu() -> None:
    codes = [check.CODE for check in CHECKS.values()]
    assert codes == sorted(set(codes))


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_explains_itself(name: str) -> None:
    check = CHECKS[name]
    assert check.__doc__.startswith(f"{check.CODE} ")
    assert len(check.EXPLAIN.split()) >= 30
    assert checks.explain(check.CODE.lower()) is check


def test_an_unknown_code_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        checks.explain("GP333")
    assert "GP303" in caught.value.hint


def test_the_advice_names_the_noise_that_keeps_the_gradient_alive() -> None:
    gone = {"gradients__vanishing": True, "gradients__retention": 0.002}
    found = finding("vanishing_gradient", **gone, gradients__alive_sigma=0.1)
    assert found is not None
    assert "noise of sigma 0.1" in found.advice
    assert "keeps 50% of the saturating gradient" in found.advice
    assert "which leaves norm 1.1" in found.advice
    assert found.evidence["alive_sigma"] == 0.1
    none = finding("vanishing_gradient", **gone, gradients__alive_sigma=None)
    assert none is not None
    assert "more than the 0.1 that was tried here" in none.advice
    untried = finding("vanishing_gradient", **gone, gradients__alive_sigma=None, gradients__noise=())
    assert untried is not None
    assert "tried" not in untried.advice
