r"""The estimate by batches of samples, small enough to be kept: what a later comparison needs to be a paired one.

With scores s_i of the held-out reals (`ganprobe.objective.real_scores`) and B batches, batch b carries

    u_b = sum over i in b of (s_i - mean s) / (2 n)

of the estimate's deviation from its expectation; sum_b u_b = 0 and B / (B - 1) sum_b u_b^2 estimates the variance
that the reals cause. The fakes are batched alike, and the variances add. A real is dealt to its batch by its bytes, a
fake by its place among the draws or in its file: two audits of the same data put the same reals, and the fakes of the
same latents, into the same batches, so that the differences u_b - u'_b give the variance of the *difference* of their
estimates with everything that both share taken out. Where they share nothing, the same formula gives the sum of both
variances, and copies of one row, always in one batch, are counted as the one sample that they are.
"""

from __future__ import annotations

import numpy as np

from ganprobe.objective import fake_scores, real_scores
from ganprobe.record.headline import BatchRecord
from ganprobe.samples.folds import Folds, HeldOut, row_hashes
from ganprobe.samples.sides import Array, Floats, Indices

# Enough that their variance is known to 10 %, few enough to keep with every audit.
BATCHES = 200
# Not the seed of the run: audits of other seeds share their reals all the same.
_DEALT_BY = 0


def batches(logits: HeldOut, folds: Folds, real: Array, fake_rows: Indices) -> BatchRecord:
    """The held-out ``logits`` of ``folds`` over the reals ``[n, *shape]``, dealt to `BATCHES` batches a side.

    ``fake_rows`` ``[m]``: the place of each fake among the draws, or its row in the file that it comes from.
    """
    tested = [np.concatenate([getattr(fold, side).test for fold in folds]) for side in ("real", "fake")]
    scores = real_scores(np.concatenate(logits.test_real)), fake_scores(np.concatenate(logits.test_fake))
    return of_scores(scores, (real[tested[0]], fake_rows[tested[1]]))


def of_scores(scores: tuple[Floats, Floats], tested: tuple[Array, Indices]) -> BatchRecord:
    """The scores of test reals and of test fakes, ``tested`` being these reals and the places of these fakes."""
    real, fake_rows = tested
    return BatchRecord(
        real=_shares(scores[0], (row_hashes(real, _DEALT_BY) % BATCHES).astype(np.int64)),
        fake=_shares(scores[1], fake_rows % BATCHES),
    )


def _shares(scores: Floats, dealt: Indices) -> tuple[float, ...]:
    carried = np.bincount(dealt, (scores - scores.mean()) / (2 * len(scores)), minlength=BATCHES)
    # Six digits are more than the variance is known to.
    return tuple(float(f"{share:.6g}") for share in carried)
