"""GP203 Real against real does not give zero."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP203"
TITLE = "the null control failed"
EXPLAIN = """
The same procedure is run with real samples on both sides. Both sides then have one law, JS is 0, and the estimate
must be 0 within its error. A clear positive value means that something other than the law tells the halves apart:
near-duplicates across folds, rows that depend on each other, a leak. A clear negative value means that the probe's
calibration fails on this data. Either way the number for the fakes cannot be trusted until it is understood.

Few reals see little: halves of 500 tested reals would show a difference of .043 nats or more, in 19 of 20 runs, and
one below that may go unnoticed. The least that would be noticed stands beside the row "real against real".
"""

# Three standard errors: a sound procedure is accused in 3 runs of 1,000.
STANDARD_ERRORS = 3.0
# A thousandth of a nat is what calibrating on few samples costs, and no leak worth a verdict.
TOLERATED = 0.001
# A calibration that fails costs more than noise does; the probe then reads below 0 whatever the data.
MISCALIBRATED = -0.01


def check(m: Measurements) -> Finding | None:
    """An error where the null control is further above 0 than noise explains, or far below it."""
    js = m.js
    if js is None or js.null is None or js.null_se is None:
        return None
    null, se = js.null, js.null_se
    noise = STANDARD_ERRORS * se
    if min(MISCALIBRATED, -noise) <= null <= max(TOLERATED, noise):
        return None
    sees = "" if js.null_sees is None else f"; what is below {js.null_sees:.3f} would not be noticed"
    return Finding(
        CODE,
        "error",
        f"real against real gives {null:.4f} nats where 0 is the truth (standard error {se:.4f}){sees}",
        {"null": null, "null_se": se, "null_sees": js.null_sees},
        "Look for near-duplicates and for rows that depend on each other (frames of one video, rows of one person).",
    )
