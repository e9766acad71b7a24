"""GP408 The fakes have another mix of labels than the reals."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP408"
TITLE = "the fakes have another mix of labels than the reals"
EXPLAIN = """
The counts of the labels on both sides are compared by the chi-squared test. A difference of the mix is a difference of
the laws, and every JS over all labels together contains it, however good the samples of each label are. For a generator
that is told its labels it is a matter of asking: with --labels data it is asked for those of the data.
"""

P_BELOW = 0.001


def check(m: Measurements) -> Finding | None:
    """A warning where one mix would hardly give both counts, with the label that differs most."""
    if m.labels is None or m.labels.mix_p_value >= P_BELOW:
        return None
    most = max(m.labels.labels, key=lambda label: abs(label.real_share - label.fake_share))
    return Finding(
        CODE,
        "warn",
        f"the mixes of labels differ, most of all label {most.label}: {most.real_share:.1%} of the reals, "
        f"{most.fake_share:.1%} of the fakes",
        {
            "p_value": m.labels.mix_p_value,
            "label": most.label,
            "real_share": most.real_share,
            "fake_share": most.fake_share,
        },
        "Draw the labels as the data has them (--labels data), or read JS label by label.",
    )
