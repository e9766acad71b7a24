"""How each part of an audit is measured: one module a part, called as its record in `ganprobe.record`.

A part has ``NEEDS``, what it rests on: "probes" that were trained, the "samples" of both sides, or the "generator". Its
``measure(study)`` gives records under their names in the document, or `Unmeasured` with the reason.
"""

from __future__ import annotations

from ganprobe.family import Family
from ganprobe.record.parts import MEASURED

PARTS = Family("ganprobe.measures", "part", MEASURED)


def need(parts: tuple[str, ...], *what: str) -> bool:
    """Whether one of ``parts`` rests on one of ``what``."""
    return any(PARTS[name].NEEDS in what for name in parts)
