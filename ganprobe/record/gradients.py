"""Norms of the generator's gradient along the training of a fresh probe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ganprobe.record.cells import Cell, Column, Table
from ganprobe.record.plots import NATS, Axis, Figure, Lines, Series
from ganprobe.record.units import UNITS, Unit

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


@dataclass(frozen=True, slots=True)
class NoiseRung:
    """The generator's gradient against a probe with noise ``sigma`` on both sides, along its training.

    The single values are those at ``judged_step``, the last at which the probe is about as good on held-out samples as
    it ever was. A signal-to-noise ratio is None where there is no spread over batches.
    """

    sigma: float
    saturating: float
    non_saturating: float
    retention: float
    vanishing: bool
    judged_step: int
    saturating_curve: tuple[float, ...]
    non_saturating_curve: tuple[float, ...]
    saturating_snr_curve: tuple[float | None, ...]
    non_saturating_snr_curve: tuple[float | None, ...]
    js_curve: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LayerGradient:
    """The norm of one layer's part of the gradient along training, without noise."""

    name: str
    saturating_curve: tuple[float, ...]
    non_saturating_curve: tuple[float, ...]
    critic_curve: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class GradientRecord:
    """Norms of the generator's gradient along the training of a fresh probe, generator frozen.

    ``saturating`` and ``non_saturating`` are the norms at ``judged_step``, the last at which the probe is about as good
    on held-out samples as it ever was; the curves give them at ``steps``. ``retention`` is the share that the
    saturating norm has kept of its largest until then. ``js_curve`` is held out, ``training_js_curve`` is not: where
    they part, the probe learns samples by heart. A signal-to-noise ratio compares the gradient with its spread over
    batches of latents, and is None where there is none.

    ``critic_curve`` is the norm against a 1-Lipschitz critic and ``critic_distance_curve`` what this demonstrates of
    Wasserstein's distance on held-out samples. ``noise`` repeats the saturating and the non-saturating curves with
    noise on both sides; ``alive_sigma`` is the least sigma, 0 for no noise, from which on the saturating gradient
    does not vanish, and None if it does under all that was tried. sigma and the distance are in ``unit``: "data" units,
    "range" for fractions of the full range, "sd" for pooled standard deviations of columns. ``layers`` are given where
    they were asked for.
    """

    saturating: float
    non_saturating: float
    retention: float
    vanishing: bool
    wrt: str
    steps: tuple[int, ...]
    saturating_curve: tuple[float, ...]
    non_saturating_curve: tuple[float, ...]
    js_curve: tuple[float, ...]
    judged_step: int
    training_js_curve: tuple[float, ...]
    saturating_snr_curve: tuple[float | None, ...]
    non_saturating_snr_curve: tuple[float | None, ...]
    critic: float
    critic_curve: tuple[float, ...]
    critic_snr_curve: tuple[float | None, ...]
    critic_distance_curve: tuple[float, ...]
    unit: Unit
    noise: tuple[NoiseRung, ...]
    alive_sigma: float | None
    layers: tuple[LayerGradient, ...] | None


def summary(m: Measurements) -> list[tuple[Cell, ...]]:
    """Its row on the first screen."""
    if (g := m.gradients) is None:
        return []
    noise = f"; with noise {g.alive_sigma:g} it stays" if g.vanishing and g.alive_sigma else ""
    fate = f"vanishes{noise}" if g.vanishing else "stays"
    return [("gradient kept", g.retention, None, None, f"of the saturating loss: it {fate}")]


def tables(m: Measurements) -> tuple[Table, ...]:
    """Curves and what is judged of them, the same step by step, and by layer where that was asked for."""
    return () if (g := m.gradients) is None else (_norms(g), _steps(g), _layers(g.layers or ()))


def _norms(g: GradientRecord) -> Table:
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
    last, step = g.steps[-1], g.judged_step
    saturating = _row(g, "saturating", 0.0, step, g.saturating_curve, g.saturating_snr_curve)
    rows: list[tuple[Cell, ...]] = [
        (*saturating, g.js_curve[g.steps.index(step)], _alive(g.vanishing)),
        (*_row(g, "non-saturating", 0.0, step, g.non_saturating_curve, g.non_saturating_snr_curve), None, None),
        (*_row(g, "critic", 0.0, last, g.critic_curve, g.critic_snr_curve), None, None),
    ]
    for rung in g.noise:
        step = rung.judged_step
        cells = _row(g, "saturating", rung.sigma, step, rung.saturating_curve, rung.saturating_snr_curve)
        rows.append((*cells, rung.js_curve[g.steps.index(step)], _alive(rung.vanishing)))
    title = f"Norm of the generator's gradient ({g.wrt}) while a fresh probe trains; noise in {UNITS[g.unit]}"
    return Table("gradients", title, columns, tuple(rows))


def _row(
    g: GradientRecord, name: str, sigma: float, step: int, curve: tuple[float, ...], snr: tuple[float | None, ...]
) -> tuple[Cell, ...]:
    """A curve, and at the judged ``step`` the norm, the share that it has kept of its largest, and its SNR."""
    at = g.steps.index(step)
    largest = max(curve[: at + 1])
    return name, sigma, curve, curve[at], curve[at] / largest if largest > 0 else None, snr[at]


def _alive(vanishing: bool) -> str:
    return "no" if vanishing else "yes"


def _steps(g: GradientRecord) -> Table:
    columns = (
        Column("step", "count"),
        Column("saturating", "number"),
        Column("non-saturating", "number"),
        Column("critic", "number"),
        Column("JS held out", "decimal"),
        Column("JS in training", "decimal"),
        Column("W1", "number"),
    )
    rows = zip(
        *(g.steps, g.saturating_curve, g.non_saturating_curve, g.critic_curve),
        *(g.js_curve, g.training_js_curve, g.critic_distance_curve),
        strict=True,
    )
    title = f"The same step by step, without noise; judged at {g.judged_step}"
    return Table("gradient_steps", title, columns, tuple(rows))


def _layers(layers: tuple[LayerGradient, ...]) -> Table:
    columns = (
        Column("layer"),
        Column("saturating", "curve"),
        Column("last", "number"),
        Column("non-saturating", "curve"),
        Column("last", "number"),
        Column("critic", "curve"),
        Column("last", "number"),
    )
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


def figures(m: Measurements) -> Iterator[Figure]:
    """The same numbers drawn."""
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
    plot = Lines(tuple(along(name, curve, i, log=True) for i, (name, curve) in enumerate(curves)), steps, norm)
    caption = (
        "The gradient that reaches the generator while a fresh probe trains against it. A curve that falls by "
        f"decades leaves the generator nothing to learn from. Judged at step {g.judged_step}."
    )
    yield Figure("Gradient at the generator", caption, plot)
    seen = (along("held out", g.js_curve, 0), along("in training", g.training_js_curve, 1))
    caption = (
        "How well that probe tells the sides apart. Where the two part, it learns samples by heart, and its gradient "
        "says nothing about the laws."
    )
    yield Figure("The probe meanwhile", caption, Lines(seen, steps, Axis(NATS)))
    if g.noise:
        rungs = [("none", g.saturating_curve), *((f"{rung.sigma:.3g}", rung.saturating_curve) for rung in g.noise[:3])]
        plot = Lines(tuple(along(name, curve, i, log=True) for i, (name, curve) in enumerate(rungs)), steps, norm)
        caption = "The saturating gradient with noise on both sides: the least noise that keeps it alive is what helps."
        yield Figure("Saturating gradient under noise", caption, plot)
