"""Distances on the features of a network, which everyone compares: Frechet's and the kernel one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ganprobe.record.cells import Column, Table

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


@dataclass(frozen=True, slots=True)
class FeatureRecord:
    """FID and KID on the features of ``network``, of ``n_real`` and ``n_fake`` pictures.

    They are what the literature calls so where the network is Inception, its weights those of FID and there are 50,000
    pictures. FID is biased upwards, more with fewer pictures; ``fid_null`` and ``kid_null`` are what the same
    estimators read between two halves of the reals, ``n_null`` each. ``kid_sd`` is over subsets.
    """

    network: str
    n_real: int
    n_fake: int
    fid: float
    fid_null: float
    kid: float
    kid_sd: float
    kid_null: float
    n_null: int


def tables(m: Measurements) -> tuple[Table, ...]:
    """A row for each distance."""
    if m.features is None:
        return ()
    f = m.features
    columns = (Column("distance"), Column("value", "number"), Column("real against real", "number"))
    rows = (("FID", f.fid, f.fid_null), ("KID", f.kid, f.kid_null))
    title = f"On features of {f.network} ({f.n_real} reals, {f.n_fake} fakes; halves of {f.n_null})"
    return (Table("features", title, columns, rows),)
