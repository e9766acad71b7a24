"""What an audit says: frozen values that go to JSON and back unchanged.

Everything here is a plain number, text, tuple or another record. What was not measured is ``None``, never NaN, and a
finding says why. Field names are the interface that other programs read; renaming one is a breaking change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

SCHEMA = "ganprobe/1"
HISTORY_SCHEMA = "ganprobe-history/1"
# The least p-value that is reported; where it stands, the test's own was too small for a number.
LEAST_P = 1e-300

Severity = Literal["info", "warn", "error"]
Status = Literal["indistinguishable", "distinguishable", "saturated", "artefact", "underpowered"]
Agreement = Literal["agrees", "probe weaker than KDE", "not informative here"]
Verdict = Literal["PASS", "FAIL", "INCONCLUSIVE"]
# What checkpoints are ranked by: the estimate of JS, or the noise that takes it to log 2 / 2.
Statistic = Literal["js", "half_scale"]
Outcome = Literal["better", "worse", "unresolved"]


@dataclass(frozen=True, slots=True)
class CheckpointRecord:
    """Where the fakes came from. ``notes`` says in words what was assumed or stripped while loading.

    ``mode`` is "eval" or "train"; ``mode_gap`` is how far the other one takes the same samples, root mean square in
    standard deviations of a coordinate, None where no layer knows modes.
    """

    path: str
    sha256: str
    format: str
    key: str | None = None
    step: int | None = None
    latent: tuple[int, ...] | None = None
    latent_law: str | None = None
    labels: str | None = None
    mode: str | None = None
    mode_gap: float | None = None
    parameters: int | None = None
    trusted: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataRecord:
    """The real data. ``shape`` is that of one sample; ``content_hash`` does not depend on the order of rows."""

    path: str
    kind: str
    n: int
    shape: tuple[int, ...]
    content_hash: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """The Jensen-Shannon divergence that the stacked probe demonstrates on held-out samples, in nats.

    ``nats`` estimates V of the probe, hence a lower bound of JS in expectation; ``low`` and ``high`` are its two-sided
    interval at ``level``; ``floor`` is a one-sided certified bound. Nothing but ``ceiling`` = log 2 is above JS.
    ``brier_bracket`` is H/2 and H log 2 of the Henze-Penrose divergence that the probe demonstrates, a reading without
    logarithms; ``zero_error_floor`` is the most that so many test samples could certify, were there no mistake at all.
    ``validation`` is the estimate on the samples that calibrated and stacked: to choose among probes by, no result.
    """

    nats: float
    bits: float
    low: float
    high: float
    level: float
    floor: float
    extrapolated: float | None
    value: float
    saturation: float
    ceiling: float
    p_value: float
    null: float | None
    near_optimal: bool | None
    gap: float | None
    status: Status
    log_e_value: float
    brier_bracket: tuple[float, float]
    zero_error_floor: float
    null_se: float | None
    n_real: int
    n_fake: int
    validation: float | None = None


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """What each batch of test samples adds to the estimate, for paired comparisons; see
    `ganprobe.logits.batch_means`.
    """

    real: tuple[float, ...]
    fake: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CrossRecord:
    """What the probes of one checkpoint demonstrate on fakes of another, ``sha256``, calibrated and stacked for these.

    The fields are those of `Estimate`, a lower bound of the *other* one's JS.
    """

    sha256: str
    validation: float
    nats: float
    low: float
    high: float
    floor: float
    batches: BatchRecord


@dataclass(frozen=True, slots=True)
class Difference:
    """How far JS rose from one audit to another, in nats: estimate, lower and upper limit at one-sided 95 %.

    ``missed`` is how much JS the earlier audit's probe is estimated to have missed; None where it was not measured.
    """

    rise: float
    low: float
    high: float
    missed: float | None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """JS with a share of the fit reals, on the folds that the learning curve is measured on."""

    share: float
    n: int
    js: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row of the case for or against near-optimality: ``value`` is judged against ``limit``."""

    name: str
    value: float
    limit: float
    passed: bool
    note: str


@dataclass(frozen=True, slots=True)
class OptimalityRecord:
    """Whether the probe is near-optimal, how much JS was seen to be missing, and the rows that say so."""

    near_optimal: bool
    gap: float
    extrapolated: float
    curve: tuple[CurvePoint, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class ProbeRecord:
    """One row of the ladder of probes: what it demonstrates, how it was trained and why it stopped."""

    name: str
    js: float
    low: float
    high: float
    floor: float
    seconds: float
    settings: dict[str, Any] = field(default_factory=dict)
    steps: int | None = None
    why_stopped: str | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class DivergenceRecord:
    """Another reading of the same held-out logits, with its interval."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Test samples of like D: its mean, and the share of reals among them, both sides weighing one half.

    ``low`` and ``high`` are the share's interval at 95 %.
    """

    predicted: float
    observed: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class LogitRecord:
    """The stack's logits on test samples: their histogram on either side, and whether D says what it means.

    ``edges`` are those of the histogram's bins, evenly spaced around 0; ``real`` and ``fake`` count samples.
    ``real_plane`` and ``fake_plane``: where samples have two coordinates, a few of each side as (first, second, logit).
    """

    edges: tuple[float, ...]
    real: tuple[int, ...]
    fake: tuple[int, ...]
    calibration: tuple[CalibrationBin, ...]
    real_plane: tuple[tuple[float, ...], ...] = ()
    fake_plane: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class KdeRung:
    """KDE with bandwidth ``sigma`` against a probe trained on inputs with noise ``sigma``: both estimate JS(sigma)."""

    sigma: float
    kde: float
    probe: float
    se: float


@dataclass(frozen=True, slots=True)
class KdeRecord:
    """The KDE cross-check: the rung it is judged at, and the whole ladder."""

    nats: float
    matched_probe: float
    sigma: float
    agreement: Agreement
    space: str
    ladder: tuple[KdeRung, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """Intrinsic dimension of the reals and the fakes, and the size of the latent.

    ``real`` and ``fake`` are by TwoNN; ``real_mle`` and ``fake_mle`` by Levina and Bickel's estimator. With standard
    errors, which leave out the bias that both sides share.
    """

    real: float | None
    fake: float | None
    latent: int | None
    real_se: float | None = None
    fake_se: float | None = None
    real_mle: float | None = None
    fake_mle: float | None = None
    real_mle_se: float | None = None
    fake_mle_se: float | None = None


@dataclass(frozen=True, slots=True)
class TradeOff:
    """A point of the precision-recall curve: the share of the fakes, and of the reals, within min(slope p, q)."""

    slope: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class ClusterRecord:
    """A cluster of the reals and what is in it, counted on samples that had no part in finding it.

    ``p_value``: of so few fakes, adjusted for the number of clusters. ``examples``: rows of the data file nearest to
    its centre. ``centre`` in data units, empty for wide samples. ``label``: the commonest where reals have labels.
    """

    real_share: float
    fake_share: float
    n_real: int
    n_fake: int
    p_value: float
    missed: bool
    examples: tuple[int, ...]
    centre: tuple[float, ...] = ()
    label: int | None = None
    label_share: float | None = None


@dataclass(frozen=True, slots=True)
class ModesRecord:
    """The clusters of the reals, largest first; ``separated`` modes, or cells of data that have none."""

    separated: bool
    silhouette: float | None
    clusters: tuple[ClusterRecord, ...]

    @property
    def missed(self) -> tuple[ClusterRecord, ...]:
        """Those that the generator hardly produces."""
        return tuple(cluster for cluster in self.clusters if cluster.missed)


@dataclass(frozen=True, slots=True)
class Extreme:
    """A held-out sample that the probe is surest about.

    ``row`` counts rows of the file, or fakes in the order drawn, from 0. ``logit``: of being on its own side.
    ``distance``: to the nearest sample of the other side, in the median distance of a real to the nearest other real.
    ``picture``: a small PNG as a data URI; what is no picture has ``numbers`` by name. See
    `ganprobe.samples.thumbnails`.
    """

    row: int
    logit: float
    distance: float
    label: int | None = None
    picture: str | None = None
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NearCopy:
    """A fake and the real nearest to it; ``distance`` in the median distance of a fresh real to its nearest."""

    fake_row: int
    real_row: int
    distance: float


@dataclass(frozen=True, slots=True)
class CopiesRecord:
    """Fakes nearer to a real than all but 0.1 % of fresh reals are to theirs.

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


@dataclass(frozen=True, slots=True)
class LabelRecord:
    """One label: how often it is on either side, and JS of the samples that have it, a lower bound like any other.

    ``low`` and ``high`` hold for all labels at once. JS is null where there were too few samples.
    """

    label: int
    real_share: float
    fake_share: float
    n_real: int
    n_fake: int
    js: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class ClassesRecord:
    """JS label by label. ``mix_p_value``: of the two mixes of labels, were they one; ``level``: of the whole band."""

    level: float
    mix_p_value: float
    labels: tuple[LabelRecord, ...]


@dataclass(frozen=True, slots=True)
class SupportRecord:
    """Which part of each side the other one reaches; intervals at 95 %.

    ``density`` and ``coverage`` are ratios to their real-against-real value, given beside them. ``js_floor``: the least
    JS, at 95 %, that the parts out of reach leave possible. ``missed_reals`` and ``stray_fakes``: those that the probe
    is surest about.
    """

    real_covered: float
    real_covered_low: float
    real_covered_high: float
    fake_covered: float
    fake_covered_low: float
    fake_covered_high: float
    density: float | None
    coverage: float | None
    null_density: float | None
    null_coverage: float | None
    dimension: Dimension
    mismatch: bool
    js_floor: float = 0.0
    curve: tuple[TradeOff, ...] = ()
    modes: ModesRecord | None = None
    missed_reals: tuple[Extreme, ...] = ()
    stray_fakes: tuple[Extreme, ...] = ()
    copies: CopiesRecord | None = None


@dataclass(frozen=True, slots=True)
class NoiseRung:
    """The generator's gradient against a probe with noise ``sigma`` on both sides, along its training.

    The single values are those at ``judged_step``, the last at which the probe is about as good on held-out samples as
    it ever was. A signal-to-noise ratio is None where there is no spread over batches.
    """

    sigma: float
    saturating: float
    non_saturating: float
    retention: float
    vanishing: bool
    judged_step: int
    saturating_curve: tuple[float, ...]
    non_saturating_curve: tuple[float, ...]
    saturating_snr_curve: tuple[float | None, ...]
    non_saturating_snr_curve: tuple[float | None, ...]
    js_curve: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LayerGradient:
    """The norm of one layer's part of the gradient along training, without noise."""

    name: str
    saturating_curve: tuple[float, ...]
    non_saturating_curve: tuple[float, ...]
    critic_curve: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class GradientRecord:
    """Norms of the generator's gradient along the training of a fresh probe, generator frozen.

    ``saturating`` and ``non_saturating`` are the norms at ``judged_step``, the last at which the probe is about as good
    on held-out samples as it ever was; the curves give them at ``steps``. ``retention`` is the share that the
    saturating norm has kept of its largest until then. ``js_curve`` is held out, ``training_js_curve`` is not: where
    they part, the probe learns samples by heart. A signal-to-noise ratio compares the gradient with its spread over
    batches of latents, and is None where there is none.

    ``critic_curve`` is the norm against a 1-Lipschitz critic and ``critic_distance_curve`` what this demonstrates of
    Wasserstein's distance on held-out samples. ``noise`` repeats the saturating and the non-saturating curves with
    noise on both sides; ``alive_sigma`` is the least sigma, 0 for no noise, from which on the saturating gradient
    does not vanish, and None if it always does. sigma and the distance are in ``unit``: "data" units, "range" for
    fractions of the full range, "sd" for pooled standard deviations of columns. ``layers`` are given where they were
    asked for.
    """

    saturating: float
    non_saturating: float
    retention: float
    vanishing: bool
    wrt: str
    steps: tuple[int, ...]
    saturating_curve: tuple[float, ...]
    non_saturating_curve: tuple[float, ...]
    js_curve: tuple[float, ...]
    judged_step: int
    training_js_curve: tuple[float, ...]
    saturating_snr_curve: tuple[float | None, ...]
    non_saturating_snr_curve: tuple[float | None, ...]
    critic: float
    critic_curve: tuple[float, ...]
    critic_snr_curve: tuple[float | None, ...]
    critic_distance_curve: tuple[float, ...]
    unit: str
    noise: tuple[NoiseRung, ...]
    alive_sigma: float | None
    layers: tuple[LayerGradient, ...] | None


@dataclass(frozen=True, slots=True)
class ViewRecord:
    """JS through one kernel applied to both sides: a lower bound of the raw JS."""

    name: str
    js: float
    low: float
    high: float
    floor: float
    settings: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def label(self) -> str:
        """The view with what was set: ``blocks size=4``, ``threshold level=0.5 + blocks size=4``."""
        return view_label(self.name, self.settings)


def view_label(name: str, settings: dict[str, Any]) -> str:
    """A view, or a chain of views, with what was set of each."""
    steps = name.split("+")
    if len(steps) == 1:
        return _set(name, settings)
    parts = []
    for step, key in zip(steps, step_keys(steps), strict=True):
        own = {k.removeprefix(f"{key}."): v for k, v in settings.items() if k.startswith(f"{key}.")}
        parts.append(_set(step, own))
    return " + ".join(parts)


def step_keys(steps: Sequence[str]) -> list[str]:
    """What the settings of each step of a chain of views are filed under: its name, and ``name#2`` the second time."""
    counts = [steps[: i + 1].count(step) for i, step in enumerate(steps)]
    return [step if n == 1 else f"{step}#{n}" for step, n in zip(steps, counts, strict=True)]


def _set(view: str, settings: dict[str, Any]) -> str:
    return " ".join([view, *(f"{key}={value}" for key, value in settings.items() if value != "")])


@dataclass(frozen=True, slots=True)
class SmoothingRecord:
    """JS with Gaussian noise of each ``sigma`` on both sides: lower bounds that never rise with sigma.

    ``unit`` of sigma: "data" units, "range" for fractions of the full range of a picture, "sd" for pooled standard
    deviations of each column. ``low`` and ``high`` are intervals of each rung; all the floors hold together.
    ``gap`` is each rung as the distance of two points, None where JS is at either end. ``half_scale`` is the sigma at
    which log 2 / 2 is left, None where the curve does not pass it, and ``effective_gap`` the gap there.
    """

    sigma: tuple[float, ...]
    unit: Literal["data", "range", "sd"]
    js: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    floor: tuple[float, ...]
    gap: tuple[float | None, ...]
    half_scale: float | None
    effective_gap: float | None


@dataclass(frozen=True, slots=True)
class DistanceRecord:
    """A distance that does not saturate, in ``unit`` (as for `SmoothingRecord`), with its interval.

    ``null`` is what the same estimator reads between two halves of the reals; ``p_value`` is of P = Q, where the
    distance has a test.
    """

    name: str
    value: float
    low: float
    high: float
    null: float
    p_value: float | None
    unit: Literal["data", "range", "sd"]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Artefact:
    """Something about the files, not the distributions, that a probe would see first."""

    name: str
    side: str
    summary: str
    evidence: dict[str, Any]


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
    js: Estimate | None = None
    batches: BatchRecord | None = None
    probes: tuple[ProbeRecord, ...] = ()
    optimality: OptimalityRecord | None = None
    divergences: tuple[DivergenceRecord, ...] = ()
    logits: LogitRecord | None = None
    views: tuple[ViewRecord, ...] = ()
    tell: str | None = None
    kde: KdeRecord | None = None
    support: SupportRecord | None = None
    classes: ClassesRecord | None = None
    memorisation: MemorisationRecord | None = None
    smoothing: SmoothingRecord | None = None
    distances: tuple[DistanceRecord, ...] = ()
    gradients: GradientRecord | None = None
    crossed: tuple[CrossRecord, ...] = ()
    unmeasured: dict[str, str] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """How far the statistic rose from one checkpoint to a later one; positions count from 0 in the order of training.

    ``low`` and ``high`` are each at one-sided 95 %, paired where both keep their batches; ``band_low`` and
    ``band_high`` hold at 95 % for all pairs of checkpoints at once. ``missed`` is how much JS the better one's probe is
    estimated to have missed, None where that was not measured. ``outcome`` is the later one's, as far as demonstrated.
    """

    before: int
    now: int
    rise: float
    low: float
    high: float
    band_low: float
    band_high: float
    missed: float | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RaisedRecord:
    """A checkpoint of which the probes of another one, at ``by``, demonstrate more on validation than its ``own``.

    The other fields are those of `Estimate`, by the probes at ``by``. ``under_trained``: they demonstrate more on test
    samples too, by more than noise and than what is negligible, so that its own probes were not near-optimal.
    """

    position: int
    by: int
    own: float
    nats: float
    low: float
    high: float
    floor: float
    gain_se: float
    under_trained: bool


@dataclass(frozen=True, slots=True)
class BestRecord:
    """The checkpoint with the least value. ``tied``: positions of those that are not demonstrably worse."""

    position: int
    path: str
    sha256: str
    step: int | None
    value: float | None
    tied: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class TrendRecord:
    """The statistic over training, less is better; ``reason`` says why it is this one.

    ``values`` with ``low`` and ``high`` are None where the noise that was tried leaves more than half. ``order``: all
    positions, the best first. ``regressed``: those demonstrably worse than the best before them. ``plateau``: from
    there to the end no change is resolved. ``collapse``: from there to the end fewer of the reals are reached than
    once were.
    """

    statistic: Statistic
    reason: str
    values: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    order: tuple[int, ...]
    regressed: tuple[int, ...]
    plateau: int | None
    collapse: int | None


@dataclass(frozen=True, slots=True)
class FailureRecord:
    """A checkpoint of a sweep that could not be measured: what happened, and what to do.

    ``usage``: what was asked for is wrong, not the file.
    """

    path: str
    message: str
    hint: str
    usage: bool = False


@dataclass(frozen=True, slots=True)
class HistoryRecord:
    """What the audits of a training say together. ``differences`` are those to the previous and to the best one."""

    best: BestRecord
    differences: tuple[ChangeRecord, ...]
    trend: TrendRecord
    failed: tuple[FailureRecord, ...] = ()
    raised: tuple[RaisedRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """The audits of one training in order, at least one, and what they say together."""

    audits: tuple[Audit, ...]
    record: HistoryRecord
