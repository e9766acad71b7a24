"""What pictures say of themselves before they are decoded, and what was done to them on the way in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ganprobe.record.sources import Artefact


class Header(NamedTuple):  # made for every picture, where a dataclass would take as long as looking at its size
    """What a picture says before it is decoded; ``size`` is (height, width) the right way up."""

    size: tuple[int, int]
    channels: int
    format: str


# Fewer pictures than this share that were changed leave no trace to speak of.
_FEW = 0.01


def changed(headers: Sequence[Header], shape: tuple[int, int, int], side: str) -> tuple[Artefact, ...]:
    """That pictures were resized, or their colours converted."""
    resized = sum(header.size != shape[1:] for header in headers) / len(headers)
    converted = sum(header.channels != shape[0] for header in headers) / len(headers)
    if max(resized, converted) < _FEW:
        return ()
    if resized >= _FEW:
        share, done = resized, f"resized to {shape[1]}x{shape[2]} by a filter that was guessed"
        advice = "Save both sides in one size; or name the filter of training: --set datasets.images.filter=lanczos"
    else:
        share, done, advice = converted, "converted in colour", "Save both sides in the same colours"
    summary = f"{share:.0%} were {done}"
    return (Artefact("changed", side, summary, {"share": share, "advice": advice}),)


def notes(headers: Sequence[Header], shape: tuple[int, int, int], n_others: int, filter_: str) -> Iterator[str]:
    """In words."""
    resized = sum(header.size != shape[1:] for header in headers)
    converted = sum(header.channels != shape[0] for header in headers)
    filter_name = "Lanczos" if filter_ == "auto" else filter_
    lossy = sum(header.format == "JPEG" for header in headers)
    if resized:
        yield f"{resized} of {len(headers)} pictures resized to {shape[1]}x{shape[2]} (height x width, {filter_name})"
    if converted:
        yield f"{converted} of {len(headers)} pictures converted to {'grey' if shape[0] == 1 else 'colour'}"
    if lossy:
        yield f"{lossy} of {len(headers)} pictures are JPEG, whose losses a probe can see"
    if n_others:
        yield f"{n_others} other file{'s' * (n_others > 1)} ignored"
