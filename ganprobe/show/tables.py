"""What a reader sees: an `Audit` as tables of raw cells.

The one place that decides which numbers are shown, in what order and under what words. Formats know rows and columns,
not the domain: those for people round the cells as the column says, those for programs do not.

The first table is the answer, the verdict and the findings follow, and everything they rest on comes after.

Wording. What is held out is a lower bound: the floor is "JS >= floor", the estimate is called an estimate, and the
only thing above either is log 2. No text here says "JS =".
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ganprobe.record.all import LEAST_P, Audit, Finding, GateRecord, Measurements, view_label

# A tuple is a curve, numbers above 0 in order, or a strip: low, value and high within [0, 1].
Cell = str | int | float | bool | tuple[float, ...] | None
Format = Literal["text", "mark", "nats", "decimal", "number", "count", "seconds", "curve", "strip"]
Layout = Literal["grid", "notes"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and how people see its numbers; `render_cell` says what each format does."""

    name: str
    format: Format = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of raw cells. A row of a ``notes`` table is a text, and what to do about it, beside its marks."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    layout: Layout = "grid"


def tables(audit: Audit) -> tuple[Table, ...]:
    """Every table that has a row: summary, tell, verdict and findings first, then what they rest on."""
    m = audit.measurements
    every = (
        _summary(m),
        _tell(m),
        _verdict(audit),
        _gates(audit.gates),
        _findings(audit.findings),
        _estimate(m),
        _probes(m),
        _optimality(m),
        _views(m),
        _divergences(m),
        _logits(m),
        _kde(m),
        _support(m),
        _missed(m),
        _extremes(m),
        _classes(m),
        _memorisation(m),
        _smoothing(m),
        _distances(m),
        _gradients(m),
        _gradient_steps(m),
        _gradient_layers(m),
        _provenance(audit),
    )
    return tuple(table for table in every if table.rows)


def render_cell(cell: Cell, format: Format, unicode: bool = False) -> str:  # noqa: A002 - it is the column's format
    """A cell for people: ``nats`` have four decimals, ``number`` three digits, ``seconds`` one decimal.

    A ``decimal`` has four, or three digits where these would show 0.

    A curve has one character a number, by height where there is ``unicode``, else by digit. A strip is a line with the
    value where it stands and its interval.
    """
    if isinstance(cell, tuple) and format == "strip":
        return _strip(cell)
    if isinstance(cell, tuple):
        return _sparkline(cell, _HEIGHTS if unicode else _DIGITS)
    if cell is None:
        return "-"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int):
        return str(cell)
    if format == "seconds":
        return f"{cell:.1f}"
    if format == "nats":
        return f"{round(cell, 4) + 0.0:.4f}"  # and -0.0 is 0
    # Four decimals would show a p-value of 1e-40 as zero.
    if format == "decimal" and (cell == 0 or abs(cell) >= 5e-5):
        return f"{cell:.4f}"
    return f"{cell:.3g}"


_HEIGHTS, _DIGITS = "▁▂▃▄▅▆▇█", "12345678"
# So much from bottom to top at least, in decades: what hardly moves shall look level.
_LEAST_SPAN = 1.0


def _sparkline(curve: tuple[float, ...], levels: str) -> str:
    """Each number by its level on a log scale that ends at the largest; 0 is at the bottom."""
    logs = [math.log10(number) for number in curve if number > 0]
    if not logs:
        return levels[0] * len(curve)
    top = max(logs)
    span = max(top - min(logs), _LEAST_SPAN)
    heights = ((math.log10(number) - top) / span + 1 if number > 0 else 0 for number in curve)
    return "".join(levels[round(height * (len(levels) - 1))] for height in heights)


# Characters of a strip: as wide as leaves room for three more columns in 80.
_STRIP = 41


def _strip(cell: tuple[float, ...]) -> str:
    low, value, high = (round(number * (_STRIP - 1)) for number in cell)
    drawn = ["-" if low <= place <= high else "." for place in range(_STRIP)]
    drawn[value] = "o"
    return "".join(drawn)


_OPTIMAL = {True: "no better one was found", False: "a better one exists", None: "not shown"}


def _summary(m: Measurements) -> Table:
    """What fits on the first screen: a line or two for each part that was measured."""
    columns = (Column("quantity"), Column("value", "decimal"), Column("low", "decimal"), Column("high", "decimal"))
    rows: list[tuple[Cell, ...]] = []
    if (js := m.js) is not None:
        optimal = _OPTIMAL[js.near_optimal] if js.gap is None else f"{js.gap:.3f} nats may still be missing"
        if js.status == "saturated":
            optimal = "at the ceiling there is no better"
        rows += [
            ("JS, estimate", js.nats, js.low, js.high, f"nats, held out: {js.status}"),
            ("JS >= floor", js.floor, None, None, f"at {js.level:.0%}; log 2 = {js.ceiling:.3f} is the most"),
            ("near-optimal", js.near_optimal, None, None, optimal),
        ]
    if (kde := m.kde) is not None:
        rows.append(("kernel densities", kde.nats, None, None, f"probe {kde.matched_probe:.3f}: {kde.agreement}"))
    if (s := m.support) is not None:
        reached = (s.real_covered, s.real_covered_low, s.real_covered_high, "share of reals that fakes reach")
        on_target = (s.fake_covered, s.fake_covered_low, s.fake_covered_high, "share of fakes where reals are")
        rows += [("reals reached", *reached), ("fakes on target", *on_target)]
    if (c := m.smoothing) is not None and c.half_scale is not None:
        rows.append(("half-scale", c.half_scale, None, None, "noise that leaves half of log 2"))
    if (g := m.gradients) is not None:
        noise = f"; with noise {g.alive_sigma:g} it stays" if g.vanishing and g.alive_sigma else ""
        fate = f"vanishes{noise}" if g.vanishing else "stays"
        rows.append(("gradient kept", g.retention, None, None, f"of the saturating loss: it {fate}"))
    title = f"{m.checkpoint.path} against {m.data.path}"
    return Table("summary", title, (*columns, Column("meaning")), tuple(rows))


def _estimate(m: Measurements) -> Table:
    columns = (Column("quantity"), Column("value", "decimal"), Column("low", "decimal"), Column("high", "decimal"))
    if (js := m.js) is None:
        return Table("estimate", "", columns, ())
    underflow = f"below {LEAST_P:g}; " if js.p_value <= LEAST_P else ""
    rows: list[tuple[Cell, ...]] = [
        ("in bits", js.bits, js.low / math.log(2), js.high / math.log(2), "the share of log 2"),
        ("value of the probe", js.value, None, None, "V(D) = -log 4 + 2 JS of it"),
        ("p-value of P = Q", js.p_value, None, None, f"{underflow}ranks of held-out logits"),
    ]
    if js.extrapolated is not None:
        rows.append(("unlimited data", js.extrapolated, None, None, "nats, extrapolated; no bound"))
    if js.null is not None:
        spread = 1.96 * js.null_se if js.null_se is not None else None
        low, high = (None, None) if spread is None else (js.null - spread, js.null + spread)
        rows.append(("real against real", js.null, low, high, "nats; 0 is the truth"))
    return Table("estimate", "The estimate in detail", (*columns, Column("meaning")), tuple(rows))


def _probes(m: Measurements) -> Table:
    columns = (
        Column("probe"),
        Column("JS", "nats"),
        Column("low", "nats"),
        Column("high", "nats"),
        Column("floor", "nats"),
        Column("weight", "number"),
        Column("seconds", "seconds"),
        Column("stopped"),
    )
    rows = tuple((p.name, p.js, p.low, p.high, p.floor, p.weight, p.seconds, p.why_stopped) for p in m.probes)
    return Table("probes", "Probes: what each demonstrates, nats", columns, rows)


def _optimality(m: Measurements) -> Table:
    columns = (
        Column("evidence"),
        Column("passed", "mark"),
        Column("value", "decimal"),
        Column("limit", "decimal"),
        Column("what it is"),
    )
    o = m.optimality
    if o is None:
        return Table("optimality", "", columns, ())
    rows = tuple((e.name, e.passed, e.value, e.limit, e.note) for e in o.evidence)
    curve = ", ".join(f"{point.js:.4f} from {point.n}" for point in o.curve)
    title = f"Is the probe near-optimal? {'yes' if o.near_optimal else 'not shown'}: every row must pass"
    return Table("optimality", title + (f" (curve: {curve} reals)" if curve else ""), columns, rows)


def _tell(m: Measurements) -> Table:
    rows = () if m.tell is None else ((m.tell,),)
    return Table("tell", "What gives the fakes away", (Column("text"),), rows, "notes")


# Single columns that a reader is shown; the record has all that were measured.
_COLUMNS_SHOWN = 5


def _views(m: Measurements) -> Table:
    columns = (
        Column("seen through"),
        Column("JS", "nats"),
        Column("low", "nats"),
        Column("high", "nats"),
        Column("floor", "nats"),
    )
    kept = {v.label: [str(value) for key, value in v.settings.items() if key.endswith("keep")][-1:] for v in m.views}
    single = [v for v in m.views if any(kept[v.label]) and "," not in kept[v.label][0]]
    left_out = sorted(single, key=lambda v: -v.js)[_COLUMNS_SHOWN:]
    rows = tuple((v.label, v.js, v.low, v.high, v.floor) for v in m.views if v not in left_out)
    headline = view_label(m.headline_view, m.headline_settings)
    title = f"Views: what is left through each map of both sides, nats (headline: {headline})"
    more = f"; {len(left_out)} columns that show less are in the record" if left_out else ""
    return Table("views", title + more, columns, rows)


def _divergences(m: Measurements) -> Table:
    columns = (Column("divergence"), Column("value", "decimal"), Column("low", "decimal"), Column("high", "decimal"))
    rows = tuple((d.name, d.value, d.low, d.high) for d in m.divergences)
    return Table("divergences", "Divergences: readings of the same held-out logits", columns, rows)


def _logits(m: Measurements) -> Table:
    columns = (
        Column("D says real", "decimal"),
        Column("are real", "decimal"),
        Column("low", "decimal"),
        Column("high", "decimal"),
        Column("samples", "count"),
    )
    bins = () if m.logits is None else m.logits.calibration
    rows = tuple((b.predicted, b.observed, b.low, b.high, b.n) for b in bins)
    return Table("logits", "Calibration: does the stacked D mean what it says on test samples?", columns, rows)


def _kde(m: Measurements) -> Table:
    columns = (Column("sigma", "number"), Column("KDE", "nats"), Column("probe", "nats"), Column("se", "nats"))
    if m.kde is None:
        return Table("kde", "", columns, ())
    rows = tuple((rung.sigma, rung.kde, rung.probe, rung.se) for rung in m.kde.ladder)
    judged = f"{m.kde.agreement} (sigma {m.kde.sigma:.3g}, {m.kde.space})"
    title = f"Kernel densities against a probe at the same noise, nats: {judged}"
    return Table("kde", title, columns, rows)


def _support(m: Measurements) -> Table:
    columns = (
        Column("quantity"),
        Column("value", "number"),
        Column("low", "number"),
        Column("high", "number"),
        Column("real against real", "number"),
    )
    if m.support is None:
        return Table("support", "", columns, ())
    s, d = m.support, m.support.dimension
    near = (s.copies.share, None, None, s.copies.expected) if s.copies else (None, None, None, None)
    every: tuple[tuple[Cell, ...], ...] = (
        ("share of reals that fakes reach", s.real_covered, s.real_covered_low, s.real_covered_high, None),
        ("share of fakes where reals are", s.fake_covered, s.fake_covered_low, s.fake_covered_high, None),
        ("JS that parts out of reach imply", s.js_floor, None, None, None),
        ("density, ratio", s.density, None, None, s.null_density),
        ("coverage, ratio", s.coverage, None, None, s.null_coverage),
        ("dimension of reals", *_interval(d.real, d.real_se), None),
        ("dimension of fakes", *_interval(d.fake, d.fake_se), None),
        ("dimension of reals, MLE", *_interval(d.real_mle, d.real_mle_se), None),
        ("dimension of fakes, MLE", *_interval(d.fake_mle, d.fake_mle_se), None),
        ("size of the latent", d.latent, None, None, None),
        ("near copies of reals", *near),
        ("supports differ", s.mismatch, None, None, None),
    )
    return Table("support", "Support", columns, tuple(row for row in every if row[1] is not None))


def _interval(value: float | None, se: float | None) -> tuple[Cell, Cell, Cell]:
    return (value, None, None) if value is None or se is None else (value, value - 1.96 * se, value + 1.96 * se)


def _missed(m: Measurements) -> Table:
    columns = (
        Column("like row", "count"),
        Column("label", "count"),
        Column("of reals", "number"),
        Column("of fakes", "number"),
        Column("p, adjusted", "number"),
    )
    if m.support is None or (modes := m.support.modes) is None:
        return Table("missed", "", columns, ())
    rows = tuple((c.examples[0], c.label, c.real_share, c.fake_share, c.p_value) for c in modes.missed)
    what = "modes" if modes.separated else "cells (there are no separate modes)"
    title = f"Missed: {len(rows)} of {len(modes.clusters)} {what}"
    return Table("missed", title, columns, rows)


# As many samples as a reader looks at; the record has some more.
_EXTREMES = 4


def _extremes(m: Measurements) -> Table:
    columns = (
        Column("row of the reals", "count"),
        Column("logit", "number"),
        Column("distance", "number"),
        Column("row of the fakes", "count"),
        Column("logit", "number"),
        Column("distance", "number"),
    )
    if m.support is None:
        return Table("extremes", "", columns, ())
    pairs = zip(m.support.missed_reals[:_EXTREMES], m.support.stray_fakes[:_EXTREMES], strict=False)
    rows = tuple((r.row, r.logit, r.distance, f.row, f.logit, f.distance) for r, f in pairs)
    return Table("extremes", "Where the probe is surest: reals least reached, fakes most off support", columns, rows)


def _classes(m: Measurements) -> Table:
    columns = (
        Column("label", "count"),
        Column("of reals", "number"),
        Column("of fakes", "number"),
        Column("JS", "nats"),
        Column("low", "nats"),
        Column("high", "nats"),
    )
    if (c := m.classes) is None:
        return Table("classes", "", columns, ())
    rows = tuple((r.label, r.real_share, r.fake_share, r.js, r.low, r.high) for r in c.labels)
    title = f"Label by label, nats, limits for all at once ({c.level:.0%}; one mix of labels: p = {c.mix_p_value:.2g})"
    return Table("classes", title, columns, rows)


def _memorisation(m: Measurements) -> Table:
    columns = (Column("evidence"), Column("value", "number"), Column("meaning"))
    if (r := m.memorisation) is None:
        return Table("memorisation", "", columns, ())
    rows: list[tuple[Cell, ...]] = [
        ("nearer to training data", r.nearer, f"share of fakes; 0.5 is none remembered; z = {r.nearer_z:.1f}"),
        ("estimate against training", r.js_train, "nats, quick probes; lower than the next if remembered"),
        ("estimate against held-out", r.js_held_out, f"nats; the difference has a standard error of {r.js_se:.2g}"),
    ]
    if r.c_t is not None:
        rows.insert(1, ("C_T", r.c_t, f"below -3: copied, or smooth; {r.cells} cells"))
    if r.copies is not None:
        meaning = f"share of fakes; {r.copies.expected:.2g} by chance, p = {r.copies.p_value:.2g}"
        rows.append(("near copies", r.copies.share, meaning))
    title = f"Memorisation: {r.n_train} training samples against {r.n_held_out} held out"
    return Table("memorisation", title, columns, tuple(rows))


# As many rungs as a reader takes in; the record has them all.
_RUNGS = 12
_BAR = 20


def _smoothing(m: Measurements) -> Table:
    columns = (
        Column("noise", "number"),
        Column("JS", "nats"),
        Column("low", "nats"),
        Column("high", "nats"),
        Column("floor", "nats"),
        Column("gap", "number"),
        Column("share of log 2"),
    )
    c = m.smoothing
    if c is None:
        return Table("smoothing", "", columns, ())
    bars = tuple("#" * round(_BAR * js / math.log(2)) for js in c.js)
    rungs = tuple(zip(c.sigma, c.js, c.low, c.high, c.floor, c.gap, bars, strict=True))
    last = len(rungs) - 1
    shown = sorted({round(i * last / (_RUNGS - 1)) for i in range(_RUNGS)})
    half = "not passed" if c.half_scale is None else f"at {c.half_scale:.3g}, as for points {c.effective_gap:.3g} apart"
    title = f"What noise leaves, at least, nats; noise in {UNITS[c.unit]}; half of log 2: {half}"
    return Table("smoothing", title, columns, tuple(rungs[i] for i in shown))


def _distances(m: Measurements) -> Table:
    columns = (
        Column("distance"),
        Column("value", "number"),
        Column("low", "number"),
        Column("high", "number"),
        Column("real against real", "number"),
        Column("p-value of P = Q", "number"),
    )
    rows = tuple((d.name, d.value, d.low, d.high, d.null, d.p_value) for d in m.distances)
    unit = f", in {UNITS[m.distances[0].unit]}" if m.distances else ""
    return Table("distances", f"Distances that do not saturate{unit}", columns, rows)


def _gradients(m: Measurements) -> Table:
    columns = (
        Column("gradient"),
        Column("noise", "number"),
        Column("training", "curve"),
        Column("judged", "number"),
        Column("kept", "number"),
        Column("SNR", "number"),
        Column("JS of D", "decimal"),
        Column("alive"),
    )
    g = m.gradients
    if g is None:
        return Table("gradients", "", columns, ())

    def row(name: str, sigma: float, step: int, curve: tuple[float, ...], snr: tuple[float | None, ...]) -> list[Cell]:
        at = g.steps.index(step)
        largest = max(curve[: at + 1])
        return [name, sigma, curve, curve[at], curve[at] / largest if largest > 0 else None, snr[at]]

    def js(step: int, curve: tuple[float, ...]) -> float:
        return curve[g.steps.index(step)]

    def judged(vanishing: bool) -> str:
        return "no" if vanishing else "yes"

    last, step = g.steps[-1], g.judged_step
    rows: list[list[Cell]] = [
        [
            *row("saturating", 0.0, step, g.saturating_curve, g.saturating_snr_curve),
            *(js(step, g.js_curve), judged(g.vanishing)),
        ],
        [*row("non-saturating", 0.0, step, g.non_saturating_curve, g.non_saturating_snr_curve), None, None],
        [*row("critic", 0.0, last, g.critic_curve, g.critic_snr_curve), None, None],
    ]
    for rung in g.noise:
        cells = row("saturating", rung.sigma, rung.judged_step, rung.saturating_curve, rung.saturating_snr_curve)
        rows.append([*cells, js(rung.judged_step, rung.js_curve), judged(rung.vanishing)])
    title = f"Norm of the generator's gradient ({g.wrt}) while a fresh probe trains; noise in {UNITS[g.unit]}"
    return Table("gradients", title, columns, tuple(map(tuple, rows)))


# What sigma and distances are in, in words.
UNITS = {"data": "the data's units", "range": "fractions of the full range", "sd": "standard deviations"}


def _gradient_steps(m: Measurements) -> Table:
    columns = (
        Column("step", "count"),
        Column("saturating", "number"),
        Column("non-saturating", "number"),
        Column("critic", "number"),
        Column("JS held out", "decimal"),
        Column("JS in training", "decimal"),
        Column("W1", "number"),
    )
    g = m.gradients
    if g is None:
        return Table("gradient_steps", "", columns, ())
    rows = zip(
        *(g.steps, g.saturating_curve, g.non_saturating_curve, g.critic_curve),
        *(g.js_curve, g.training_js_curve, g.critic_distance_curve),
        strict=True,
    )
    title = f"The same step by step, without noise; judged at {g.judged_step}"
    return Table("gradient_steps", title, columns, tuple(rows))


def _gradient_layers(m: Measurements) -> Table:
    columns = (
        Column("layer"),
        Column("saturating", "curve"),
        Column("last", "number"),
        Column("non-saturating", "curve"),
        Column("last", "number"),
        Column("critic", "curve"),
        Column("last", "number"),
    )
    layers = m.gradients.layers if m.gradients and m.gradients.layers else ()
    rows = tuple(
        (
            layer.name,
            *(layer.saturating_curve, layer.saturating_curve[-1]),
            *(layer.non_saturating_curve, layer.non_saturating_curve[-1]),
            *(layer.critic_curve, layer.critic_curve[-1]),
        )
        for layer in layers
    )
    return Table("gradient_layers", "Its norm layer by layer", columns, rows)


def _provenance(audit: Audit) -> Table:
    m = audit.measurements
    c, d, js = m.checkpoint, m.data, m.js
    fakes = [c.format, *([f"key {c.key}"] if c.key else []), *([f"step {c.step}"] if c.step is not None else [])]
    fakes += ["trusted to run code"] if c.trusted else []
    shape = "x".join(map(str, d.shape))
    every: tuple[tuple[Cell, ...], ...] = (
        ("fakes", c.path, f"{', '.join(fakes)}; sha256 {c.sha256[:12]}"),
        ("reals", d.path, f"{d.n} of shape {shape} ({d.kind}); content {d.content_hash[:12]}"),
        ("latent", _latent(c.latent, c.latent_law), None if c.labels is None else f"labels: {c.labels}"),
        ("scored", None if js is None else f"{js.n_real} real, {js.n_fake} fake", f"seed {audit.seed}"),
        ("made by", f"ganprobe {audit.version}", f"{audit.seconds:.1f} s"),
    )
    rows = tuple(row for row in every if row[1:] != (None, None))
    return Table("provenance", "Provenance", (Column("what"), Column("is"), Column("detail")), rows)


def _findings(findings: Iterable[Finding]) -> Table:
    columns = (Column("severity", "mark"), Column("code", "mark"), Column("finding"), Column("advice"))
    rows = tuple((f.severity, f.code, f.title, f.advice) for f in findings)
    return Table("findings", "Findings (ganprobe explain CODE says more)", columns, rows, "notes")


def _gates(gates: Iterable[GateRecord]) -> Table:
    columns = (Column("outcome", "mark"), Column("gate", "mark"), Column("reason"), Column("advice"))
    rows = tuple((g.outcome, g.name, g.reason, g.advice or None) for g in gates)
    return Table("gates", "Gates that it was held to", columns, rows, "notes")


def _verdict(audit: Audit) -> Table:
    rows = ((audit.verdict, audit.verdict_reason),)
    return Table("verdict", "Verdict", (Column("verdict", "mark"), Column("reason")), rows, "notes")


def _latent(latent: tuple[int, ...] | None, law: str | None) -> str | None:
    if latent is None:
        return None
    return f"{'x'.join(map(str, latent))} {law or ''}".rstrip()
