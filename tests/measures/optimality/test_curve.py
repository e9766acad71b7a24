"""What is said to be still to come is what known laws missed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ganprobe.measures.optimality import curve


def test_what_is_still_to_come_is_what_known_laws_missed() -> None:
    laws = [json.loads(line) for line in (Path(__file__).parent / "laws.jsonl").read_text().splitlines()]
    missed, last, slow = np.array([(law["missed"], law["signs"]["last"], law["signs"]["slow"]) for law in laws]).T
    said = np.array([curve.to_come(*signs) for signs in zip(last, slow, strict=True)])
    assert np.abs(missed - said).mean() < 0.7 * np.abs(missed).mean()
    assert np.abs(missed - said).mean() < np.abs(missed - last).mean()
    assert abs(np.median(missed - said)) < 0.0015


def test_nothing_is_to_come_where_nothing_is_shown() -> None:
    assert curve.to_come(0.0, 0.0) == 0.0
