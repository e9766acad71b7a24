"""ganprobe: how far a trained generator is from its data, where the difference lives, and how sure that is.

``audit(Plan(checkpoint, data))`` measures, ``between(fakes, reals)`` does so with samples in memory (arrays, tensors,
tables of pandas, polars or Arrow), ``probe(generator, reals)`` inside a training and ``watch(generator, reals,
every=1000)`` every so many steps of it, ``compare(audits)`` says what changed,
``render(audit, "markdown")`` shows, ``frame(history)`` gives a DataFrame, ``to_json`` and ``from_json`` keep.
The names below are resolved when they are first used, so that importing ganprobe does not import torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganprobe.errors import GanprobeError, InputError, ResourceError, UsageError
    from ganprobe.flow import audit
    from ganprobe.in_memory import between, probe
    from ganprobe.judge.history import compare
    from ganprobe.plan import Plan
    from ganprobe.record.audit import Audit, Finding, Measurements
    from ganprobe.record.history import History
    from ganprobe.series.during_training import watch
    from ganprobe.show.reports import frame, render
    from ganprobe.store.archive import from_json, to_json

__version__ = "0.1.0"

__all__ = [
    "Audit",
    "Finding",
    "GanprobeError",
    "History",
    "InputError",
    "Measurements",
    "Plan",
    "ResourceError",
    "UsageError",
    "audit",
    "between",
    "compare",
    "frame",
    "from_json",
    "probe",
    "render",
    "to_json",
    "watch",
]

_HOMES = {
    "Audit": "record.audit",
    "Finding": "record.audit",
    "GanprobeError": "errors",
    "History": "record.history",
    "InputError": "errors",
    "Measurements": "record.audit",
    "Plan": "plan",
    "ResourceError": "errors",
    "UsageError": "errors",
    "audit": "flow",
    "between": "in_memory",
    "compare": "judge.history",
    "frame": "show.reports",
    "from_json": "store.archive",
    "probe": "in_memory",
    "render": "show.reports",
    "to_json": "store.archive",
    "watch": "series.during_training",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'ganprobe' has no attribute {name!r}")
    return getattr(importlib.import_module(f"ganprobe.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
