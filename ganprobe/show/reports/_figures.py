"""Which plots an audit has: for each table, by its name, the figures that show the same numbers.

A table without an entry here is shown without a plot. Captions say how to read a plot, not what this one shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ganprobe.record.all import ClusterRecord, Extreme, History, Measurements, ModesRecord
from ganprobe.show.reports._svg import (
    Axis,
    Drawing,
    Interval,
    Series,
    bars,
    clean,
    histogram,
    intervals,
    lines,
    scatter,
)
from ganprobe.show.tables import UNITS

_NATS = "JS, nats"
# Only what is in the record itself is shown: a saved audit that names an address does not make a page that fetches it.
_PNG = "data:image/png;base64,"
# As many rows as fit one plot.
_MOST_ROWS = 16


@dataclass(frozen=True, slots=True)
class Figure:
    """What is shown, as an element; what it is called; how to read it."""

    title: str
    caption: str
    element: str


def figures(m: Measurements, table: str) -> tuple[Figure, ...]:
    """The figures beside the table called ``table``; none where nothing was measured."""
    draw = _DRAWN.get(table)
    return tuple(draw(m)) if draw else ()


def history_figures(history: History, table: str) -> tuple[Figure, ...]:
    """The figures beside the table called ``table`` of a history."""
    return tuple(_trend(history)) if table == "trend" else ()


def _trend(history: History) -> Iterator[Figure]:
    steps = [audit.measurements.checkpoint.step for audit in history.audits]
    known = [float(step) for step in steps if step is not None]
    places = known if len(known) == len(steps) and len(set(known)) == len(known) else [*map(float, range(len(steps)))]
    x = Axis("training step" if places is known else "checkpoint, in order")
    trend = history.record.trend
    rows = zip(places, trend.values, trend.low, trend.high, strict=True)
    drawn = [(at, v, low, high) for at, v, low, high in rows if v is not None and low is not None and high is not None]
    if len(drawn) > 1:
        line = Series("", tuple((at, v) for at, v, _, _ in drawn), "series-0", band=tuple(d[2:] for d in drawn))
        what = "JS, estimate, nats" if trend.statistic == "js" else "noise that halves JS"
        caption = "Less is better. The band is each checkpoint's own interval; differences are paired, and sharper."
        yield _plot("Over training", caption, lines([line], x, Axis(what, low=0.0)))
    reached = [
        (at, s.real_covered, (s.real_covered_low, s.real_covered_high))
        for at, audit in zip(places, history.audits, strict=True)
        if (s := audit.measurements.support) is not None
    ]
    if len(reached) > 1:
        points = tuple((at, share) for at, share, _ in reached)
        line = Series("", points, "series-1", band=tuple(band for _, _, band in reached))
        caption = "The share of the reals that the generator reaches: a lasting fall is a collapse."
        yield _plot("Reals reached", caption, lines([line], x, Axis("share of reals", low=0.0)))


def _plot(title: str, caption: str, drawing: Drawing) -> Figure:
    return Figure(title, caption, drawing.svg(title, caption))


def _probes(m: Measurements) -> Iterator[Figure]:
    rows = [Interval(p.name, p.js, p.low, p.high, p.floor) for p in m.probes]
    if rows:
        caption = (
            "What each family demonstrates on samples it never saw: estimate with its interval; the bracket is the "
        )
        caption += "certified floor. Every row is a lower bound of JS, so the longest is the best."
        yield _plot("The ladder of probes", caption, intervals(rows, Axis(_NATS, low=0.0), _ceiling(rows)))


def _optimality(m: Measurements) -> Iterator[Figure]:
    if m.optimality is None or len(m.optimality.curve) < 2:
        return
    curve = Series("demonstrated", tuple((float(point.n), point.js) for point in m.optimality.curve), "series-0")
    levels = [("extrapolated to unlimited data", m.optimality.extrapolated)]
    caption = (
        "The stack trained on fewer reals. Flat at its right end: more data would not help. Still rising: the probe "
    )
    caption += "is limited by the data, and JS is larger than what it shows."
    x, y = Axis("reals to train on", log=True), Axis(_NATS, low=0.0)
    yield _plot("Learning curve", caption, lines([curve], x, y, levels))


def _views(m: Measurements) -> Iterator[Figure]:
    if m.views:
        rows = [Interval(v.label, v.js, v.low, v.high, v.floor) for v in m.views]
        caption = (
            "JS after the same map of both sides: never above the raw one. A row that stays long still shows the "
            "difference; a short one has lost it."
        )
        yield _plot("What is left through each view", caption, intervals(rows, Axis(_NATS, low=0.0), _ceiling(rows)))


def _smoothing(m: Measurements) -> Iterator[Figure]:
    if (c := m.smoothing) is None or len(c.sigma) < 2:
        return
    kept = [i for i, sigma in enumerate(c.sigma) if sigma > 0]
    points = tuple((c.sigma[i], c.js[i]) for i in kept)
    curve = Series("estimate", points, "series-0", band=tuple((c.low[i], c.high[i]) for i in kept))
    floor = Series("certified", tuple((c.sigma[i], c.floor[i]) for i in kept), "series-1", marked=False)
    x = Axis(f"noise on both sides, sigma, in {UNITS[c.unit]}", log=True)
    caption = (
        "How much noise it takes to hide the difference. A curve that falls early differs in fine detail only; one "
        "that stays up differs in what noise cannot hide."
    )
    half = [("half of log 2", math.log(2) / 2)]
    yield _plot("JS under noise", caption, lines([curve, floor], x, Axis(_NATS, low=0.0), half))


def _logits(m: Measurements) -> Iterator[Figure]:
    if (record := m.logits) is None:
        return
    sides = []
    for name, style, counts in (("reals", "real", record.real), ("fakes", "fake", record.fake)):
        total = max(sum(counts), 1)
        sides.append((name, style, tuple(count / total for count in counts)))
    x = Axis("logit log D/(1-D); 0 is D = 1/2, 2.2 is D = 0.9", record.edges[0], record.edges[-1])
    caption = "Test samples by what the stacked probe says of them; of an optimal one, the logit is log p_real/p_fake. "
    caption += (
        "Where the outlines overlap, nobody could tell the sides apart; reals far right are out of the generator's "
    )
    caption += "reach, fakes far left are where no reals are."
    yield _plot("Logits of reals and fakes", caption, histogram(record.edges, sides, x, "share of samples"))
    said = tuple((b.predicted, b.observed) for b in record.calibration)
    bins = Series("test samples", said, "series-0", band=tuple((b.low, b.high) for b in record.calibration))
    ideal = Series("D means what it says", ((0.0, 0.0), (1.0, 1.0)), "ideal", marked=False)
    caption = (
        "On the diagonal, of the samples that D calls real with probability 0.8 four in five are. A curve that is "
    )
    caption += "flatter boasts, a steeper one is too modest; either way JS is underestimated."
    unit = (0.0, 1.0)
    plot = lines([ideal, bins], Axis("D, the probability of real", *unit), Axis("share of reals", *unit))
    yield _plot("Reliability", caption, plot)
    if record.real_plane and record.fake_plane:
        groups = [
            ("reals", "real", tuple((a, b, _sigmoid(f)) for a, b, f in record.real_plane)),
            ("fakes", "fake", tuple((a, b, _sigmoid(-f)) for a, b, f in record.fake_plane)),
        ]
        caption = "Some test samples; the more solid a point, the surer the probe is of its side."
        plot = scatter(groups, Axis("first coordinate"), Axis("second coordinate"))
        yield _plot("The plane as the probe sees it", caption, plot)


def _kde(m: Measurements) -> Iterator[Figure]:
    if m.kde is None or not m.kde.ladder:
        return
    by_kde = Series("kernel densities", tuple((r.sigma, r.kde) for r in m.kde.ladder if r.kde >= 0), "series-1")
    band = tuple((max(r.probe - 2 * r.se, 0.0), min(r.probe + 2 * r.se, math.log(2))) for r in m.kde.ladder)
    by_probe = Series("probe at the same noise", tuple((r.sigma, r.probe) for r in m.kde.ladder), "series-0", band=band)
    caption = (
        f"Two estimates of the same JS under noise, in {m.kde.space}. Together: they agree. Densities above the "
        "probe: it missed something. Densities below, or not drawn because they are below 0: not informative there. "
        "The band is twice the standard error of their difference."
    )
    x, y = Axis("bandwidth and noise, sigma", log=True), Axis(_NATS, low=0.0)
    yield _plot("Kernel densities against the probe", caption, lines([by_kde, by_probe], x, y))


def _gradients(m: Measurements) -> Iterator[Figure]:
    if (g := m.gradients) is None or len(g.steps) < 2:
        return

    def along(name: str, curve: tuple[float, ...], style: int, log: bool = False) -> Series:
        points = ((float(step), v) for step, v in zip(g.steps, curve, strict=True) if v > 0 or not log)
        return Series(name, tuple(points), f"series-{style}")

    steps, norm = Axis("training steps of the probe", log=True), Axis(f"norm ({g.wrt})", log=True)
    curves = (
        ("saturating", g.saturating_curve),
        ("non-saturating", g.non_saturating_curve),
        ("critic", g.critic_curve),
    )
    plot = lines([along(name, curve, i, log=True) for i, (name, curve) in enumerate(curves)], steps, norm)
    caption = (
        "The gradient that reaches the generator while a fresh probe trains against it. A curve that falls by "
        f"decades leaves the generator nothing to learn from. Judged at step {g.judged_step}."
    )
    yield _plot("Gradient at the generator", caption, plot)
    seen = [along("held out", g.js_curve, 0), along("in training", g.training_js_curve, 1)]
    caption = (
        "How well that probe tells the sides apart. Where the two part, it learns samples by heart, and its gradient "
        "says nothing about the laws."
    )
    yield _plot("The probe meanwhile", caption, lines(seen, steps, Axis(_NATS)))
    if g.noise:
        rungs = [("none", g.saturating_curve), *((f"{rung.sigma:.3g}", rung.saturating_curve) for rung in g.noise[:3])]
        plot = lines([along(name, curve, i, log=True) for i, (name, curve) in enumerate(rungs)], steps, norm)
        caption = "The saturating gradient with noise on both sides: the least noise that keeps it alive is what helps."
        yield _plot("Saturating gradient under noise", caption, plot)


def _support(m: Measurements) -> Iterator[Figure]:
    if (s := m.support) is None:
        return
    points = tuple((t.recall, t.precision) for t in s.curve)
    unit = (0.0, 1.0)
    plot = lines(
        [Series("", points, "series-0")],
        Axis("recall: share of the reals", *unit),
        Axis("precision: share of the fakes", *unit),
    )
    caption = (
        "What the two laws share, weighing the reals more along the curve. In the upper right corner they are one; a "
        "curve that falls short to the right lacks reals, one that falls short above invents fakes."
    )
    yield _plot("Precision and recall", caption, plot)
    if s.modes is not None:
        yield _modes(s.modes)


def _modes(modes: ModesRecord) -> Figure:
    clusters = modes.clusters[:_MOST_ROWS]
    rows = [(_like(cluster), cluster.real_share, cluster.fake_share) for cluster in clusters]
    caption = (
        f"The {len(clusters)} largest {'modes' if modes.separated else 'cells'} of the reals: the share of either side "
        "in each. A short second bar is a mode that the generator neglects."
    )
    return _plot("Mass in each mode", caption, bars(rows, Axis("share of samples", low=0.0)))


def _extremes(m: Measurements) -> Iterator[Figure]:
    if (s := m.support) is None:
        return
    first = "Held-out samples, those first of which the probe is surest: the least like what the other side has."
    if s.missed_reals:
        yield Figure("Reals that are least reached", first, _exhibits("real", s.missed_reals))
    if s.stray_fakes:
        yield Figure("Fakes that are most off support", first, _exhibits("fake", s.stray_fakes))


_LEAST_LABELS = 2


def _classes(m: Measurements) -> Iterator[Figure]:
    if (c := m.classes) is None or len(c.labels) < _LEAST_LABELS:
        return
    labels = c.labels[:_MOST_ROWS]
    mix = bars([(f"label {r.label}", r.real_share, r.fake_share) for r in labels], Axis("share of samples", low=0.0))
    yield _plot("The mix of labels", "The share of either side that has each label.", mix)
    rows = [
        Interval(f"label {r.label}", r.js, r.low, r.high)
        for r in labels
        if r.js is not None and r.low is not None and r.high is not None
    ]
    if rows:
        plot = intervals(rows, Axis(_NATS, low=0.0), _ceiling(rows))
        yield _plot("JS label by label", "Of the samples that have the label; the limits hold for all at once.", plot)


_DRAWN: dict[str, Callable[[Measurements], Iterator[Figure]]] = {
    "probes": _probes,
    "optimality": _optimality,
    "views": _views,
    "smoothing": _smoothing,
    "logits": _logits,
    "kde": _kde,
    "support": _support,
    "extremes": _extremes,
    "classes": _classes,
    "gradients": _gradients,
}


def _like(cluster: ClusterRecord) -> str:
    row = f"like row {cluster.examples[0]}"
    return row if cluster.label is None else f"{row}, label {cluster.label}"


def _exhibits(name: str, extremes: tuple[Extreme, ...]) -> str:
    if all((extreme.picture or "").startswith(_PNG) for extreme in extremes):
        items = "".join(_picture(name, extreme) for extreme in extremes)
        return f'<ul class="gallery">{items}</ul>'
    columns = dict.fromkeys(column for extreme in extremes for column in extreme.numbers)
    heads = "".join(f'<th scope="col">{clean(column)}</th>' for column in ("row", "logit", *columns))
    rows = "".join(
        f'<tr><th scope="row">{extreme.row}</th><td class="number">{extreme.logit:.3g}</td>'
        + "".join(f'<td class="number">{extreme.numbers.get(column, 0):.4g}</td>' for column in columns)
        + "</tr>"
        for extreme in extremes
    )
    inside = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{name}s, the surest first">{inside}</div>'


def _picture(name: str, extreme: Extreme) -> str:
    said = f"row {extreme.row}" + ("" if extreme.label is None else f", label {extreme.label}")
    image = f'<img src="{clean(extreme.picture or "")}" alt="{name}, {said}">'
    return f"<li>{image}{said}, logit {extreme.logit:.1f}</li>"


# Where no row reaches this share of the ceiling, showing the ceiling would squeeze the rows into a corner.
_NEAR_CEILING = 0.3


def _ceiling(rows: list[Interval]) -> tuple[str, float] | None:
    return ("log 2", math.log(2)) if max(row.high for row in rows) > _NEAR_CEILING * math.log(2) else None


def _sigmoid(logit: float) -> float:
    return (1 + math.tanh(logit / 2)) / 2
