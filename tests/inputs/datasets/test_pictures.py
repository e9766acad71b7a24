from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from ganprobe.errors import InputError, ResourceError, UsageError
from ganprobe.inputs import datasets
from ganprobe.inputs.datasets import DataOptions
from ganprobe.plan import Plan
from ganprobe.samples.sides import Dataset

Bytes = npt.NDArray[np.uint8]


def noise(*shape: int, seed: int = 0) -> Bytes:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def write(folder: Path, name: str, pixels: Bytes, **options: object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)  # type: ignore[arg-type]
    return path


def load(path: Path, **options: object) -> Dataset:
    return datasets.load(path, DataOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_that_agree_are_kept_to_the_bit(tmp_path: Path, channels: int) -> None:
    pictures = [noise(7, 9, 3, seed=i) if channels == 3 else noise(7, 9, seed=i) for i in range(4)]
    for i, pixels in enumerate(pictures):
        write(tmp_path, f"{i}.png", pixels)
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "._0.png").write_bytes(b"resource fork")
    dataset = load(tmp_path)
    expected = np.stack([p.reshape(7, 9, channels).transpose(2, 0, 1) for p in pictures])
    np.testing.assert_array_equal(dataset.values, expected.astype(np.float32))
    assert dataset.kind == dataset.record.kind == "image"
    assert dataset.full_range == (0, 255)
    assert dataset.labels is None
    assert dataset.record.shape == (channels, 7, 9)
    assert dataset.record.notes == ("2 other files ignored",)


def test_mixed_sizes_go_to_the_most_common_or_the_asked_one(tmp_path: Path) -> None:
    for i, size in enumerate([(8, 8), (16, 12), (8, 8)]):
        write(tmp_path, f"{i}.png", noise(*size, seed=i))
    assert load(tmp_path).record.shape == (1, 8, 8)
    assert load(tmp_path).record.notes == ("1 of 3 pictures resized to 8x8 (height x width, Lanczos)",)
    asked = load(tmp_path, picture_shape=(3, 4, 4))
    assert asked.values.shape == (3, 3, 4, 4)
    assert "3 of 3 pictures converted to colour" in asked.record.notes


def test_a_smaller_size_averages_what_it_covers(tmp_path: Path) -> None:
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    write(tmp_path, "board.png", board)
    resized = load(tmp_path, picture_shape=(1, 16, 16)).values
    np.testing.assert_allclose(resized, 127.5, atol=12)


def test_modes_end_as_grey_or_colour(tmp_path: Path) -> None:
    grey = noise(6, 6)
    write(tmp_path / "grey", "l.png", grey)
    Image.fromarray(grey).convert("P").save(tmp_path / "grey" / "p.png")
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "grey" / "deep.png")
    dataset = load(tmp_path / "grey")
    np.testing.assert_allclose(dataset.values, np.broadcast_to(grey, (3, 1, 6, 6)), atol=1e-4)
    clear = np.dstack([noise(6, 6, 3), np.full((6, 6), 0, np.uint8)])
    clear[0, :, 3] = 255
    write(tmp_path / "colour", "rgba.png", clear)
    values = load(tmp_path / "colour").values
    np.testing.assert_array_equal(values[0, :, 0], clear[0, :, :3].T)
    assert (values[0, :, 1:] == 255).all()


def test_sixteen_bits_keep_what_eight_would_round(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 257 * 10 + 128, np.uint16)).save(tmp_path / "deep.png")
    np.testing.assert_allclose(load(tmp_path).values, 10 + 128 / 257, rtol=1e-6)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_a_cameras_orientation_is_obeyed(tmp_path: Path, suffix: str) -> None:
    pixels = np.zeros((8, 16), np.uint8)
    pixels[:, :8] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    write(tmp_path, f"a.{suffix}", pixels, exif=exif)
    values = load(tmp_path).values
    assert values.shape[2:] == (16, 8)
    assert values[0, 0, 2, 4] > 200
    assert values[0, 0, 13, 4] < 50


def test_jpeg_is_noted(tmp_path: Path) -> None:
    write(tmp_path, "a.JPG", noise(8, 8, 3), format="JPEG")
    assert load(tmp_path).record.notes == ("1 of 1 pictures are JPEG, whose losses a probe can see",)


def test_sub_folders_are_labels_where_every_picture_is_in_one(tmp_path: Path) -> None:
    for i, name in enumerate(["set/cat/a", "set/cat/b", "set/ape/a"]):
        write(tmp_path, f"{name}.png", noise(4, 4, seed=i))
    labels = load(tmp_path).labels
    assert labels is not None
    assert labels.tolist() == [0, 1, 1]
    assert load(tmp_path).record.notes == ("labels are the folders ape, cat",)
    write(tmp_path, "stray.png", noise(4, 4))
    assert load(tmp_path).labels is None


@pytest.mark.parametrize("zipped", [False, True])
def test_labels_of_stylegans_layout(tmp_path: Path, zipped: bool) -> None:
    """Its folders are shards: without classes in dataset.json there are no labels."""
    folder, names = tmp_path / "set", [f"0000{i % 2}/img{i}.png" for i in range(4)]
    for i, name in enumerate(names):
        write(folder, name, noise(4, 4, seed=i))
    cases: list[tuple[object, list[int] | None, str | None]] = [
        ({"labels": [[name, 7 - i] for i, name in enumerate(names)]}, [7, 5, 6, 4], "labels from dataset.json"),
        ({"labels": [[name, [0, 1, 0]] for name in names]}, [1, 1, 1, 1], "labels from dataset.json"),
        ({"labels": None}, None, None),
        ({"labels": [[names[0], 3]]}, None, "ignored: 3 pictures have no class there"),
        ({"labels": [[name, [0.5, 0.25]] for name in names]}, None, "ignored: 4 pictures have no class there"),
    ]
    for content, labels, note in cases:
        (folder / "dataset.json").write_text(json.dumps(content))
        path = archived(folder) if zipped else folder
        dataset = load(path)
        assert (None if dataset.labels is None else dataset.labels.tolist()) == labels
        assert any(note in said for said in dataset.record.notes) if note else dataset.record.notes == ()
    for broken in ('{"labels": [1, 2]}', "{", "[]", "[" * 100_000):
        (folder / "dataset.json").write_text(broken)
        with pytest.raises(InputError, match=r"dataset\.json: not a list"):
            load(archived(folder) if zipped else folder)


def archived(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return path


def test_a_few_pictures_tell_the_common_size_of_many(tmp_path: Path) -> None:
    for i in range(600):
        write(tmp_path, f"{i:03}.png", noise(6, 5) if i % 3 else noise(4, 4))
    dataset = load(tmp_path)
    assert dataset.record.shape == (1, 6, 5)
    assert dataset.record.notes == ("200 of 600 pictures resized to 6x5 (height x width, Lanczos)",)


def test_labels_of_ones_own_are_one_for_each_picture(tmp_path: Path) -> None:
    for i in range(4):
        write(tmp_path / "set", f"{i % 2}/{i}.png", noise(4, 4, seed=i))
    np.save(tmp_path / "labels.npy", np.array([4, 3, 2, 1]))
    labels = datasets.read_labels(tmp_path / "labels.npy")
    own = load(tmp_path / "set", labels=labels)
    assert own.labels is not None
    assert own.labels.tolist() == [4, 3, 2, 1]
    assert own.record.notes == ()
    with pytest.raises(InputError, match="4 samples, but 3 labels"):
        load(tmp_path / "set", labels=labels[:3])
    np.save(tmp_path / "labels.npy", np.array([0.5, 1]))
    with pytest.raises(InputError, match="not one integer a row"):
        datasets.read_labels(tmp_path / "labels.npy")


def test_a_limit_takes_labels_along(tmp_path: Path) -> None:
    for i in range(12):
        write(tmp_path, f"{i % 3}/{i}.png", np.full((4, 4), 10 * (i % 3), np.uint8))
    dataset = load(tmp_path, limit=5, seed=1)
    assert dataset.labels is not None
    np.testing.assert_array_equal(dataset.values[:, 0, 0, 0], 10 * dataset.labels)
    assert dataset.record.n == 5


def test_a_zip_of_pictures_is_read_like_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    for i in range(4):
        write(folder, f"{i % 2}/{i}.png", noise(5, 5, seed=i))
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.rglob("*.png"):
            archive.write(file, f"pictures/{file.relative_to(folder)}")
        archive.writestr("__MACOSX/0/0.png", b"resource fork")
        archive.write(file, "../outside/0.png")
    zipped, plain = load(tmp_path / "pictures.zip"), load(folder)
    np.testing.assert_array_equal(zipped.values, plain.values)
    assert zipped.record.content_hash == plain.record.content_hash
    assert zipped.labels is not None
    assert zipped.labels.tolist() == [0, 0, 1, 1]
    assert not (tmp_path.parent / "outside").exists()


def test_the_content_hash_ignores_order_and_sees_content(tmp_path: Path) -> None:
    for folder, order in [("a", [0, 1, 2]), ("b", [2, 0, 1]), ("c", [0, 1, 1])]:
        for i, seed in enumerate(order):
            write(tmp_path / folder, f"{i}.png", noise(4, 4, seed=seed))
    one, other, different = (load(tmp_path / name).record.content_hash for name in "abc")
    assert one == other != different


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (png_header(9000, 9000), "81000000|9000 x 9000"),
        (png_header(60000, 60000), "cannot be decoded|exceeds limit"),
        (png_header(8, 8), "cannot be decoded"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a PNG, JPEG"),
        (b"", "not a PNG, JPEG"),
    ],
)
def test_pictures_that_cannot_be_are_named(tmp_path: Path, content: bytes, match: str) -> None:
    (tmp_path / "bad.png").write_bytes(content)
    with pytest.raises(InputError, match=match) as caught:
        load(tmp_path)
    assert "bad.png" in caught.value.message


def test_a_truncated_picture_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.png", noise(40, 40))
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(InputError, match="cannot be decoded"):
        load(tmp_path)


def test_folders_without_pictures_and_paths_without_anything(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no pictures"):
        load(tmp_path)
    with pytest.raises(UsageError):
        load(tmp_path / "nowhere")
    with zipfile.ZipFile(tmp_path / "text.zip", "w") as archive:
        archive.writestr("a.txt", "hello")
    with pytest.raises(InputError, match="not in a format"):
        load(tmp_path / "text.zip")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", b"\0" * 10_000)
    content = buffer.getvalue().replace(struct.pack("<I", 10_000), struct.pack("<I", 2**31))
    (tmp_path / "bomb.zip").write_bytes(content)
    with pytest.raises(InputError, match="2048 MiB"):
        load(tmp_path / "bomb.zip")


def test_more_than_fits_is_said_before_it_is_read(tmp_path: Path) -> None:
    write(tmp_path, "a.png", noise(4, 4))
    with pytest.raises(ResourceError):
        load(tmp_path, picture_shape=(3, 40_000, 40_000))


def test_what_was_done_to_odd_pictures_is_said(tmp_path: Path) -> None:
    deep = [Image.fromarray(noise(8, 8, seed=i).astype(np.uint16) * 16) for i in range(3)]
    clear = [Image.fromarray(noise(8, 8, 4, seed=i)) for i in range(3)]
    solid = [Image.fromarray(np.dstack([noise(8, 8, 3), np.full((8, 8), 255, np.uint8)])) for _ in range(3)]
    for name, pictures in {"deep": deep, "clear": clear, "solid": solid}.items():
        (tmp_path / name).mkdir()
        for i, picture in enumerate(pictures):
            picture.save(tmp_path / name / f"{i}.png")
    dark = load(tmp_path / "deep")
    assert "3 of 3 pictures are of 16 bits" in dark.record.notes[0]
    assert [found.evidence["option"] for found in dark.found] == ["--set datasets.images.bits=12, or =16"]
    assert [found.summary for found in load(tmp_path / "clear").found] == ["100% were see-through, laid on white"]
    assert load(tmp_path / "solid").found == load(tmp_path / "solid").record.notes == ()


def test_how_pictures_are_read_can_be_said(tmp_path: Path) -> None:
    tag = Image.Exif()
    tag[0x112] = 6
    Image.fromarray(noise(8, 12, 3)).save(tmp_path / "a.jpg", exif=tag.tobytes())
    said = Plan("", "", settings={"datasets.images.turn": "no", "datasets.images.bits": "12"}).override
    assert load(tmp_path).record.shape == (3, 12, 8)
    assert load(tmp_path, override=said).record.shape == (3, 8, 12)
    (tmp_path / "a.jpg").unlink()
    Image.fromarray(np.full((8, 8), 4095, np.uint16)).save(tmp_path / "a.png")
    np.testing.assert_allclose(load(tmp_path, override=said).values, 255)
