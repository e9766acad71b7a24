"""Folders, ``.zip`` and ``.tar`` files of pictures, in mixed sizes and modes.

Every picture becomes ``[channels, height, width]`` in 0..255, decoded once. Pictures that agree in size and need no
other are left as they are; the rest are resized once, with an antialiasing filter, because a resize without one (or a
second one) leaves a trace that a discriminator sees before it sees the pictures. Transparency is laid on white, 16 bits
are scaled to the range of 8 without rounding, and a camera's orientation tag is obeyed.

Labels are those of ``dataset.json`` where there is one, as StyleGAN's tools write it (its folders are shards, not
classes); else the folders side by side, counted in the order of their names, as torchvision counts them.

Nothing but PNG, JPEG, WEBP and BMP is decoded, whatever a file is called: Pillow would start Ghostscript for others.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from ganprobe.errors import InputError
from ganprobe.inputs import files
from ganprobe.inputs.datasets import DataOptions, _grids, _headers, _labels, _tars, build
from ganprobe.inputs.datasets._headers import Header
from ganprobe.record.sources import Artefact
from ganprobe.samples.sides import Dataset, Indices, Stored

FILTERS = {
    "lanczos": Image.Resampling.LANCZOS,
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "box": Image.Resampling.BOX,
}
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
# A picture of 8192 x 8192 fits; a small file that unpacks to more is taken for an attack.
MOST_PIXELS = 2**26
_MOST_BYTES = 4 * MOST_PIXELS
# The common size and colour of many pictures are read from so many of them.
_LOOKED_AT = 256
# Grids are looked for in so many.
_LOOKED_INTO = 3


@dataclass(frozen=True, slots=True)
class Settings:
    """``filter``: how pictures of another size are resized, as training did it; "auto" is Lanczos' and said to be.

    ``turn``: whether a camera's orientation is obeyed. ``bits``: of those that are stored in 16, how many are used.
    ``grids``: whether grids of samples are looked for.
    """

    filter: Literal["auto", "lanczos", "bicubic", "bilinear", "box"] = "auto"
    turn: Literal["yes", "no"] = "yes"
    bits: int = 16
    grids: Literal["auto", "no"] = "auto"


@dataclass(frozen=True, slots=True)
class _Listed:
    """The names of the pictures in order, how to open one, whether labels are beside them, how many files are neither.

    Names alone, for there may be a million of them, of which a few thousand are opened.
    """

    names: list[str]
    open: Callable[[str], BinaryIO]
    labelled: bool
    n_others: int
    packed: Sequence[str] = ()


def claims(path: Path, found: files.Format) -> bool:
    """A folder or a zip archive with at least one picture in it."""
    if found == "folder":
        return any(map(_is_picture, _files(path)))
    if found == "tar":
        archive_, members = _tars.opened(path)
        archive_.close()
        return any(map(_is_picture, members))
    if found != "zip":
        return False
    with zipfile.ZipFile(path) as archive:
        return any(map(_is_picture, archive.namelist()))


def load(path: Path, options: DataOptions) -> Dataset:
    """The pictures in order of their names, with their labels."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        listed = _listed_in(path, stack)
        beside = (listed.names, listed.packed, listed.open, listed.labelled)
        labels, said = (None, ()) if options.labels is not None else _labels.of(*beside)
        settings = options.override("datasets.images", Settings())
        shape = options.picture_shape or _common_shape(listed, settings)
        rows = options.rows(path, len(listed.names), math.prod(shape))
        values: Stored = np.empty((len(rows.kept), *shape), np.uint8)
        _require_no_grids(listed, rows.kept, options, settings)
        headers = []
        for place, i in enumerate(rows.kept):
            header, pixels = _read(listed, listed.names[i], shape, settings)
            if pixels.dtype != np.uint8:  # 16 bits, scaled to the range of 8 without rounding
                values = values.astype(np.float32, copy=False)
            values[place] = pixels
            headers.append(header)
    told = _headers.notes(headers, shape, listed.n_others, settings.filter)
    dataset = build(path, values, "image", rows, (*said, *told))
    side = "real" if options.like is None else "fake"
    done = _headers.changed(headers, shape, side, said_filter=settings.filter != "auto")
    return replace(
        dataset,
        labels=options.labels_of(path, rows, labels),
        full_range=(0.0, 255.0),
        found=(*done, *_dark(headers, values, side, settings)),
    )


def _listed_in(path: Path, stack: contextlib.ExitStack) -> _Listed:
    if path.is_dir():
        return _list_folder(path)
    if files.identify(path) != "tar":
        return _list_zip(path, stack.enter_context(zipfile.ZipFile(path)))
    archive, members = _tars.opened(path)
    stack.enter_context(archive)
    return _listed(list(members), _tars.reader(archive, members), list(members))


def _is_picture(name: str) -> bool:
    below = f"/{name}"
    return name.lower().endswith(SUFFIXES) and "/." not in below and "/__MACOSX/" not in below


def _list_folder(path: Path) -> _Listed:
    return _listed(list(_files(path)), lambda name: _content(f"{path}/{name}"))


def _content(file: str) -> BinaryIO:
    """A file in memory: decoders ask for a few bytes at a time, which costs more from a disk than they need."""
    with io.FileIO(file) as opened:
        if os.fstat(opened.fileno()).st_size > _MOST_BYTES:
            raise InputError(f"{file}: more than {_MOST_BYTES / 2**20:.0f} MiB; refused", "remove it")
        return io.BytesIO(opened.read())


def _files(folder: Path) -> Iterator[str]:
    """The name from ``folder`` of every regular file below it; links to folders are not followed."""
    folders = [(str(folder), "")]
    for where, prefix in folders:
        with os.scandir(where) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append((entry.path, f"{prefix}{entry.name}/"))
                elif _is_regular(entry):
                    yield prefix + entry.name


def _is_regular(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link to itself
        return False


def _list_zip(path: Path, archive: zipfile.ZipFile) -> _Listed:
    """Members are read into memory by name and never extracted, so what a name says about folders does not matter."""
    members = {member.filename: member for member in archive.infolist() if not member.is_dir()}
    for member in members.values():
        if member.file_size > _MOST_BYTES and _is_picture(member.filename):
            raise InputError(
                f"{path}: {member.filename} unpacks to {member.file_size / 2**20:.0f} MiB; refused", "remove it"
            )
    return _listed(list(members), lambda name: io.BytesIO(archive.read(members[name])))


def _listed(names: list[str], opened: Callable[[str], BinaryIO], packed: Sequence[str] = ()) -> _Listed:
    pictures, labelled = sorted(filter(_is_picture, names)), _labels.FILE in names
    others = [name for name in names if not (packed and name.endswith((".cls", ".json", ".txt")))]
    return _Listed(pictures, opened, labelled, len(others) - len(pictures) - labelled, packed)


@contextlib.contextmanager
def _opened(listed: _Listed, name: str) -> Iterator[Image.Image]:
    try:
        with listed.open(name) as file, Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise InputError(f"{name}: {image.width} x {image.height} pixels; refused", "remove or shrink it")
            yield image
    except (InputError, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise InputError(f"{name}: not a PNG, JPEG, WEBP or BMP picture", "remove it, or save it as one") from error
    except Exception as error:
        raise InputError(
            f"{name}: cannot be decoded ({files.first_line(error)})", "remove or replace the picture"
        ) from error


def _require_no_grids(listed: _Listed, kept: Indices, options: DataOptions, settings: Settings) -> None:
    """Of the first pictures; where the size of a sample is known, one of that size is none."""
    sample = options.picture_shape and options.picture_shape[1:]
    for i in kept[:_LOOKED_INTO] if settings.grids == "auto" else ():
        with _opened(listed, listed.names[i]) as image:
            if (image.height, image.width) != sample:
                _grids.require_single(listed.names[i], np.asarray(image.convert("F")), sample)


def _dark(headers: Sequence[Header], values: Stored, side: str, settings: Settings) -> Iterator[Artefact]:
    """That pictures of 16 bits use the lowest of them alone, as those of 12 do that were stored in 16."""
    deep = sum(header.how == _headers.DEEP for header in headers)
    most = float(values.max()) * 257
    if deep < len(headers) or settings.bits != 16 or not 0 < most < 2**14:
        return
    bits = max(8, math.ceil(math.log2(most + 1)))
    summary = f"pictures of 16 bits were taken to reach 65535, and go up to {most:.0f}: {bits} bits stored in 16?"
    yield Artefact("guessed", side, summary, {"option": f"--set datasets.images.bits={bits}, or =16"})


def _common_shape(listed: _Listed, settings: Settings) -> tuple[int, int, int]:
    """The most common channels and the most common size, of some of them; of equally common ones the larger."""
    channels: Counter[int] = Counter()
    sizes: Counter[tuple[int, int]] = Counter()
    for i in DataOptions(limit=_LOOKED_AT).rows(Path(), len(listed.names), 1).kept:
        with _opened(listed, listed.names[i]) as image:
            header = _headers.of(image, settings.turn == "yes")
        channels[header.channels] += 1
        sizes[header.size] += 1
    height, width = max(sizes, key=lambda size: (sizes[size], size))
    return max(channels, key=lambda c: (channels[c], c)), height, width


def _read(
    listed: _Listed, name: str, shape: tuple[int, int, int], settings: Settings
) -> tuple[Header, npt.NDArray[Any]]:
    """What a picture says of itself, and its pixels ``[*shape]``, bytes or float32."""
    channels, height, width = shape
    with _opened(listed, name) as image:
        turn = settings.turn == "yes"
        header = _headers.of(image, turn)
        image.load()  # what follows the pixels may hold the orientation
        turned = ImageOps.exif_transpose(image) if turn and _headers.may_be_turned(image) else image
        image, seen_through = _in_plain_mode(turned, channels, settings.bits)
        if (image.height, image.width) != (height, width):
            image = image.resize((width, height), FILTERS.get(settings.filter, Image.Resampling.LANCZOS))
        pixels = np.asarray(image)
    if seen_through:
        header = header._replace(how=_headers.SEEN_THROUGH)
    if image.mode == "F":
        pixels = np.clip(pixels, 0, 255)
    return header, np.broadcast_to(pixels, shape) if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def _in_plain_mode(image: Image.Image, channels: int, bits: int) -> tuple[Image.Image, bool]:
    """L, RGB, or F for pictures of 16 bits, of which ``bits`` are used; and whether something could be seen through."""
    if image.mode in _headers.DEEP_MODES:
        return Image.fromarray(np.asarray(image).astype(np.float32) / np.float32((2**bits - 1) / 255)), False
    seen_through = False
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        colours = image.convert("RGBA")
        seen_through = int(np.asarray(colours.getchannel("A")).min()) < 255
        white = Image.new("RGBA", colours.size, "white")
        image = Image.alpha_composite(white, colours)
    mode = "L" if channels == 1 else "RGB"
    return image if image.mode == mode else image.convert(mode), seen_through
