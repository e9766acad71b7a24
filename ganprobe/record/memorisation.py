"""Whether fakes are copies: of reals, or of what the generator was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ganprobe.record.cells import Cell, Column, Table

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


@dataclass(frozen=True, slots=True)
class NearCopy:
    """A fake and the real nearest to it; ``distance`` in the median distance of a fresh real to its nearest."""

    fake_row: int
    real_row: int
    distance: float


@dataclass(frozen=True, slots=True)
class CopiesRecord:
    """Fakes nearer to a real than all but 0.1 % of fresh reals are to theirs, in the distance to the fifth nearest.

    ``distance`` is that limit, in the median; ``expected`` the share of fakes within it if they were fresh reals, and
    ``p_value`` that of so many. ``pairs``: the nearest ones.
    """

    share: float
    expected: float
    p_value: float
    distance: float
    pairs: tuple[NearCopy, ...]


@dataclass(frozen=True, slots=True)
class MemorisationRecord:
    """Whether fakes are nearer to the training data than held-out reals are.

    ``nearer``: of the fakes, the share that has its nearest neighbour in the training data rather than in as many
    held-out reals; one half, whatever the generator's quality, if it treats both alike. ``nearer_z`` against that.
    ``c_t``: Meehan, Chaudhuri and Dasgupta's statistic, far below 0 where fakes crowd around training samples, of
    ``cells`` cells. ``js_train`` and ``js_held_out``: what the same probes demonstrate against either kind of real,
    ``js_se`` the standard error of their difference. ``copies``: of training samples.
    """

    path: str
    n_train: int
    n_held_out: int
    nearer: float
    nearer_z: float
    c_t: float | None
    c_t_z: float | None
    cells: int
    js_train: float
    js_held_out: float
    js_se: float
    copies: CopiesRecord | None
    notes: tuple[str, ...] = ()


def tables(m: Measurements) -> tuple[Table, ...]:
    """A row for each piece of evidence."""
    columns = (Column("evidence"), Column("value", "number"), Column("meaning"))
    if (r := m.memorisation) is None:
        return ()
    rows: list[tuple[Cell, ...]] = [
        ("nearer to training data", r.nearer, f"share of fakes; 0.5 is none remembered; z = {r.nearer_z:.1f}"),
        ("estimate against training", r.js_train, "nats, quick probes; lower than the next if remembered"),
        ("estimate against held-out", r.js_held_out, f"nats; the difference has a standard error of {r.js_se:.2g}"),
    ]
    if r.c_t is not None:
        rows.insert(1, ("C_T", r.c_t, f"below -3: copied, or smooth; {r.cells} cells"))
    if r.copies is not None:
        meaning = f"share of fakes; {r.copies.expected:.2g} by chance, p = {r.copies.p_value:.2g}"
        rows.append(("near copies", r.copies.share, meaning))
    title = f"Memorisation: {r.n_train} training samples against {r.n_held_out} held out"
    return (Table("memorisation", title, columns, tuple(rows)),)
