from __future__ import annotations

import json

import numpy as np
import pytest

from ganprobe.inputs.artefacts import MEMBERS, Inspected, detect_all
from ganprobe.samples.sides import Array

RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, (400, 1, 6, 6)).astype(np.float32)


def names(inspected: Inspected) -> set[str]:
    return {artefact.name for artefact in detect_all(inspected)}


def normal(n: int = 2000, d: int = 5, seed: int = 1) -> Array:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def table(real: list[np.ndarray], fake: list[np.ndarray]) -> Inspected:
    columns = tuple("abcdef"[: len(real)])
    return Inspected(*(np.stack(side, 1).astype(np.float32) for side in (real, fake)), "table", columns)


@pytest.mark.parametrize("kind", ["array", "table"])
@pytest.mark.parametrize("seed", range(5))
def test_equal_laws_show_nothing(kind: str, seed: int) -> None:
    pair = normal(300, seed=seed), normal(1200, seed=seed + 100)
    assert detect_all(Inspected(*pair, kind)) == ()  # type: ignore[arg-type]


def test_heavy_tails_have_no_range_of_their_own() -> None:
    """The ends of one law's samples are here four times as far apart on one side as on the other."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        real, fake = (rng.standard_t(1, (1_000, 4)).astype(np.float32) for _ in "rf")
        assert "range" not in names(Inspected(real, fake, "array"))
        assert "range" in names(Inspected(real, fake / 255, "array"))


def test_8_bit_pictures_of_both_sides_show_nothing() -> None:
    fakes = np.random.default_rng(5).integers(0, 256, BYTES.shape).astype(np.float32)
    assert detect_all(Inspected(BYTES, fakes, "image", real_range=(0, 255))) == ()


def test_floats_in_another_range_against_8_bits() -> None:
    fakes = RNG.uniform(-1, 1, BYTES.shape).astype(np.float32)
    found = {a.name: a for a in detect_all(Inspected(BYTES, fakes, "image", real_range=(0, 255)))}
    assert set(found) == {"range", "lattice"}
    assert found["range"].evidence["outside"] == pytest.approx(0.5, abs=0.02)
    assert found["lattice"].side == "real"
    assert found["lattice"].evidence["step"] == [1.0]
    assert found["lattice"].evidence["share_of_other_side"][0] < 0.01


def test_a_dark_range_inside_the_real_one_is_seen() -> None:
    fakes = RNG.random(BYTES.shape, np.float32)
    assert "range" in names(Inspected(BYTES, fakes, "image", real_range=(0, 255)))


def test_fakes_on_a_lattice_against_floats() -> None:
    (found,) = detect_all(Inspected(normal(), np.round(normal(seed=2), 2), "array"))
    assert (found.name, found.side) == ("lattice", "fake")


def test_the_lattice_of_a_table_names_its_columns() -> None:
    ages = [RNG.integers(17, 91, 500) for _ in range(2)]
    scores = [RNG.normal(size=500) for _ in range(2)]
    decimals = ages[1] + RNG.uniform(-0.4, 0.4, 500)
    found = MEMBERS["lattice"].detect(table([ages[0], scores[0]], [decimals, scores[1]]))
    assert found.evidence["columns"] == ["a"]
    assert found.side == "real"


def test_constant_columns_are_constant_and_not_a_lattice() -> None:
    zeros, spread = np.zeros(500), RNG.normal(size=500)
    inspected = table([zeros, spread], [RNG.normal(size=500), RNG.normal(size=500)])
    found = {a.name: a for a in detect_all(inspected)}
    assert "lattice" not in found
    assert found["constant"].evidence == {"real": 1, "fake": 0, "one_side": 1, "columns": ["a"]}
    assert found["range"].evidence["columns"] == ["a"]
    assert names(table([zeros, spread], [zeros, RNG.normal(size=500)])) == set()


def test_duplicates_are_shares_of_rows() -> None:
    real = normal(1000)
    real[900:] = real[:100]
    (found,) = detect_all(Inspected(real, normal(seed=2), "array"))
    assert (found.name, found.side) == ("duplicates", "real")
    assert found.evidence == {"real": pytest.approx(0.1), "fake": 0.0}


def test_values_of_a_discrete_law_repeat_by_nature_and_a_collapsed_mode_does_not() -> None:
    def counts(seed: int) -> Array:
        return np.random.default_rng(seed).poisson((3, 2, 3), (2_000, 3)).astype(np.float32)

    detect = MEMBERS["duplicates"].detect
    found = detect(Inspected(counts(1), counts(2), "array"))
    assert found is None or max(found.evidence.values()) < 0.01
    fake = normal(1000, seed=2)
    fake[:300] = fake[0]
    assert detect(Inspected(normal(1000), fake, "array")).evidence["fake"] == pytest.approx(0.299)


def test_copies_are_seen_and_coincidences_are_not() -> None:
    real, fake = normal(1000), normal(1000, seed=2)
    fake[:50] = real[:50]
    assert MEMBERS["copies"].detect(Inspected(real, fake, "array")).evidence["share"] == pytest.approx(0.05)
    few = [np.random.default_rng(seed).integers(0, 12, (400, 2)).astype(np.float32) for seed in range(2)]
    assert MEMBERS["copies"].detect(Inspected(*few, "table", ("a", "b"))) is None


def test_one_column_out_of_range() -> None:
    real, fake = normal(), normal(seed=2)
    fake[:100, 3] = 50
    found = MEMBERS["range"].detect(Inspected(real, fake, "table", tuple("abcde")))
    assert found.evidence["columns"] == ["d"]
    assert found.evidence["outside"] == [pytest.approx(0.05, abs=0.005)]


def test_evidence_is_json() -> None:
    fakes = RNG.uniform(-1, 1, BYTES.shape).astype(np.float32)
    real = BYTES.copy()
    real[301] = real[300]
    real[:, 0, 0, 0] = 0
    fakes[:60] = real[:60]
    found = detect_all(Inspected(real, fakes, "image", real_range=(0, 255)))
    assert {a.name for a in found} == set(MEMBERS)
    for artefact in found:
        assert json.loads(json.dumps(artefact.evidence)) == artefact.evidence


def test_flat_fakes_of_pictures_are_inspected_without_comparing_rows() -> None:
    fakes = RNG.uniform(-1, 1, (300, 36)).astype(np.float32)
    assert names(Inspected(BYTES, fakes, "image", real_range=(0, 255))) == {"range", "lattice"}
