"""Folders, ``.zip`` and ``.tar`` files of ``.wav``: samples ``[time]``, or ``[time, channels]`` where there are two.

Values are in [-1, 1). All sounds have one rate; another one is an error, for resampling leaves a trace that a probe
sees before it hears the sounds. They are brought to one length, the most common one or ``seconds``: what is longer is
cut at its end, what is shorter is followed by silence, and both are said. Read with the standard library: PCM of 8, 16,
24 or 32 bits.
"""

from __future__ import annotations

import contextlib
import io
import wave
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from ganprobe.errors import InputError
from ganprobe.inputs import files
from ganprobe.inputs.datasets import DataOptions, _tars, build
from ganprobe.record.sources import Artefact
from ganprobe.samples.sides import Array, Dataset

# Bytes of one sound, and sounds that the common length is read from.
_MOST_BYTES = 2**28
_LOOKED_AT = 256
# Fewer sounds than this share that were cut or padded leave no trace to speak of.
_FEW = 0.01

_Read = Callable[[str], BinaryIO]


@dataclass(frozen=True, slots=True)
class Settings:
    """``seconds``: the length that sounds are cut or padded to; without it the most common one."""

    seconds: float | None = None


class _Form(NamedTuple):
    rate: int
    frames: int
    channels: int


def claims(path: Path, found: files.Format) -> bool:
    """Where there is a sound in the folder or archive."""
    if found == "folder":
        return any(file.suffix.lower() == ".wav" for file in path.iterdir())
    if found == "zip":
        with zipfile.ZipFile(path) as archive:
            return any(map(_is_sound, archive.namelist()))
    if found == "tar":
        archive_, members = _tars.opened(path)
        archive_.close()
        return any(map(_is_sound, members))
    return False


def load(path: Path, options: DataOptions) -> Dataset:
    """The sounds in order of their names."""
    with contextlib.ExitStack() as stack:
        names, read, every = _listed(path, stack)
        form = _common(names, read, options)
        rows = options.rows(path, len(names), form.frames * form.channels)
        values = np.zeros((len(rows.kept), form.frames, form.channels), np.float32)
        lengths = np.empty(len(rows.kept), np.int64)
        for place, i in enumerate(rows.kept):
            sound = _sound(names[i], read, form)
            lengths[place] = len(sound)
            values[place, : len(sound)] = sound[: form.frames]
        labels, said = (None, ()) if options.labels is not None else _tars.labels(names, every, read)
    if form.channels == 1:
        values = values[:, :, 0]
    notes = (f"sounds of {form.frames / form.rate:g} seconds at {form.rate} Hz", *said, *_changes(lengths, form.frames))
    dataset = build(path, values, "array", rows, notes)
    return replace(
        dataset,
        labels=options.labels_of(path, rows, labels),
        schema=form.rate,
        axis=0,
        found=_changed(lengths, form, options),
    )


def _is_sound(name: str) -> bool:
    return name.lower().endswith(".wav") and "/." not in f"/{name}" and "__MACOSX/" not in name


def _listed(path: Path, stack: contextlib.ExitStack) -> tuple[list[str], _Read, Sequence[str]]:
    """The sounds by name, how to open one, and what else is there."""
    if path.is_dir():
        every = sorted(str(file.relative_to(path)) for file in path.rglob("*.wav") if file.is_file())

        def read(name: str) -> BinaryIO:
            file = path / name
            if file.stat().st_size > _MOST_BYTES:
                raise InputError(f"{file}: more than {_MOST_BYTES >> 20} MiB; refused", "cut it")
            return io.BytesIO(file.read_bytes())

        return every, read, every
    if files.identify(path) == "tar":
        archive, members = _tars.opened(path)
        stack.enter_context(archive)
        return sorted(filter(_is_sound, members)), _tars.reader(archive, members), list(members)
    zipped = stack.enter_context(zipfile.ZipFile(path))
    sizes = {member.filename: member.file_size for member in zipped.infolist()}

    def unpacked(name: str) -> BinaryIO:
        if sizes[name] > _MOST_BYTES:
            raise InputError(f"{path}: {name[:60]} unpacks to {sizes[name] >> 20} MiB; refused", "remove it")
        return io.BytesIO(zipped.read(name))

    return sorted(filter(_is_sound, sizes)), unpacked, list(sizes)


def _common(names: list[str], read: _Read, options: DataOptions) -> _Form:
    """The rate of all, the most common length and number of channels: or those of the reals."""
    few = [names[i] for i in DataOptions(limit=_LOOKED_AT).rows(Path(), len(names), 1).kept]
    forms = []
    for name in few:
        with _opened(name, read) as sound:
            forms.append(_Form(sound.getframerate(), _frames(sound, read(name)), sound.getnchannels()))
    rates = Counter(form.rate for form in forms)
    rate = max(rates, key=lambda r: rates[r])
    if options.like is not None:
        shape = options.like.record.shape
        if options.like.schema not in (None, rate):
            raise InputError(
                f"{few[0]}: {rate} Hz, the data has {options.like.schema} Hz", "give both sides at one rate"
            )
        return _Form(rate, shape[0], shape[1] if len(shape) > 1 else 1)
    seconds = options.override("datasets.sounds", Settings()).seconds
    lengths, channels = Counter(form.frames for form in forms), Counter(form.channels for form in forms)
    frames = max(lengths, key=lambda n: (lengths[n], n)) if seconds is None else round(seconds * rate)
    if frames < 1:
        raise InputError(f"{few[0]}: no sound in it", "give sounds, or datasets.sounds.seconds above 0")
    return _Form(rate, frames, max(channels, key=lambda c: (channels[c], c)))


def _frames(sound: wave.Wave_read, file: BinaryIO) -> int:
    """What the header promises, if the file is long enough for it."""
    return min(sound.getnframes(), file.seek(0, io.SEEK_END) // (sound.getsampwidth() * sound.getnchannels()))


@contextlib.contextmanager
def _opened(name: str, read: _Read) -> Iterator[wave.Wave_read]:
    try:
        with read(name) as file, wave.open(file) as sound:
            yield sound
    except (InputError, MemoryError):
        raise
    except (wave.Error, EOFError, ValueError, RuntimeError, OSError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{name[:80]}: cannot be read as a sound ({files.first_line(error)})", "save it as PCM .wav, of 16 bits"
        ) from error


def _sound(name: str, read: _Read, form: _Form) -> Array:
    """``[frames, channels]`` in [-1, 1); of more channels than wanted the mean."""
    with _opened(name, read) as sound:
        if sound.getframerate() != form.rate:
            raise InputError(
                f"{name[:80]}: {sound.getframerate()} Hz among sounds of {form.rate} Hz", "give sounds of one rate"
            )
        width, channels = sound.getsampwidth(), sound.getnchannels()
        data = sound.readframes(sound.getnframes())
    data = data[: len(data) // (width * channels) * (width * channels)]
    if width == 1:
        levels = np.frombuffer(data, np.uint8).astype(np.float32) - 128
    elif width == 3:
        bytes_ = np.frombuffer(data, np.uint8).reshape(-1, 3).astype(np.int32)
        levels = ((bytes_[:, 0] << 8 | bytes_[:, 1] << 16 | bytes_[:, 2] << 24) >> 8).astype(np.float32)
    else:
        levels = np.frombuffer(data, "<i2" if width == 2 else "<i4").astype(np.float32)
    values = (levels / np.float32(2.0 ** (8 * width - 1))).reshape(-1, channels)
    if channels == form.channels:
        return values
    return np.repeat(values.mean(1, keepdims=True), form.channels, 1)


def _changes(lengths: np.ndarray[tuple[int, ...], np.dtype[np.int64]], frames: int) -> tuple[str, ...]:
    """In words, how many were cut and padded."""
    cut, padded = int((lengths > frames).sum()), int((lengths < frames).sum())
    said = ((cut, "cut at their end"), (padded, "followed by silence"))
    return tuple(f"{n} of {len(lengths)} sounds {what}" for n, what in said if n)


def _changed(
    lengths: np.ndarray[tuple[int, ...], np.dtype[np.int64]], form: _Form, options: DataOptions
) -> tuple[Artefact, ...]:
    share = float((lengths != form.frames).mean())
    if share < _FEW or options.override("datasets.sounds", Settings()).seconds is not None:
        return ()
    side = "real" if options.like is None else "fake"
    summary = f"{share:.0%} were cut or padded to {form.frames / form.rate:g} seconds"
    advice = f"Save sounds of one length, or say it: --set datasets.sounds.seconds={form.frames / form.rate:g}"
    return (Artefact("changed", side, summary, {"share": share, "advice": advice}),)
