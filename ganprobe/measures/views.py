"""JS through every view, from the raw samples over the headline to the coarser ones; and the tell."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from ganprobe import views
from ganprobe.measures import beyond_tell, localise
from ganprobe.measures.localise import Row
from ganprobe.measures.study import Study
from ganprobe.measures.tell import simplest, tell
from ganprobe.record.unmeasured import Unmeasured
from ganprobe.record.views import ViewRecord
from ganprobe.samples import together
from ganprobe.samples.folds import Folds, split_sides
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds
from ganprobe.views import Chain

NEEDS = "probes"

# Rows of each part that a row for the raw samples is trained on.
_RAW_ROWS = 8_000
# Large pictures of each side that it is trained on: whether values lie between the levels of a byte shows in few.
_RAW_PICTURES = 500


def measure(study: Study) -> dict[str, Any]:
    """The rows, finest first, and the tell or the reason why there is none."""
    drawn, seeds, logits = study.drawn, study.seeds, study.ladder.logits
    headline = localise.row(Chain(), drawn.headline_view, logits, seeds, drawn.view.settings, 0.0)
    looks = study.looks or localise.look(study.plan, drawn.pair, drawn.folds, seeds)
    rows = localise.tabulate(looks, drawn.view, headline, seeds)
    words, why = tell(headline, rows, drawn.pair, drawn.folds, seeds)
    told = simplest(headline, rows)
    blind = beyond_tell.blind(told, rows, drawn.pair.kind, saturated=study.ladder.saturated)
    records = [headline.record, *(_kept(row) if row in blind else row.record for row in rows)]
    read = {"tell": words or Unmeasured(why), "beyond_tell": beyond_tell.measure(study, headline, told, blind)}
    if study.plan.series:
        return {"views": tuple(records)} | read
    if drawn.view.steps:
        records.insert(0, _finer(drawn.whole_name, drawn.whole, drawn.folds, records, seeds))
    if drawn.path.quantises:
        records.insert(0, _raw_row(study, records))
    return {"views": tuple(records)} | read


def _kept(row: Row) -> ViewRecord:
    """The record of a row that may be a headline."""
    return replace(row.record, blind=True, validation=row.val, batches=row.batches)


def _raw_row(study: Study, records: list[ViewRecord]) -> ViewRecord:
    """JS of the samples as they came: through their distance to the data's lattice where that tells them apart."""
    drawn = study.drawn
    if drawn.path.sketches and drawn.fake_raw.dtype == np.uint8:
        # Bytes against bytes: the output path changes nothing.
        return replace(max(records, key=lambda record: record.js), name="raw", settings={}, seconds=0.0)
    if drawn.path.sketches:
        fake = drawn.path.fake(drawn.fake_raw[:_RAW_PICTURES], quantise=False)
        raw = replace(drawn.whole, real=drawn.whole.real[: len(fake)], fake=fake)
        return _finer("raw", raw, split_sides(*together.hashes(raw, study.seeds)), records, study.seeds)
    first = Folds(drawn.folds.folds[:1])
    real, fake, folds = localise.excerpt(drawn.whole.real, drawn.fake_raw, first, (_RAW_ROWS,) * 3)
    raw = replace(drawn.whole, real=real, fake=drawn.path.fake(fake, quantise=False))
    lattice = views.MEMBERS["lattice"]
    if lattice.applies(raw) is None:
        raw = lattice.apply(raw, folds.folds[0], lattice.Settings(), study.seeds)
    return _finer("raw", raw, folds, records, study.seeds)


def _finer(name: str, pair: Pair, folds: Folds, records: list[ViewRecord], seeds: Seeds) -> ViewRecord:
    """The row of a ``pair`` that all of ``records`` are functions of: what they show, it shows too."""
    start = time.perf_counter()
    real, fake, few = localise.excerpt(pair.real, pair.fake, folds, (_RAW_ROWS,) * 3)
    logits = localise.quick(replace(pair, real=real, fake=fake), few, seeds)
    own = localise.row(Chain(), name, logits, seeds, {}, time.perf_counter() - start).record
    best = max((own, *records), key=lambda record: record.js)
    return replace(best, name=name, settings={}, seconds=own.seconds)
