r"""FID and KID on the features that were asked for, beside JS, since everyone asks.

    FID = |m - m'|^2 + tr(S + S' - 2 (S S')^(1/2))                       (Heusel et al. 2017)
    KID = unbiased MMD^2 under the kernel (x . y / d + 1)^3              (Binkowski et al. 2018)

The trace of the root is the sum of the singular values of A A'^T, with A the centred samples over sqrt(n - 1), so no
matrix is rooted, and below d samples no covariance is even made.
"""

from __future__ import annotations

import numpy as np

from ganprobe import views
from ganprobe.measures.study import Study
from ganprobe.nets.features import MEMBERS
from ganprobe.record.features import FeatureRecord
from ganprobe.samples.folds import row_hashes, split_halves
from ganprobe.samples.sides import Floats
from ganprobe.views.features import of_network

NEEDS = "samples"

# Pictures of a side: a matrix of so many squares is decomposed, and subsets of so many make the kernel distance.
_MOST = 5_000
_SUBSET, _SUBSETS = 500, 10


def measure(study: Study) -> dict[str, FeatureRecord]:
    """Both distances, where a network was named."""
    plan, drawn, seeds = study.plan, study.drawn, study.seeds
    if plan.features is None or plan.features not in MEMBERS:
        return {}
    seen = of_network(drawn.whole, views.settings(plan, "features"))
    hashes = [row_hashes(side, seeds.small("folds")) for side in (drawn.whole.real, drawn.whole.fake)]
    halves = split_halves(hashes[0], hashes[1])
    first, second = (seen.real[half][:_MOST].astype(np.float64) for half in halves)
    real, fake = (side[:_MOST].astype(np.float64) for side in (seen.real, seen.fake))
    rng = seeds.numpy("features")
    kid, sd = kernel_distance(real, fake, rng)
    return {
        "features": FeatureRecord(
            network=plan.features,
            n_real=len(real),
            n_fake=len(fake),
            fid=frechet_distance(real, fake),
            fid_null=frechet_distance(first, second),
            kid=kid,
            kid_sd=sd,
            kid_null=kernel_distance(first, second, rng)[0],
            n_null=min(len(first), len(second)),
        )
    }


def frechet_distance(real: Floats, fake: Floats) -> float:
    """Frechet's distance of the normal laws with the moments of ``real`` and ``fake``, ``[n, d]``."""
    means = real.mean(0), fake.mean(0)
    a, b = ((side - mean) / np.sqrt(len(side) - 1) for side, mean in zip((real, fake), means, strict=True))
    # Roots of covariances have the singular values of the samples, whichever is smaller.
    cross = np.linalg.svd(_root(a) @ _root(b).T, compute_uv=False).sum()
    return float(((means[0] - means[1]) ** 2).sum() + (a**2).sum() + (b**2).sum() - 2 * cross)


def _root(side: Floats) -> Floats:
    return side if len(side) <= side.shape[1] else np.asarray(np.linalg.qr(side, mode="r"), np.float64)


def kernel_distance(real: Floats, fake: Floats, rng: np.random.Generator) -> tuple[float, float]:
    """The mean over subsets of the unbiased squared distance, and its standard deviation over these."""
    n = min(_SUBSET, len(real), len(fake))
    found = [_unbiased(*(side[rng.permutation(len(side))[:n]] for side in (real, fake))) for _ in range(_SUBSETS)]
    return float(np.mean(found)), float(np.std(found, ddof=1))


def _unbiased(x: Floats, y: Floats) -> float:
    n, d = x.shape
    within = [((side @ side.T / d + 1) ** 3) for side in (x, y)]
    between = ((x @ y.T / d + 1) ** 3).mean()
    same = sum((kernel.sum() - np.trace(kernel)) / (n * (n - 1)) for kernel in within)
    return float(same - 2 * between)
