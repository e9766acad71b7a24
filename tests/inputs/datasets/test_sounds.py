"""Sounds, and samples in tar archives: what comes out, and what is refused."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from recordings import packed, sound

from ganprobe.errors import GanprobeError, InputError, UsageError
from ganprobe.inputs import datasets
from ganprobe.inputs.datasets import DataOptions
from ganprobe.plan import Plan
from ganprobe.samples.sides import Dataset

RNG = np.random.default_rng(0)


def load(path: Path, **settings: Any) -> Dataset:
    said = {name.replace("__", "."): value for name, value in settings.items()}
    return datasets.load(path, DataOptions(override=Plan("", "", settings=said).override))


def noise(*shape: int) -> npt.NDArray[np.float64]:
    return RNG.uniform(-0.9, 0.9, shape)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("shape", [(50,), (50, 2)])
def test_sounds_of_every_width_are_what_was_written(tmp_path: Path, width: int, shape: tuple[int, ...]) -> None:
    values = [noise(*shape) for _ in range(3)]
    for i, own in enumerate(values):
        (tmp_path / f"{i}.wav").write_bytes(sound(own, width=width))
    read = load(tmp_path)
    assert (read.kind, read.record.shape) == ("array", shape)
    np.testing.assert_allclose(read.values, np.stack(values), atol=2.0 ** (1 - 8 * width) + 1e-7)
    assert not read.found


def test_lengths_are_brought_to_one_and_said(tmp_path: Path) -> None:
    for i, length in enumerate([40, 40, 40, 60, 20]):
        (tmp_path / f"{i}.wav").write_bytes(sound(noise(length)))
    read = load(tmp_path)
    assert read.record.shape == (40,)
    assert (read.values[4, 20:] == 0).all()
    assert [artefact.name for artefact in read.found] == ["changed"]
    assert {"1 of 5 sounds cut at their end", "1 of 5 sounds followed by silence"} <= set(read.record.notes)
    said = load(tmp_path, datasets__sounds__seconds=30 / 8_000)
    assert said.record.shape == (30,)
    assert said.found == ()


def test_fakes_are_heard_as_the_data_is(tmp_path: Path) -> None:
    for side, length, rate in (("real", 40, 8_000), ("fake", 60, 8_000), ("fast", 40, 16_000)):
        (tmp_path / side).mkdir()
        for i in range(3):
            (tmp_path / side / f"{i}.wav").write_bytes(sound(noise(length), rate))
    real = load(tmp_path / "real")
    fake = datasets.load_like(tmp_path / "fake", real, DataOptions())
    assert fake.record.shape == (40,)
    assert [(artefact.name, artefact.side) for artefact in fake.found] == [("changed", "fake")]
    with pytest.raises(InputError, match="16000 Hz, the data has 8000 Hz"):
        datasets.load_like(tmp_path / "fast", real, DataOptions())


def test_webdataset_pictures_sounds_and_arrays_with_their_classes(tmp_path: Path) -> None:
    pixels = RNG.integers(0, 256, (4, 6, 5), dtype=np.uint8)
    members: dict[str, dict[str, bytes]] = {"png": {}, "npy": {}, "wav": {}}
    for i, picture in enumerate(pixels):
        file, array = io.BytesIO(), io.BytesIO()
        Image.fromarray(picture).save(file, "PNG")
        np.save(array, picture.astype(np.float64) / 7)
        members["png"] |= {f"a/{i:03}.png": file.getvalue(), f"a/{i:03}.cls": b"%d" % (i % 2)}
        members["npy"] |= {f"{i:03}.x.npy": array.getvalue(), f"{i:03}.json": json.dumps({"label": i}).encode()}
        members["wav"] |= {f"{i:03}.wav": sound(noise(9)), f"{i:03}.txt": b"words"}
    pictures = load(packed(tmp_path / "png.tar", members["png"]))
    np.testing.assert_array_equal(pictures.values[:, 0], pixels)
    arrays = load(packed(tmp_path / "npy.tar", members["npy"]))
    np.testing.assert_allclose(arrays.values, pixels / 7, rtol=1e-6)
    for read, classes in ((pictures, [0, 1, 0, 1]), (arrays, [0, 1, 2, 3])):
        assert read.labels is not None
        np.testing.assert_array_equal(read.labels, classes)
    sounds = load(packed(tmp_path / "wav.tar", members["wav"]))
    assert (sounds.record.shape, sounds.labels) == ((9,), None)


def hostile(kind: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo({"out": "../../a.wav", "root": "/etc/a.wav"}.get(kind, "a.wav"))
    if kind in ("link", "hard link"):
        member.type, member.linkname = (tarfile.SYMTYPE if kind == "link" else tarfile.LNKTYPE), "/etc/passwd"
    if kind == "lie":
        member.size = 2**40
    return member


@pytest.mark.parametrize("kind", ["out", "root", "lie", "link", "hard link"])
def test_hostile_members_are_refused_or_ignored(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(hostile(kind).tobuf() + b"\0" * 4096)
    with pytest.raises(InputError):
        load(path)
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("cut", [300, 700, 5_000])
def test_an_archive_that_breaks_off(tmp_path: Path, cut: int) -> None:
    path = packed(tmp_path / "x.tar", {f"{i}.wav": sound(noise(900)) for i in range(3)})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(GanprobeError):
        load(path)


def test_sounds_that_are_none_are_named(tmp_path: Path) -> None:
    good = sound(noise(90))
    for content, says in ((b"RIFF", "cannot be read as a sound"), (good[:20] + b"\3\0" + good[22:], "a.wav")):
        (tmp_path / "a.wav").write_bytes(content)
        with pytest.raises(InputError, match=says):
            load(tmp_path)
    (tmp_path / "a.wav").write_bytes(good[:40] + b"\xff\xff\xff\x7f" + good[44:])
    assert load(tmp_path).record.shape[0] <= 112  # no more than the bytes that are there


def test_two_rates_are_an_error(tmp_path: Path) -> None:
    for i in range(3):
        (tmp_path / f"{i}.wav").write_bytes(sound(noise(20), 8_000 if i else 44_100))
    with pytest.raises(InputError, match="44100 Hz among sounds of 8000 Hz"):
        load(tmp_path)


def test_a_setting_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(sound(noise(20)))
    with pytest.raises(UsageError):
        load(tmp_path, datasets__sounds__length=3)
