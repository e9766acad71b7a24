"""Check digits and checksums: trees on the rests that tell (`ganprobe.samples.checksums`)."""

from __future__ import annotations

from dataclasses import dataclass

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn, twice_the_trees
from ganprobe.samples.checksums import checks
from ganprobe.samples.digits import whole_columns
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side; ``trees``: how many at most."""

    rows: int = 10_000
    trees: int = 60


COSTLY = False
_MOST_COLUMNS = 256
_LOOKED_AT = 4_000


def applies(pair: Pair) -> str | None:
    """Tables and arrays, if the digits of a column of whole numbers are related on one side as they are not on both."""
    if pair.kind == "image":
        return "pictures are no numbers with digits"
    if pair.outlined:
        return "numbers computed of a sample have no check digits"
    if pair.width > _MOST_COLUMNS:
        return f"check digits are looked for among {_MOST_COLUMNS} columns at most"
    real, fake = (flat(side[:_LOOKED_AT]) for side in (pair.real, pair.fake))
    columns = whole_columns(pair, (real, fake))
    if not columns:
        return "no column holds whole numbers"
    return None if checks(columns, real, fake) else "no column has digits that check others"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows for ``fast``."""
    return Settings(rows=5_000) if budget == "fast" else Settings()


stronger = twice_the_trees


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """Trees on the rests that the fit part singles out."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        real, fake = (flat(side) for side in rows.sides)
        rests = checks(whole_columns(pair, (real, fake)), real, fake)
        return [] if rests is None else [Design("trees", "trees", lambda x: rests(flat(x)))]

    return learn(pair, folds, settings, Learning(settings.rows, iterations=settings.trees), seeds, make)
