r"""Gaussian kernel densities, as log-density ratios.

With one bandwidth s for both sides the normalising constants cancel, and

    f(x) = log mean_i exp(-|x - r_i|^2 / 2 s^2) - log mean_j exp(-|x - g_j|^2 / 2 s^2)

is the logit of D = p_s / (p_s + q_s). Done here by a direct log-sum-exp: scikit-learn's tree-based ``KernelDensity`` is
off by 9 nats in 200 dimensions and by 145 in 784. Separate bandwidths for the two sides would make a divergence of
their own in the tails.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ganprobe.samples.sides import Array, Floats

_QUERIES_AT_ONCE = 256
# exp takes five times as long where its result is too small for a normal float32, and so far below the nearest kernel's
# contribution, which counts as 1, nothing is added.
_NEGLIGIBLE = -80.0


def log_ratio(
    queries: Array, real: Array, fake: Array, sigmas: tuple[float, ...], noise: Tensor | None = None
) -> Floats:
    """log p_s - log q_s at held-out ``queries`` ``[n, d]``, for each bandwidth s: ``[len(sigmas), n]``.

    With ``noise`` ``[n, d]`` it is taken at ``queries + s * noise``.
    """
    refs = [torch.from_numpy(np.ascontiguousarray(side)) for side in (real, fake)]
    halves = [ref.square().sum(1) / 2 for ref in refs]
    out = np.empty((len(sigmas), len(queries)))
    for start in range(0, len(queries), _QUERIES_AT_ONCE):
        block = torch.from_numpy(np.ascontiguousarray(queries[start : start + _QUERIES_AT_ONCE]))
        # |x - r|^2 / 2 = |r|^2 / 2 - x.r + what is the same for every kernel, and drops out of the ratio.
        apart = [torch.addmm(half, block, ref.T, alpha=-1) for half, ref in zip(halves, refs, strict=True)]
        tilts = [None if noise is None else noise[start : start + len(block)] @ ref.T for ref in refs]
        for s, sigma in enumerate(sigmas):
            one, other = (
                _log_mean(half_square if tilt is None else half_square.sub(tilt, alpha=sigma), sigma)
                for half_square, tilt in zip(apart, tilts, strict=True)
            )
            out[s, start : start + len(block)] = (one - other).double().numpy()
    return out


def _log_mean(half_squares: Tensor, sigma: float) -> Tensor:
    """log mean_i exp(-half_squares / sigma^2) of each row."""
    rate, nearest = 1 / sigma**2, half_squares.min(1, keepdim=True).values
    kernels = torch.sub(nearest, half_squares).mul_(rate).clamp_(min=_NEGLIGIBLE).exp_()
    return kernels.mean(1).log_() - rate * nearest[:, 0]


# A log ratio beyond this says "certain" and only costs when it is wrong.
_MOST_LOGIT = 12.0


def bounded(logit: Floats) -> Floats:
    """What of a log ratio of densities to believe."""
    return np.clip(logit, -_MOST_LOGIT, _MOST_LOGIT)
