"""The gate of CI: an audit held to limits, each PASS, FAIL or INCONCLUSIVE.

A gate closes on what was demonstrated and opens on what was shown to hold; what is neither is INCONCLUSIVE.

    max-js       FAIL: the floor is above the limit. PASS: the probe is near-optimal, and the upper end of its interval
                 and the calibrated gap together are not. A probe that is not near-optimal can fail a generator and
                 never pass one, whatever it shows.
    min-covered  FAIL: the whole interval of the covered share of the reals is below. PASS: all of it is not.
    baseline     FAIL: the paired lower limit of the rise is above the margin, and the rise is more than the
                 earlier probe is estimated to have missed. PASS: the upper limit is within the margin.
    measurement  INCONCLUSIVE: a finding says that what was measured may not be what was meant (`checks.takes_pass`).
    findings     FAIL: a finding has one of the codes, or a severity as grave as named.

The whole is as bad as its worst gate; one limit at least is always there, for errors fail unless told otherwise.
"""

from __future__ import annotations

from dataclasses import replace

from ganprobe.judge import checks, differences
from ganprobe.plan import Limits
from ganprobe.record.audit import Audit, Finding, GateRecord, Verdict

_WORST_FIRST: tuple[Verdict, ...] = ("FAIL", "INCONCLUSIVE", "PASS")
_GRAVEST_FIRST = ("error", "warn", "info")

_STRONGER = "more real samples or a larger --budget narrow it"


def hold(audit: Audit, limits: Limits, baseline: Audit | None) -> Audit:
    """``audit`` with its gates, and their worst outcome as its verdict.

    Raises `UsageError` where ``baseline`` is of something else; `check_limits` is for what ``limits`` name.
    """
    gates = []
    if limits.max_js is not None:
        gates.append(_max_js(audit, limits.max_js))
    if limits.min_covered is not None:
        gates.append(_min_covered(audit, limits.min_covered))
    if baseline is not None:
        gates.append(_baseline(audit, baseline, limits.margin))
    doubt = checks.takes_pass(audit.findings)
    if doubt is not None:
        gates.append(GateRecord("measurement", None, "INCONCLUSIVE", f"{doubt.code}: {doubt.title}", doubt.advice))
    elif not gates and audit.verdict == "INCONCLUSIVE":
        gates.append(GateRecord("measurement", None, "INCONCLUSIVE", audit.verdict_reason, _STRONGER))
    if limits.fail_on != ("never",):
        gates.append(_findings(audit, limits.fail_on))
    outcome: Verdict = min((gate.outcome for gate in gates), key=_WORST_FIRST.index, default="PASS")
    deciding = [gate.reason for gate in gates if gate.outcome == outcome]
    return replace(audit, gates=tuple(gates), verdict=outcome, verdict_reason="; ".join(deciding) or "no limit was set")


def check_limits(limits: Limits) -> None:
    """That every code of ``limits.fail_on`` is one that a finding can have, before minutes are spent."""
    for name in limits.fail_on:
        if name not in (*_GRAVEST_FIRST, "never"):
            checks.explain(name)


def _max_js(audit: Audit, limit: float) -> GateRecord:
    js = audit.measurements.js
    if js is None:
        return GateRecord("max-js", limit, "INCONCLUSIVE", "JS was not measured", "check an audit of ganprobe js")
    if js.floor > limit:
        reason = f"JS is at least {js.floor:.3f} nats (certified at {js.level:.0%}), above --max-js {limit:g}"
        return GateRecord("max-js", limit, "FAIL", reason, "train on; the views and the support say what is missing")
    if js.unresolved:
        reason = f"{js.n_real} real samples are too few to hold JS to --max-js {limit:g}"
        return GateRecord("max-js", limit, "INCONCLUSIVE", reason, "give more real samples")
    if js.near_optimal is not True:
        reason = f"the probe shows only {js.high:.3f} nats, but is not near-optimal: JS may be above --max-js {limit:g}"
        return GateRecord("max-js", limit, "INCONCLUSIVE", reason, "a larger --budget may bring a near-optimal probe")
    upper = min(max(js.high, js.nats) + (js.gap or 0.0), js.ceiling)
    if not upper <= limit:
        reason = f"--max-js {limit:g} is between the floor {js.floor:.3f} and what may still be shown, {upper:.3f} nats"
        return GateRecord("max-js", limit, "INCONCLUSIVE", reason, _STRONGER)
    reason = f"a near-optimal probe, with its interval and its gap, shows at most {upper:.3f} nats"
    return GateRecord("max-js", limit, "PASS", f"{reason}, within --max-js {limit:g}", "")


def _min_covered(audit: Audit, limit: float) -> GateRecord:
    covered = audit.measurements.support
    if covered is None:
        said, advice = "the covered share of the reals was not measured", "check an audit of ganprobe js or support"
        return GateRecord("min-covered", limit, "INCONCLUSIVE", said, advice)
    low, high = covered.real_covered_low, covered.real_covered_high
    shown = f"the generator reaches {covered.real_covered:.0%} of the reals ({low:.0%} to {high:.0%})"
    if high < limit:
        reason = f"{shown}, below --min-covered {limit:g}"
        return GateRecord("min-covered", limit, "FAIL", reason, "look for dropped modes: ganprobe support lists them")
    if low < limit:
        reason = f"{shown}, on both sides of --min-covered {limit:g}"
        return GateRecord("min-covered", limit, "INCONCLUSIVE", reason, "more real samples narrow the interval")
    return GateRecord("min-covered", limit, "PASS", f"{shown}, not below --min-covered {limit:g}", "")


def _baseline(audit: Audit, baseline: Audit, margin: float) -> GateRecord:
    d = differences.rise(baseline, audit)
    shown = f"JS rose by {d.rise:+.4f} nats against the baseline ({d.low:+.4f} to {d.high:+.4f}, paired)"
    if d.low > margin and d.missed is not None and d.rise > d.missed:
        reason = f"{shown}, by more than --margin {margin:g}"
        return GateRecord(
            "baseline", margin, "FAIL", reason, "compare the views of both audits: they say what got worse"
        )
    if d.low > margin:
        missed = "was not measured" if d.missed is None else f"is estimated at {d.missed:.3f}"
        reason = f"{shown}, but what the baseline's probe missed {missed}: a better probe rises as well"
        return GateRecord("baseline", margin, "INCONCLUSIVE", reason, "make the baseline again with a larger --budget")
    if d.high > margin:
        reason = f"{shown}, on both sides of --margin {margin:g}"
        return GateRecord(
            "baseline", margin, "INCONCLUSIVE", reason, "more samples narrow it, a wider --margin allows it"
        )
    return GateRecord("baseline", margin, "PASS", f"{shown}, within --margin {margin:g}", "")


def _findings(audit: Audit, fail_on: tuple[str, ...]) -> GateRecord:
    grave = [name for name in fail_on if name in _GRAVEST_FIRST]
    least = max(map(_GRAVEST_FIRST.index, grave), default=-1)
    codes = {name.upper() for name in fail_on}

    def fails(finding: Finding) -> bool:
        return finding.code in codes or _GRAVEST_FIRST.index(finding.severity) <= least

    found = [f for f in audit.findings if fails(f)]
    if not found:
        return GateRecord("findings", None, "PASS", f"no finding that --fail-on {' '.join(fail_on)} is about", "")
    reason = "; ".join(f"{f.code} {f.title}" for f in found)
    return GateRecord("findings", None, "FAIL", reason, f"ganprobe explain {found[0].code} says more")
