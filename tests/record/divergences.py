"""Two other readings."""

from __future__ import annotations

from ganprobe.record.divergences import DivergenceRecord

MEASURED = {
    "divergences": (
        DivergenceRecord("total_variation", 0.41, 0.39, 0.43),
        DivergenceRecord("henze_penrose", 0.22, 0.2, 0.24),
    ),
}
