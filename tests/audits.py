"""Whole audits of the parts' fixtures, which are beside the tests of the parts: ``tests/record/PART.py``.

A part says there under its names in the document what a middling generator of digits gives (``MEASURED``), all parts
consistent with each other, and what of it is different where nearly everything is wrong (``TROUBLED``).
"""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path
from typing import Any

from ganprobe.judge import checks
from ganprobe.record.audit import Audit, Measurements, Stage
from ganprobe.record.headline import Estimate

FILES = sorted(Path(__file__).with_name("record").glob("*.py"))
PARTS = [importlib.import_module(f"record.{file.stem}") for file in FILES if not file.stem.startswith("test_")]
MEASURED: dict[str, Any] = {name: record for part in PARTS for name, record in part.MEASURED.items()}
TROUBLED = MEASURED | {name: record for part in PARTS for name, record in getattr(part, "TROUBLED", {}).items()}

MEASUREMENTS = Measurements.of(MEASURED)


def measurements(**changes: Any) -> Measurements:
    """The record with ``changes``; ``part__field`` changes a field of a part."""
    whole = {name: value for name, value in changes.items() if "__" not in name}
    parts: dict[str, dict[str, Any]] = {}
    for name, value in changes.items():
        part, mark, field = name.partition("__")
        if mark:
            parts.setdefault(part, {})[field] = value
    for part, fields in parts.items():
        record = getattr(MEASUREMENTS, part)
        if isinstance(record, Estimate):
            called = {"value" if name == "nats" else name: value for name, value in fields.items()}
            bound = {name: called.pop(name) for name in ("value", "low", "high", "floor") if name in called}
            fields = called | {"bound": dataclasses.replace(record.bound, **bound)}
        whole[part] = dataclasses.replace(record, **fields)
    return dataclasses.replace(MEASUREMENTS, **whole)


def audit(m: Measurements = MEASUREMENTS) -> Audit:
    """``m`` judged and framed as a finished run."""
    findings = checks.run(m)
    verdict, reason = checks.verdict(m, findings)
    return Audit(
        version="0.1.0",
        command=("ganprobe", "js", "runs/g_12000.pt", "digits.npz"),
        seed=0,
        seconds=41.3,
        stages=(Stage("load", 1.2), Stage("probe", 37.0)),
        plan={"budget": "standard", "probes": []},
        environment={"python": "3.11.7", "threads": 1},
        measurements=m,
        findings=findings,
        verdict=verdict,
        verdict_reason=reason,
    )


def troubled() -> Audit:
    """Nearly everything there is to say, said at once: a generator at the ceiling, on another grid than the data."""
    return audit(Measurements.of(TROUBLED))
