"""What pictures say of themselves before they are decoded, and what was done to them on the way in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from ganprobe.record.sources import Artefact

DEEP_MODES = ("I", "I;16", "I;16B")
_GREY_MODES = ("1", "L", "LA", *DEEP_MODES)
_ORIENTATION = 0x0112
_ORIENTED = frozenset(["exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp"])
# Fewer pictures than this share that were changed leave no trace to speak of.
_FEW = 0.01
CMYK, SEEN_THROUGH, DEEP = "in CMYK, converted without a colour profile", "see-through, laid on white", "of 16 bits"


class Header(NamedTuple):  # made for every picture, where a dataclass would take as long as looking at its size
    """What a picture says before it is decoded; ``size`` is (height, width) the right way up, ``how`` what is odd."""

    size: tuple[int, int]
    channels: int
    format: str
    turned: bool
    how: str


def of(image: Image.Image, turn: bool) -> Header:
    """The header of an opened picture, whose orientation tag is obeyed where it is to ``turn``."""
    orientation = image.getexif().get(_ORIENTATION, 1) if turn and may_be_turned(image) else 1
    grey = image.mode in _GREY_MODES or (image.mode == "P" and _is_grey_palette(image))
    size = (image.width, image.height) if orientation >= 5 else (image.height, image.width)
    how = CMYK if image.mode == "CMYK" else DEEP if image.mode in DEEP_MODES else ""
    return Header(size, 1 if grey else 3, str(image.format), orientation != 1, how)


def may_be_turned(image: Image.Image) -> bool:
    """Whether it has a place for an orientation."""
    return not _ORIENTED.isdisjoint(image.info)


def _is_grey_palette(image: Image.Image) -> bool:
    palette = np.array(image.getpalette("RGB")).reshape(-1, 3)
    return bool((palette == palette[:, :1]).all())


def changed(headers: Sequence[Header], shape: tuple[int, int, int], side: str, said_filter: bool) -> Iterator[Artefact]:
    """What the samples would not be without having been read here: the gravest of it."""
    resized = "Save both sides in one size; or name the filter of training: --set datasets.images.filter=lanczos"
    turned = "Save both sides turned; or leave them as stored: --set datasets.images.turn=no"
    converted = "Save both sides in the same colours"
    shares = (
        (0.0 if said_filter else _share([header.size != shape[1:] for header in headers]),
         f"resized to {shape[1]}x{shape[2]} by a filter that was guessed", resized),
        (_share([header.channels != shape[0] for header in headers]), "converted in colour", converted),
        (_share([header.how in (CMYK, SEEN_THROUGH) for header in headers]), _most_common(headers), converted),
        (_share([header.turned for header in headers]), "turned as their EXIF orientation says", turned),
    )  # fmt: skip
    for share, done, advice in shares:
        if share >= _FEW:
            yield Artefact("changed", side, f"{share:.0%} were {done}", {"share": share, "advice": advice})
            return


def _share(which: Sequence[bool]) -> float:
    return sum(which) / len(which)


def _most_common(headers: Sequence[Header]) -> str:
    how = Counter(header.how for header in headers if header.how in (CMYK, SEEN_THROUGH))
    return how.most_common(1)[0][0] if how else ""


def notes(headers: Sequence[Header], shape: tuple[int, int, int], n_others: int, filter_: str) -> Iterator[str]:
    """In words."""
    filter_name = "Lanczos" if filter_ == "auto" else filter_
    told = {
        f"resized to {shape[1]}x{shape[2]} (height x width, {filter_name})": [h.size != shape[1:] for h in headers],
        f"converted to {'grey' if shape[0] == 1 else 'colour'}": [h.channels != shape[0] for h in headers],
        f"are {CMYK}": [h.how == CMYK for h in headers],
        f"are {SEEN_THROUGH}": [h.how == SEEN_THROUGH for h in headers],
        f"are {DEEP}, brought to 0 to 255 without rounding": [h.how == DEEP for h in headers],
        "turned as their EXIF orientation says": [h.turned for h in headers],
        "are JPEG, whose losses a probe can see": [h.format == "JPEG" for h in headers],
    }
    yield from (f"{sum(which)} of {len(headers)} pictures {what}" for what, which in told.items() if any(which))
    if n_others:
        yield f"{n_others} other file{'s' * (n_others > 1)} ignored"
