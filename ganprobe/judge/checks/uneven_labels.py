"""GP409 Some labels are generated worse than the others."""

from __future__ import annotations

from statistics import median

from ganprobe.record.audit import Finding, Measurements

CODE = "GP409"
TITLE = "some labels are generated worse than the others"
EXPLAIN = """
JS of the samples of each label alone, from probes that saw only these beside the stack of the whole run. The limits
hold for all labels at once. A label is worse where its lower limit is above the estimate of the label in the middle.
Each value is a lower bound, so a label may be worse than it looks here, but not better; a difference of two is none.
"""


def check(m: Measurements) -> Finding | None:
    """A warning with the labels that are clearly worse than the middle one, worst first."""
    if m.labels is None:
        return None
    known = [(row.js, row.low, row.label) for row in m.labels.labels if row.js is not None and row.low is not None]
    if len(known) < 2:
        return None
    middle = median(js for js, _, _ in known)
    worse = sorted(((js, label) for js, low, label in known if low > middle), reverse=True)
    if not worse:
        return None
    return Finding(
        CODE,
        "warn",
        f"worse than the others: {', '.join(f'label {label} ({js:.3f})' for js, label in worse)}; "
        f"the label in the middle has {middle:.3f} nats",
        {"worse": {str(label): js for js, label in worse}, "middle": middle},
        "Look at these labels first: their samples, how many the data has, and what the generator is told.",
    )
