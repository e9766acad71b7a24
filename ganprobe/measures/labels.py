"""Per class: JS of the samples of each label, for labelled data and labelled fakes.

For label c the laws are P(x | c) and Q(x | c). Any discriminator gives a lower bound of their JS. Two are at hand: the
stack of the whole run, which never saw a label and is blind to fakes of the wrong class, and quick probes trained on
the samples of the label alone. Both are calibrated on the label's validation samples, stacked there, and read on its
test samples. The band is Sidak's: with its level in each of K intervals they hold together at 95 %.

The mixes of labels are compared by the chi-squared test. A generator may be right label by label and wrong in how often
it gives each.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from ganprobe.logits import divergences
from ganprobe.logits.calibration import calibrate, stack
from ganprobe.measures import localise
from ganprobe.measures.study import Study
from ganprobe.objective import LOG2
from ganprobe.record.labels import LabelRecord, LabelsRecord
from ganprobe.record.unmeasured import Unmeasured
from ganprobe.samples.folds import Fold, Folds, HeldOut, Split
from ganprobe.samples.sides import Floats, Indices, Origin, Pair
from ganprobe.seeds import Seeds

# With fewer of either side in some part there is nothing to train, calibrate or test on.
_LEAST_IN_PART = 10
# More labels than this have no row of their own: each would train its probes.
MOST_LABELS = 50
# Test reals of a label: more folds than they need are not trained.
_TESTED = 500


def unfit(origin: Origin) -> str | None:
    """Why there is nothing to say label by label, or None."""
    if origin.real.labels is None or origin.fake.labels is None:
        return f"the {'reals' if origin.real.labels is None else 'fakes'} have no labels"
    n = len(np.unique(np.concatenate((origin.real.labels, origin.fake.labels))))
    return None if 2 <= n <= MOST_LABELS else f"{n} labels; from 2 to {MOST_LABELS} are measured one by one"


NEEDS = "probes"


def measure(study: Study) -> dict[str, LabelsRecord | Unmeasured]:
    """JS per label, or the reason why there is none."""
    drawn = study.drawn
    if why := unfit(drawn.origin):
        return {"labels": Unmeasured(why)}
    return {"labels": by_label(study.ladder.logits, drawn.pair, drawn.folds, drawn.origin, study.seeds)}


def by_label(logits: HeldOut, pair: Pair, folds: Folds, origin: Origin, seeds: Seeds) -> LabelsRecord:
    """The labels one by one, most frequent first, of samples that are not `unfit`."""
    real, fake = _labels(origin)
    labels = np.unique(np.concatenate((real, fake)))
    counts = np.stack([[int((side == c).sum()) for c in labels] for side in (real, fake)])
    level = divergences.LEVEL ** (1 / len(labels))
    width = float(stats.norm.ppf((1 + level) / 2)) / divergences.Z_TWO_SIDED
    rows = []
    for i in np.argsort(-counts[0], kind="stable"):
        reading = _reading(int(labels[i]), logits, pair, folds, origin, seeds)
        js = low = high = None
        if reading is not None:
            js = reading.value
            low, high = js - width * (js - reading.low), min(js + width * (reading.high - js), LOG2)
        n_real, n_fake = map(int, counts[:, i])
        rows.append(LabelRecord(int(labels[i]), n_real / len(real), n_fake / len(fake), n_real, n_fake, js, low, high))
    return LabelsRecord(divergences.LEVEL, float(stats.chi2_contingency(counts).pvalue), tuple(rows))


def _reading(
    label: int, logits: HeldOut, pair: Pair, folds: Folds, origin: Origin, seeds: Seeds
) -> divergences.Reading | None:
    """JS of the samples with ``label``; None where some part has too few of them."""
    real_labels, fake_labels = _labels(origin)
    own = real_labels == label, fake_labels == label
    parts: list[tuple[Fold, list[Floats]]] = []
    for k, fold in enumerate(folds):
        real, fake = _restricted(fold.real, own[0]), _restricted(fold.fake, own[1])
        if min(len(part) for split in (real, fake) for part in (split.fit, split.val, split.test)) < _LEAST_IN_PART:
            return None
        scored = (logits.val_real, logits.val_fake, logits.test_real, logits.test_fake)
        rows = (fold.real.val, fold.fake.val, fold.real.test, fold.fake.test)
        masks = (own[0], own[1], own[0], own[1])
        parts.append((Fold(real, fake), [s[k][m[r]] for s, r, m in zip(scored, rows, masks, strict=True)]))
        if sum(len(f.real.test) for f, _ in parts) >= _TESTED:
            break
    own_folds = Folds(tuple(fold for fold, _ in parts))
    existing = HeldOut(*(tuple(kept[i] for _, kept in parts) for i in range(4)), apart=own_folds.apart)
    trained = localise.quick(pair, own_folds, seeds)
    reading: divergences.Reading = divergences.MEMBERS["js"].estimate(stack([calibrate(existing), trained])[0], seeds)
    return reading


def _restricted(split: Split, own: npt.NDArray[np.bool_]) -> Split:
    return Split(*(part[own[part]] for part in (split.fit, split.val, split.test)))


def _labels(origin: Origin) -> tuple[Indices, Indices]:
    none = np.empty(0, np.int64)
    return (
        none if origin.real.labels is None else origin.real.labels,
        none if origin.fake.labels is None else origin.fake.labels,
    )
