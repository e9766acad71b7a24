"""What the measurements mean: one module per finding, and the verdict that follows from them.

A check reads `Measurements` and nothing else, answers with one `Finding` or None, and never measures. The hundreds of
a code say what it is about: 1 the data and the files, 2 the probe, 3 the divergence, 4 the support, 5 the gradients.
Where what a check finds makes the number one of something else than the user's two laws, its module has ``TAKES_PASS =
True``: no PASS stands beside that finding.
"""

from __future__ import annotations

from typing import Protocol, cast

from ganprobe.errors import UsageError
from ganprobe.family import Family, did_you_mean
from ganprobe.record.audit import Finding, Measurements, Verdict
from ganprobe.record.gradients import GradientRecord
from ganprobe.record.sources import Artefact
from ganprobe.record.views import ViewRecord


class Check(Protocol):
    """What a module of this family provides."""

    CODE: str
    TITLE: str
    EXPLAIN: str

    def check(self, m: Measurements) -> Finding | None:
        """The finding, or None where there is nothing to say."""


MEMBERS = Family(
    "ganprobe.judge.checks",
    "check",
    (
        "lattice",
        "value_range",
        "duplicates",
        "constant_columns",
        "small_sample",
        "output_path",
        "copies",
        "loading_notes",
        "trusted_checkpoint",
        "sampling_mode",
        "merged_values",
        "guessed_form",
        "one_sided",
        "dependent_rows",
        "doubtful_call",
        "text_by_form",
        "not_near_optimal",
        "overconfident",
        "null_control",
        "unmeasured",
        "families_disagree",
        "view_stronger",
        "distinguishable",
        "indistinguishable",
        "saturated",
        "kde_stronger",
        "kde_uninformative",
        "coarse_views",
        "tell",
        "missing_modes",
        "off_support",
        "lower_dimension",
        "missed_clusters",
        "near_copies",
        "memorised",
        "about_the_data",
        "label_mix",
        "uneven_labels",
        "noise_scale",
        "vanishing_gradient",
        "gradients_not_applicable",
        "gradient_by_heart",
    ),
)

_SEVERITIES = ("error", "warn", "info")


def run(m: Measurements) -> tuple[Finding, ...]:
    """Every finding about ``m``: errors first, then warnings, then information; by code within each."""
    findings = filter(None, (check.check(m) for check in _checks()))
    return tuple(sorted(findings, key=lambda f: (_SEVERITIES.index(f.severity), f.code)))


def verdict(m: Measurements, findings: tuple[Finding, ...]) -> tuple[Verdict, str]:
    """The verdict and its reason, one short sentence.

    FAIL if any finding is an error. INCONCLUSIVE if a finding takes PASS away (``TAKES_PASS``), if the sample is too
    small, or if the floor is not shown to be tight: the probe is not near-optimal, and JS is not at its ceiling, where
    no better probe could say more.
    PASS otherwise: the measurement can be relied on. PASS does not mean that the generator is good; that is what the
    number says, and a limit on it is a decision of the reader.
    """
    errors = [f for f in findings if f.severity == "error"]
    if errors:
        count = "1 finding is an error" if len(errors) == 1 else f"{len(errors)} findings are errors"
        return "FAIL", f"{count}: {', '.join(f.code for f in errors)}."
    if (doubt := takes_pass(findings)) is not None:
        return "INCONCLUSIVE", f"{doubt.code}: {doubt.title}."
    if m.js is None:
        return _of_gradients(m.gradients) if m.gradients else ("INCONCLUSIVE", "JS was not measured.")
    if m.js.unresolved:
        return "INCONCLUSIVE", f"{m.js.n_real} real samples are too few to resolve the divergence."
    if m.js.near_optimal is not True and m.js.status != "saturated":
        return (
            "INCONCLUSIVE",
            "JS is at least the floor; a better probe may show more, for this one is not shown to be near-optimal.",
        )
    if m.js.status == "saturated":
        return "PASS", "JS is shown to be at its ceiling, log 2, and no finding is an error; that can be relied on."
    return "PASS", "The probe is near-optimal and no finding is an error; the number can be relied on."


def takes_pass(findings: tuple[Finding, ...]) -> Finding | None:
    """The first finding beside which no PASS may stand, if there is one."""
    return next((f for f in findings if getattr(explain(f.code), "TAKES_PASS", False)), None)


# Nats of held-out JS between the last two readings; a probe that gains more is not done.
_STILL_GAINING = 0.01


def _of_gradients(g: GradientRecord) -> tuple[Verdict, str]:
    """Gradients are about a discriminator as good as their probe: PASS where training on would not make a better one.

    A gradient that vanished is shown to: with a better probe no more of it is left.
    """
    js = max(g.js_curve)
    if not g.vanishing and g.judged_step == g.steps[-1] and g.js_curve[-1] - g.js_curve[-2] > _STILL_GAINING:
        return "INCONCLUSIVE", f"The gradient's probe was still gaining at the last step, at JS {js:.2f} held out."
    return "PASS", f"The gradients hold for a probe as good as theirs, which shows JS {js:.2f} on held-out samples."


def explain(code: str) -> Check:
    """The check that issues ``code``, in any case of letters; an unknown code is a `UsageError` with the nearest."""
    by_code = {check.CODE: check for check in _checks()}
    if code.upper() not in by_code:
        raise UsageError(f"no finding has the code {code!r}", did_you_mean(code.upper(), by_code))
    return by_code[code.upper()]


def artefact(m: Measurements, name: str) -> Artefact | None:
    """The artefact called ``name``, if it was found."""
    return next((a for a in m.artefacts if a.name == name), None)


def view(m: Measurements, name: str) -> ViewRecord | None:
    """The first row of the views called ``name``, if it was measured."""
    return next((v for v in m.views if v.name == name), None)


def _checks() -> list[Check]:
    return [cast(Check, MEMBERS[name]) for name in MEMBERS]
