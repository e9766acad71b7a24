"""One law brought in several forms measures the same: autoregressive sequences as array, as long table, as sounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from recordings import sound

from ganprobe import flow
from ganprobe.inputs.load import load
from ganprobe.known.truths.sequences import autoregression
from ganprobe.plan import Plan
from ganprobe.samples.sides import Array

LAW = autoregression(24, 1)


def array(path: Path, x: Array) -> tuple[str, dict[str, str]]:
    np.save(path.with_suffix(".npy"), x)
    return path.with_suffix(".npy").name, {}


def long_table(path: Path, x: Array) -> tuple[str, dict[str, str]]:
    n, time = x.shape
    rows = {"of": np.repeat(np.arange(n), time), "at": np.tile(np.arange(time), n), "value": x.ravel()}
    shuffled = pd.DataFrame(rows).sample(frac=1, random_state=0)
    shuffled.to_csv(path.with_suffix(".csv"), index=False)
    return path.with_suffix(".csv").name, {"sequence_key": "of,at"}


def sounds(path: Path, x: Array) -> tuple[str, dict[str, str]]:
    path.mkdir()
    for i, levels in enumerate(np.clip(np.rint(x * 5_000), -(2**15), 2**15 - 1)):
        (path / f"{i:05}.wav").write_bytes(sound(levels / 2**15))
    return path.name, {}


FORMS = [array, long_table, sounds]
Form = Callable[[Path, Array], tuple[str, dict[str, str]]]


def plan_of(form: Form, folder: Path, n: int) -> Plan:
    real, fake = LAW.draw(n, 0)
    (data, options), (fakes, _) = form(folder / "real", real), form(folder / "fake", fake)
    return Plan(str(folder / fakes), str(folder / data), budget="fast", threads=1, parts=("optimality",), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read_as_the_same_sequences(form: Form, tmp_path: Path) -> None:
    real, _ = LAW.draw(30, 0)
    data, _ = load(plan_of(form, tmp_path, 30), "cpu")
    assert data.record.n == 30
    # A long table's columns lie beside the lengths, which are all alike here.
    read = next(x for x in np.moveaxis(data.values.reshape(30, 24, -1), 2, 0) if x.std() > 0)
    assert np.corrcoef(read.ravel(), real.ravel())[0, 1] > 0.9999


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_every_form_measures_the_law(form: Form, tmp_path: Path) -> None:
    js = flow.audit(plan_of(form, tmp_path, 1_000)).measurements.js
    assert js is not None
    assert js.nats == pytest.approx(LAW.js, abs=0.03)
    assert js.floor <= LAW.js
