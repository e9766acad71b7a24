"""GP404 Clusters of the reals that the generator hardly produces."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements
from ganprobe.record.clusters import ClusterRecord

CODE = "GP404"
TITLE = "clusters of the reals hardly appear among the fakes"
EXPLAIN = """
The reals are divided into clusters by k-means: as many as there are separate modes, or thirty cells of data that have
none. In each the share of fakes is held against the share of reals that had no part in the clustering. A cluster is
missed where the fakes' share is below a quarter of the reals' and Fisher's exact test finds so few of them at 5 % over
all clusters together (Holm's correction). Nothing is trained for this, so it holds even where the probe is weak; a mode
that is smaller than a cluster, or whose share is merely too low, is not found by it.
"""

_NAMED = 4


def check(m: Measurements) -> Finding | None:
    """A warning that names the largest missed clusters by their share of the reals, label and an example."""
    if m.support is None or m.support.modes is None or not m.support.modes.missed:
        return None
    missed, modes = m.support.modes.missed, m.support.modes
    what = "modes" if modes.separated else "cells"
    named = "; ".join(_named(cluster) for cluster in missed[:_NAMED]) + ("; ..." if len(missed) > _NAMED else "")
    share = sum(cluster.real_share for cluster in missed)
    return Finding(
        CODE,
        "warn",
        f"{len(missed)} of {len(modes.clusters)} {what} of the reals, {share:.1%} of these, "
        f"hardly appear among the fakes: {named}",
        {
            "missed": len(missed),
            "of": len(modes.clusters),
            "real_share": share,
            "fake_share": sum(cluster.fake_share for cluster in missed),
            "examples": [cluster.examples[0] for cluster in missed],
        },
        "Look at the example rows of the data. Minibatch statistics, packing or an unrolled discriminator keep modes.",
    )


def _named(cluster: ClusterRecord) -> str:
    label = "" if cluster.label is None else f"label {cluster.label}, "
    shares = f"{cluster.real_share:.1%} of reals, {cluster.fake_share:.1%} of fakes"
    return f"{label}like row {cluster.examples[0]} ({shares})"
