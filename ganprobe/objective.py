r"""The objective of the probe and what its value says, as plain functions of logits. Nats throughout.

With real law P, generator law Q and m = (P + Q) / 2, a discriminator D = sigmoid(f) has the value

    V(D) = E_P log D + E_Q log(1 - D)  <=  V(D*) = -log 4 + 2 JS(P, Q),      D* = p / (p + q).

So JS_D := log 2 + V(D) / 2 is a lower bound of JS for every D that was fixed before the test samples were drawn, and
the gap is exactly E_m kl(D* || D). In logits, without ever forming log(sigmoid(f)),

    JS_D = log 2 - (E_P softplus(-f) + E_Q softplus(f)) / 2.

No probe gives an upper bound; only log 2 is above. Sources: Goodfellow et al. 2014; Topsoe 2000 for the inequalities
between JS, total variation and the Henze-Penrose divergence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.optimize import OptimizeResult, minimize_scalar

Floats = npt.NDArray[np.float64]

LOG2 = math.log(2.0)


def softplus(x: Floats) -> Floats:
    """log(1 + exp(x)) without overflow."""
    return np.logaddexp(0.0, x)


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)) without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def real_scores(logit: Floats) -> Floats:
    """What each real sample adds to JS_D: log 2 - softplus(-f). The mean over both sides' scores is JS_D."""
    return LOG2 - softplus(-np.asarray(logit, np.float64))


def fake_scores(logit: Floats) -> Floats:
    """What each fake sample adds to JS_D: log 2 - softplus(f)."""
    return LOG2 - softplus(np.asarray(logit, np.float64))


def js(real_logit: Floats, fake_logit: Floats) -> float:
    """JS_D of the given held-out logits. May be negative: a probe that is confidently wrong says so."""
    return float((real_scores(real_logit).mean() + fake_scores(fake_logit).mean()) / 2)


def js_se(real_logit: Floats, fake_logit: Floats) -> float:
    """The standard error of `js`: the two sides are independent samples."""
    real, fake = real_scores(real_logit), fake_scores(fake_logit)
    return math.sqrt((_variance_of_mean(real) + _variance_of_mean(fake)) / 4)


def _variance_of_mean(scores: Floats) -> float:
    return float(scores.var(ddof=1)) / len(scores) if len(scores) > 1 else 0.0


def _binary_entropy(p: float) -> float:
    """h(p) in nats."""
    return 0.0 if p <= 0 or p >= 1 else -p * math.log(p) - (1 - p) * math.log1p(-p)


def js_of_error(error: float) -> float:
    """log 2 - h(e): JS is at least this where some classifier errs with probability at most ``error`` <= 1/2 (Fano)."""
    return LOG2 - _binary_entropy(min(error, 0.5))


def brier_bracket(henze_penrose: float) -> tuple[float, float]:
    """H/2 <= JS <= H log 2, with H = E_m (2 D* - 1)^2."""
    return henze_penrose / 2, henze_penrose * LOG2


def js_of_cells(real: Sequence[float], fake: Sequence[float]) -> float:
    """JS of two laws on the same few cells, from their masses: E_m [log 2 - h(D*)]."""
    cells = [(p, q) for p, q in zip(real, fake, strict=True) if p + q > 0]
    return sum((p + q) / 2 * js_of_error(min(p, q) / (p + q)) for p, q in cells)


# Middles of equal cells of the real line where a unit Gaussian has its mass: sums over them are integrals.
_CELL = 0.01
_LINE = np.arange(-12 + _CELL / 2, 12, _CELL)
_MASSES = np.exp(-(_LINE**2) / 2) * (_CELL / math.sqrt(2 * math.pi))
_FARTHEST = 12.0


def shift_js(delta: float) -> float:
    """J(delta): JS of two unit Gaussians ``delta`` apart, log 2 - E softplus(-delta^2/2 - delta Z)."""
    # The masses sum to 1 up to rounding, which must not make JS negative.
    return max(0.0, LOG2 - float(_MASSES @ softplus(-delta * (delta / 2 + _LINE))))


def delta_of(js_nats: float) -> float:
    """The distance at which J is ``js_nats`` < log 2, by bisection."""
    low, high = 0.0, _FARTHEST
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if shift_js(middle) < js_nats else (low, middle)
    return (low + high) / 2


def js_of_masses(p: Floats, q: Floats) -> float:
    """JS of two laws from their masses on common points: probabilities, or densities times the cell of a fine grid."""
    p, q = (np.where(side < 1e-300, 0.0, side) for side in (p, q))  # half a denormal is 0, and x log(x / 0) infinite
    m = (p + q) / 2
    return float(special.rel_entr(p, m).sum() + special.rel_entr(q, m).sum()) / 2


def tempered_loss(real_logit: Floats, fake_logit: Floats) -> float:
    """The balanced log loss at the best temperature: what the logits are worth once calibrated."""
    return float(best_temperature(real_logit, fake_logit).fun)


def best_temperature(real_logit: Floats, fake_logit: Floats) -> OptimizeResult:
    """The log inverse temperature ``x`` of least balanced log loss, and that loss, ``fun``."""

    def loss(log_beta: float) -> float:
        beta = math.exp(log_beta)
        return float(softplus(-beta * real_logit).mean() + softplus(beta * fake_logit).mean()) / 2

    return minimize_scalar(loss, bounds=(-4, 3), method="bounded", options={"xatol": 1e-2})
