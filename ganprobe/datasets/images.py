"""Folders and ``.zip`` files of pictures, in mixed sizes and modes.

Every picture becomes ``[channels, height, width]`` in 0..255, decoded once. Pictures that agree in size and need no
other are left as they are; the rest are resized once, with an antialiasing filter, because a resize without one (or a
second one) leaves a trace that a discriminator sees before it sees the pictures. Transparency is laid on white, 16 bits
are scaled to the range of 8 without rounding, and a camera's orientation tag is obeyed.

Nothing but PNG, JPEG, WEBP and BMP is decoded, whatever a file is called: Pillow would start Ghostscript for others.
"""

from __future__ import annotations

import contextlib
import io
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ganprobe import files
from ganprobe.datasets import DataOptions, build, require_room
from ganprobe.errors import InputError
from ganprobe.samples import Array, Dataset, Indices

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
# A picture of 8192 x 8192 fits; a small file that unpacks to more is taken for an attack.
MOST_PIXELS = 2**26
_DEEP_MODES = ("I", "I;16", "I;16B")
_GREY_MODES = ("1", "L", "LA", *_DEEP_MODES)
_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class _Picture:
    name: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class _Header:
    """What a picture says before it is decoded; ``size`` is (height, width) the right way up."""

    size: tuple[int, int]
    channels: int
    format: str


def claims(path: Path) -> bool:
    """A folder or a zip archive with at least one picture in it."""
    if path.is_dir():
        return any(_is_picture(file.relative_to(path).as_posix()) for file in path.rglob("*"))
    if files.identify(path) != "zip":
        return False
    with zipfile.ZipFile(path) as archive:
        return any(map(_is_picture, archive.namelist()))


def load(path: Path, options: DataOptions) -> Dataset:
    """The pictures in order of their names, labelled by sub-folder where each is in one."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        listed, n_others = (
            _list_folder(path) if path.is_dir() else _list_zip(path, stack.enter_context(zipfile.ZipFile(path)))
        )
        labels = _labels([picture.name for picture in listed])
        kept = options.kept(len(listed))
        pictures = [listed[i] for i in kept]
        headers = [_header(picture) for picture in pictures]
        shape = options.picture_shape or _common_shape(headers)
        require_room(path, len(pictures), *shape)
        values = np.empty((len(pictures), *shape), np.float32)
        for row, picture in zip(values, pictures, strict=True):
            row[...] = _decode(picture, shape)
    notes = tuple(_notes(headers, shape, n_others))
    return replace(
        build(path, values, "image", notes), labels=None if labels is None else labels[kept], full_range=(0.0, 255.0)
    )


def _is_picture(name: str) -> bool:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return not hidden and name.lower().endswith(SUFFIXES)


def _list_folder(path: Path) -> tuple[list[_Picture], int]:
    found = sorted((file.relative_to(path).as_posix(), file) for file in path.rglob("*") if file.is_file())
    pictures = [_Picture(name, _opener(file)) for name, file in found if _is_picture(name)]
    return pictures, len(found) - len(pictures)


def _opener(file: Path) -> Callable[[], BinaryIO]:
    return lambda: file.open("rb")


def _list_zip(path: Path, archive: zipfile.ZipFile) -> tuple[list[_Picture], int]:
    """Members are read into memory by name and never extracted, so what a name says about folders does not matter."""
    found = sorted((member for member in archive.infolist() if not member.is_dir()), key=lambda member: member.filename)
    pictures = [member for member in found if _is_picture(member.filename)]
    for member in pictures:
        if member.file_size > 4 * MOST_PIXELS:
            raise InputError(
                f"{path}: {member.filename} unpacks to {member.file_size / 2**20:.0f} MiB; refused", "remove it"
            )
    return [_Picture(member.filename, _zip_opener(archive, member)) for member in pictures], len(found) - len(pictures)


def _zip_opener(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: io.BytesIO(archive.read(member))


def _labels(names: Sequence[str]) -> Indices | None:
    """The index of each picture's folder, where the pictures are in several folders side by side."""
    folders = [PurePosixPath(name).parent for name in names]
    distinct = sorted(set(folders))
    if (
        len(distinct) < 2
        or len({folder.parent for folder in distinct}) > 1
        or len({len(f.parts) for f in distinct}) > 1
    ):
        return None
    return np.array([distinct.index(folder) for folder in folders], dtype=np.int64)


@contextlib.contextmanager
def _opened(picture: _Picture) -> Iterator[Image.Image]:
    try:
        with picture.open() as file, Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise InputError(
                    f"{picture.name}: {image.width} x {image.height} pixels; refused", "remove or shrink it"
                )
            yield image
    except (InputError, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise InputError(
            f"{picture.name}: not a PNG, JPEG, WEBP or BMP picture", "remove it, or save it as one"
        ) from error
    except Exception as error:
        raise InputError(
            f"{picture.name}: cannot be decoded ({files.first_line(error)})", "remove or replace the picture"
        ) from error


def _header(picture: _Picture) -> _Header:
    with _opened(picture) as image:
        turned = "exif" in image.info and image.getexif().get(_ORIENTATION, 1) >= 5
        grey = image.mode in _GREY_MODES or (image.mode == "P" and _is_grey_palette(image))
        size = (image.width, image.height) if turned else (image.height, image.width)
        return _Header(size, 1 if grey else 3, str(image.format))


def _is_grey_palette(image: Image.Image) -> bool:
    palette = np.array(image.getpalette("RGB")).reshape(-1, 3)
    return bool((palette == palette[:, :1]).all())


def _common_shape(headers: Sequence[_Header]) -> tuple[int, int, int]:
    """The most common channels and the most common size; of equally common ones the larger."""
    channels = Counter(header.channels for header in headers)
    sizes = Counter(header.size for header in headers)
    height, width = max(sizes, key=lambda size: (sizes[size], size))
    return max(channels, key=lambda c: (channels[c], c)), height, width


def _decode(picture: _Picture, shape: tuple[int, int, int]) -> Array:
    channels, height, width = shape
    with _opened(picture) as opened:
        image = _in_plain_mode(ImageOps.exif_transpose(opened), channels)
        if (image.height, image.width) != (height, width):
            image = image.resize((width, height), Image.Resampling.LANCZOS)
        pixels = np.asarray(image, dtype=np.float32)
    if pixels.ndim == 2:
        return np.broadcast_to(np.clip(pixels, 0, 255), shape)
    return np.moveaxis(pixels, 2, 0)


def _in_plain_mode(image: Image.Image, channels: int) -> Image.Image:
    """L, RGB, or F for pictures of 16 bits."""
    if image.mode in _DEEP_MODES:
        return Image.fromarray(np.asarray(image).astype(np.float32) / 257)
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        colours = image.convert("RGBA")
        white = Image.new("RGBA", colours.size, "white")
        image = Image.alpha_composite(white, colours)
    return image.convert("L" if channels == 1 else "RGB")


def _notes(headers: Sequence[_Header], shape: tuple[int, int, int], n_others: int) -> Iterator[str]:
    resized = sum(header.size != shape[1:] for header in headers)
    converted = sum(header.channels != shape[0] for header in headers)
    lossy = sum(header.format == "JPEG" for header in headers)
    if resized:
        yield f"{resized} of {len(headers)} pictures resized to {shape[1]}x{shape[2]} (height x width, Lanczos)"
    if converted:
        yield f"{converted} of {len(headers)} pictures converted to {'grey' if shape[0] == 1 else 'colour'}"
    if lossy:
        yield f"{lossy} of {len(headers)} pictures are JPEG, whose losses a probe can see"
    if n_others:
        yield f"{n_others} other files ignored"
