"""One run, complete: what was asked, what was measured, what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ganprobe.record.beyond_tell import BeyondRecord
from ganprobe.record.crossed import CrossRecord
from ganprobe.record.dependence import DependenceRecord
from ganprobe.record.distances import DistanceRecord
from ganprobe.record.divergences import DivergenceRecord
from ganprobe.record.features import FeatureRecord
from ganprobe.record.gradients import GradientRecord
from ganprobe.record.headline import BatchRecord, Estimate
from ganprobe.record.kde import KdeRecord
from ganprobe.record.labels import LabelsRecord
from ganprobe.record.logits import LogitRecord
from ganprobe.record.memorisation import MemorisationRecord
from ganprobe.record.notebook import framed
from ganprobe.record.optimality import OptimalityRecord
from ganprobe.record.probes import ProbeRecord
from ganprobe.record.smoothing import SmoothingRecord
from ganprobe.record.sources import Artefact, CheckpointRecord, DataRecord
from ganprobe.record.support import SupportRecord
from ganprobe.record.unmeasured import Unmeasured
from ganprobe.record.views import ViewRecord

SCHEMA = "ganprobe/1"


Severity = Literal["info", "warn", "error"]
Verdict = Literal["PASS", "FAIL", "INCONCLUSIVE"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A judgement with its evidence and what to do; ``ganprobe explain CODE`` has the background."""

    code: str
    severity: Severity
    title: str
    evidence: dict[str, Any]
    advice: str


@dataclass(frozen=True, slots=True)
class Measurements:
    """All that the warm wing hands over; the checks read nothing else.

    What stands before ``js`` is always there. A part that is None or empty was not measured: the command did not ask
    for it, or ``unmeasured`` has its name and the reason.
    """

    checkpoint: CheckpointRecord
    data: DataRecord
    artefacts: tuple[Artefact, ...]
    output_path: tuple[str, ...]
    headline_view: str
    headline_settings: dict[str, Any] = field(default_factory=dict)
    dependence: DependenceRecord | None = None
    js: Estimate | None = None
    batches: BatchRecord | None = None
    probes: tuple[ProbeRecord, ...] = ()
    optimality: OptimalityRecord | None = None
    divergences: tuple[DivergenceRecord, ...] = ()
    logits: LogitRecord | None = None
    views: tuple[ViewRecord, ...] = ()
    tell: str | None = None
    beyond_tell: BeyondRecord | None = None
    kde: KdeRecord | None = None
    support: SupportRecord | None = None
    labels: LabelsRecord | None = None
    memorisation: MemorisationRecord | None = None
    smoothing: SmoothingRecord | None = None
    distances: tuple[DistanceRecord, ...] = ()
    features: FeatureRecord | None = None
    gradients: GradientRecord | None = None
    crossed: tuple[CrossRecord, ...] = ()
    unmeasured: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, parts: Mapping[str, Any]) -> Measurements:
        """The measurements that were made: records by name, some of them `Unmeasured`."""
        missing = {name: part for name, part in parts.items() if isinstance(part, Unmeasured)}
        there = {name: part for name, part in parts.items() if name not in missing}
        left = {name: part.left for name, part in missing.items() if part.left is not None}
        return cls(**there, **left, unmeasured={name: part.why for name, part in missing.items()})


@dataclass(frozen=True, slots=True)
class GateRecord:
    """One limit that `ganprobe check` held an audit to. Its outcome rests on confidence limits, never on points."""

    name: str
    limit: float | None
    outcome: Verdict
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class Stage:
    """How long one stage of a run took."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Audit:
    """One run, complete: what was asked, what was measured, what it means.

    Where it was held to gates, the verdict is theirs.
    """

    version: str
    command: tuple[str, ...]
    seed: int
    seconds: float
    stages: tuple[Stage, ...]
    plan: dict[str, Any]
    environment: dict[str, Any]
    measurements: Measurements
    findings: tuple[Finding, ...]
    verdict: Verdict
    verdict_reason: str
    gates: tuple[GateRecord, ...] = ()

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return framed(self)
