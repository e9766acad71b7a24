"""Two audits of the same data against each other: the paired difference of their estimates, and what it can say.

The difference of two lower bounds bounds nothing: a rise may be a worse generator or a better probe. So a rise is
*demonstrated* only where it exceeds what the earlier probe is estimated to have missed. Its interval takes out what
both audits share, sample by sample in batches (`ganprobe.logits.batch_means`).
"""

from __future__ import annotations

import math

from ganprobe.errors import UsageError
from ganprobe.record.audit import Audit
from ganprobe.record.headline import BatchRecord, Estimate
from ganprobe.record.history import Difference
from ganprobe.record.views import view_label

# Of one-sided 95 %, as the floor is, and of two-sided.
ONE_SIDED = 1.6448536269514722
TWO_SIDED = 1.959963984540054


def rise(before: Audit, now: Audit) -> Difference:
    """How far JS rose from ``before`` to ``now``, in nats, each limit at one-sided 95 %.

    Raises `UsageError` where the two do not estimate the same thing: other data, another view, or no estimate.
    """
    value, spread = paired(before, now)
    return Difference(value, value - ONE_SIDED * spread, value + ONE_SIDED * spread, estimate(before).gap)


def paired(before: Audit, now: Audit) -> tuple[float, float]:
    """The rise of the estimate from ``before`` to ``now``, in nats, and its standard error; raises as `rise` does."""
    first, second = estimate(before, "the baseline"), estimate(now, "this audit")
    one, other = before.measurements, now.measurements
    if one.data.content_hash != other.data.content_hash:
        raise UsageError("the baseline was measured against other data", "measure it again against this data")
    through, now_through = (view_label(m.headline_view, m.headline_settings) for m in (one, other))
    if through != now_through:
        said = f"the baseline is JS through {through}, this is through {now_through}"
        raise UsageError(said, "measure both through the same --view, set alike")
    if one.batches is None or other.batches is None:
        raise UsageError("the baseline keeps no batches to compare", "make it again with ganprobe js --json")
    spread = apart(one.batches, other.batches)
    return second.nats - first.nats, spread


def estimate(audit: Audit, name: str = "an audit") -> Estimate:
    """The estimate of JS of ``audit``, which is called ``name``; raises `UsageError` where it holds none."""
    if audit.measurements.js is None:
        raise UsageError(f"{name} holds no estimate of JS", "give an audit that ganprobe js or check made")
    return audit.measurements.js


def apart(before: BatchRecord, now: BatchRecord) -> float:
    """The standard error of the difference of two numbers that are made of these batches of the same samples."""
    return math.sqrt(_variance(before.real, now.real) + _variance(before.fake, now.fake))


def deviation(batches: BatchRecord) -> float:
    """The standard error of the number that is made of ``batches``."""
    nothing = (0.0,) * len(batches.real)
    return math.sqrt(_variance(nothing, batches.real) + _variance(nothing, batches.fake))


def _variance(before: tuple[float, ...], now: tuple[float, ...]) -> float:
    """Of the difference, by what each batch adds to it."""
    n = len(before)
    if len(now) != n or n < 2:
        raise UsageError("the baseline keeps other batches than this version", "make it again with ganprobe js --json")
    return n / (n - 1) * sum((a - b) ** 2 for a, b in zip(before, now, strict=True))
