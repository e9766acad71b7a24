"""Plots as inline SVG, a few kilobytes each: no script, no font, no colour of their own.

The page's style sheet colours the classes ``real``, ``fake``, ``series-0`` and so on, for light and for dark. Nothing
is told by colour alone: series differ in dash and mark too, and every plot has a title and a description.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

from ganprobe.record.plots import Axis, Bars, Histogram, Lines, Point, Scatter, Spans
from ganprobe.show.escapes import safe

WIDTH, HEIGHT = 440, 280
_TOP, _RIGHT, _BOTTOM, _LEFT = 34, 18, 44, 54
_ROW = 26
_CHARACTER = 6.2
_LONGEST_LABEL = 24


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is inside an ``svg`` element, and its size."""

    body: str
    height: float
    width: float = WIDTH

    def svg(self, title: str, description: str) -> str:
        """The element, for readers who see it and for those who have it read to them."""
        said = f"<title>{clean(title)}</title><desc>{clean(description)}</desc>"
        return f'<svg viewBox="0 0 {self.width:g} {self.height:g}" role="img">{said}{self.body}</svg>'


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float
    log: bool = False
    ticks: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        ticks = _decades(self.low, self.high) if self.log else _round_numbers(self.low, self.high)
        object.__setattr__(self, "ticks", ticks)

    def __call__(self, value: float) -> float:
        low, high, value = (math.log(max(v, 1e-300)) if self.log else v for v in (self.low, self.high, value))
        return self.start + (min(max((value - low) / (high - low), 0.0), 1.0)) * (self.end - self.start)


def lines(plot: Lines) -> Drawing:
    """Lines over a plane."""
    x, y, levels = plot.x, plot.y, plot.levels
    drawn = [s for s in plot.series if s.points]
    xs = [p[0] for s in drawn for p in s.points]
    ys = [p[1] for s in drawn for p in s.points] + [v for s in drawn for pair in s.band for v in pair]
    across = _scale(x, xs, _LEFT, WIDTH - _RIGHT)
    up = _scale(y, [*ys, *(v for _, v in levels)], HEIGHT - _BOTTOM, _TOP)
    parts = [_axes(across, up, x.label, y.label)]
    for name, value in levels:
        parts.append(
            f'<line class="level" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{up(value):.1f}" y2="{up(value):.1f}"/>'
        )
        parts.append(_text(WIDTH - _RIGHT, up(value) - 4, name, "end", "note"))
    for s in drawn:
        points = [(across(a), up(b)) for a, b in s.points]
        if s.band:
            edge = [(px, up(b[1])) for (px, _), b in zip(points, s.band, strict=True)]
            edge += [(px, up(b[0])) for (px, _), b in reversed([*zip(points, s.band, strict=True)])]
            parts.append(f'<polygon class="band {s.style}" points="{_joined(edge)}"/>')
        parts.append(f'<polyline class="line {s.style}" points="{_joined(points)}"/>')
        if s.marked:
            parts += [
                _mark(px, py, s.style, f"{s.name}: {_short(a)}, {_short(b)}")
                for (px, py), (a, b) in zip(points, s.points, strict=True)
            ]
    return Drawing("".join(parts) + _legend([(s.name, s.style) for s in drawn if s.name]), HEIGHT)


def spans(plot: Spans) -> Drawing:
    """A row each: the value as a dot, its interval as a line, its floor as a bracket; ``limit`` is a named value."""
    rows, x, limit = plot.rows, plot.x, plot.limit
    left = 16 + _CHARACTER * max(min(len(row.label), _LONGEST_LABEL) for row in rows)
    height = _TOP + _ROW * len(rows) + _BOTTOM
    values = [v for r in rows for v in (r.value, r.low, r.high, r.floor if r.floor is not None else r.low)]
    across = _scale(x, [*values, *([limit[1]] if limit else [])], left, WIDTH - _RIGHT)
    bottom = height - _BOTTOM
    parts = [_grid_x(across, _TOP - 6, bottom), _x_axis(across, bottom, x.label)]
    if limit:
        at = across(limit[1])
        parts.append(f'<line class="level" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP - 8}" y2="{bottom}"/>')
        parts.append(_text(at, _TOP - 14, limit[0], "end", "note"))
    for number, row in enumerate(rows):
        y = _TOP + _ROW * (number + 0.5)
        low, high, at = across(row.low), across(row.high), across(row.value)
        parts.append(_text(left - 8, y + 4, _cut(row.label), "end"))
        parts.append(f'<line class="span series-0" x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>')
        if row.floor is not None:
            f = across(row.floor)
            parts.append(f'<path class="floor" d="M{f + 4:.1f} {y - 8:.1f}h-4v16h4"/>')
        parts.append(_mark(at, y, "series-0", f"{row.label}: {row.value:.4f} ({row.low:.4f} to {row.high:.4f})"))
    return Drawing("".join(parts), height)


def histogram(plot: Histogram) -> Drawing:
    """Outlines of several histograms on the same edges."""
    edges, sides, x, y = plot.edges, plot.sides, plot.x, plot.y
    across = _scale(x, edges, _LEFT, WIDTH - _RIGHT)
    up = _scale(Axis(y, low=0.0), [v for _, _, shares in sides for v in shares], HEIGHT - _BOTTOM, _TOP)
    parts = [_axes(across, up, x.label, y)]
    for _, style, shares in sides:
        corners = [(edges[0], 0.0)]
        for (a, b), share in zip(pairwise(edges), shares, strict=True):
            corners += [(a, share), (b, share)]
        outline = _joined((across(a), up(b)) for a, b in [*corners, (edges[-1], 0.0)])
        parts.append(f'<polygon class="fill {style}" points="{outline}"/>')
        parts.append(f'<polyline class="line {style}" points="{outline}"/>')
    return Drawing("".join(parts) + _legend([(name, style) for name, style, _ in sides]), HEIGHT)


def bars(plot: Bars) -> Drawing:
    """Two bars a row, the reals' above the fakes'."""
    rows, x = plot.rows, plot.x
    left = 16 + _CHARACTER * max(min(len(label), _LONGEST_LABEL) for label, _, _ in rows)
    height = _TOP + _ROW * len(rows) + _BOTTOM
    across = _scale(x, [v for _, *pair in rows for v in pair], left, WIDTH - _RIGHT)
    parts = [_grid_x(across, _TOP - 6, height - _BOTTOM), _x_axis(across, height - _BOTTOM, x.label)]
    for number, (label, *pair) in enumerate(rows):
        y = _TOP + _ROW * number
        parts.append(_text(left - 8, y + _ROW / 2 + 4, _cut(label), "end"))
        for offset, style, value in ((3, "real", pair[0]), (_ROW / 2, "fake", pair[1])):
            size = f'width="{across(value) - left:.1f}" height="{_ROW / 2 - 4:.1f}"'
            note = escape(safe(f"{label}, {style}: {value:.4g}"))
            parts.append(
                f'<rect class="bar {style}" x="{left:.1f}" y="{y + offset:.1f}" {size}><title>{note}</title></rect>'
            )
    return Drawing("".join(parts) + _legend([("reals", "real"), ("fakes", "fake")]), height)


def scatter(plot: Scatter) -> Drawing:
    """Points of several groups. A third coordinate is D: the surer, the more solid."""
    groups, x, y = plot.groups, plot.x, plot.y
    across = _scale(x, [p[0] for _, _, points in groups for p in points], _LEFT, WIDTH - _RIGHT)
    up = _scale(y, [p[1] for _, _, points in groups for p in points], HEIGHT - _BOTTOM, _TOP)
    parts = [_axes(across, up, x.label, y.label)]
    for _, style, points in groups:
        for a, b, sure in points:
            parts.append(_mark(across(a), up(b), style, "", f' opacity="{0.15 + 0.85 * sure:.2f}"'))
    return Drawing("".join(parts) + _legend([(name, style) for name, style, _ in groups]), HEIGHT)


def strip(floor: float, low: float, value: float, high: float, ceiling: float, beyond: float | None) -> Drawing:
    """The headline on one line from 0 to ``ceiling``: certified part, interval, estimate, and where it might end."""
    left, right, y = 6, WIDTH - 6, 34
    across = _Scale(0.0, ceiling, left, right)
    at, bound = across(value), across(max(floor, 0.0))
    parts = [
        f'<rect class="track" x="{left}" y="{y - 9}" width="{right - left}" height="18" rx="4"/>',
        f'<rect class="certified" x="{left}" y="{y - 9}" width="{bound - left:.1f}" height="18" rx="4"/>',
        f'<line class="span series-0" x1="{across(low):.1f}" x2="{across(high):.1f}" y1="{y}" y2="{y}"/>',
        _mark(at, y, "series-0", f"estimate {value:.4f}"),
        _text(min(max(at, left + 52), right - 52), y - 18, f"estimate {value:.3f}", "middle", "strong"),
    ]
    if beyond is not None:
        end = across(beyond)
        parts.append(f'<line class="guess" x1="{end:.1f}" x2="{end:.1f}" y1="{y - 14}" y2="{y + 14}"/>')
    parts.append(_text(left, y + 26, "0: one and the same law", "start", "note"))
    parts.append(_text(right, y + 26, f"log 2 = {ceiling:.3f}: no overlap", "end", "note"))
    return Drawing("".join(parts), 72)


def _scale(axis: Axis, values: Iterable[float], start: float, end: float) -> _Scale:
    known = [v for v in values if math.isfinite(v) and (v > 0 or not axis.log)] or [0.1, 1.0]
    low = min(known) if axis.low is None else axis.low
    high = max(known) if axis.high is None else axis.high
    if axis.log:
        low, high = (low, high) if high > low else (low / 2, high * 2)
        return _Scale(low / (high / low) ** 0.03, high * (high / low) ** 0.03, start, end, log=True)
    if high < low or low == axis.high:  # all there is lies beyond the end of the axis, and is drawn there
        low, high = (low, low + (abs(low) or 1.0)) if axis.high is None else (high - (abs(high) or 1.0), high)
    room = (high - low or abs(high) or 1.0) * 0.05
    low = low - room if axis.low is None and low != 0 else low
    return _Scale(low, high + room if axis.high is None else high, start, end)


def _round_numbers(low: float, high: float) -> tuple[float, ...]:
    step = 10.0 ** math.floor(math.log10((high - low) / 4))
    step = next(step * k for k in (1, 2, 5, 10) if (high - low) / (step * k) <= 6)
    return tuple(round(i * step, 12) for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1))


def _decades(low: float, high: float) -> tuple[float, ...]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, math.ceil((last - first) / 5))
    within = (1, 2, 5) if last - first <= 2 else (1,)
    ticks = [k * 10.0**e for e in range(first, last + 1, every) for k in within]
    return tuple(t for t in ticks if low <= t <= high)


def _axes(across: _Scale, up: _Scale, x: str, y: str) -> str:
    parts = [_grid_x(across, _TOP, HEIGHT - _BOTTOM), _x_axis(across, HEIGHT - _BOTTOM, x)]
    for tick in up.ticks:
        at = up(tick)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(_text(_LEFT - 6, at + 4, _short(tick), "end"))
    middle = (_TOP + HEIGHT - _BOTTOM) / 2
    parts.append(
        f'<text class="label" text-anchor="middle" transform="translate(13 {middle:g}) rotate(-90)">{clean(y)}</text>'
    )
    return "".join(parts)


def _grid_x(across: _Scale, top: float, bottom: float) -> str:
    places = [f"{across(tick):.1f}" for tick in across.ticks]
    return "".join(f'<line class="grid" x1="{at}" x2="{at}" y1="{top}" y2="{bottom}"/>' for at in places)


def _x_axis(across: _Scale, bottom: float, label: str) -> str:
    ticks = "".join(_text(across(tick), bottom + 16, _short(tick), "middle") for tick in across.ticks)
    return ticks + _text((across.start + across.end) / 2, bottom + 36, label, "middle", "label")


def _legend(names: Sequence[tuple[str, str]]) -> str:
    parts, at = [], float(_LEFT)
    for name, style in names:
        parts.append(f'<line class="line {style}" x1="{at:.1f}" x2="{at + 18:.1f}" y1="14" y2="14"/>')
        parts.append(_mark(at + 9, 14, style, "") + _text(at + 24, 18, name, "start"))
        at += 38 + _CHARACTER * len(name)
    return "".join(parts)


# A mark that differs by more than colour for each of the classes.
_MARKS = {
    "real": "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
    "fake": "M-3.5 -3.5h7v7h-7z",
    "series-0": "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
    "series-1": "M0 -4.5l4.5 8h-9z",
    "series-2": "M0 -4.5l4.5 4.5l-4.5 4.5l-4.5 -4.5z",
    "series-3": "M-3.5 -3.5h7v7h-7z",
}


def _mark(x: float, y: float, style: str, note: str, more: str = "") -> str:
    shape = _MARKS.get(style, _MARKS["real"])
    said = f"<title>{clean(note)}</title>" if note else ""
    return f'<path class="mark {style}" transform="translate({x:.1f} {y:.1f})" d="{shape}"{more}>{said}</path>'


def _text(x: float, y: float, text: str, anchor: str, style: str = "tick") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{clean(text)}</text>'


def _joined(points: Iterable[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"


def clean(text: str) -> str:
    """``text`` as the content of an element or an attribute."""
    return escape(safe(text))


def _short(number: float) -> str:
    return (
        f"{number:.4g}"
        if number == 0 or 1e-3 <= abs(number) < 1e5
        else f"{number:.0e}".replace("e-0", "e-").replace("e+0", "e")
    )
