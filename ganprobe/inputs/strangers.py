"""Files that are neither a checkpoint nor a data set, by their first bytes: what they are, and what to give instead."""

from __future__ import annotations

import zipfile
from pathlib import Path

_CUT = "give the folder of the pictures; a grid of samples saved as one picture has to be cut first"
_PICTURE = ("one picture, which is one sample", _CUT)
_SOUND = ("a compressed sound", "save the sounds as PCM .wav, and give their folder")
_JSON = ("JSON", "save the rows as .csv or .parquet")
# Where the bytes stand, the bytes, what it is and what to do.
_MAGIC = (
    (0, b"\x89PNG\r\n\x1a\n", _PICTURE),
    (0, b"\xff\xd8\xff", _PICTURE),
    (0, b"GIF8", _PICTURE),
    (0, b"BM", _PICTURE),
    (0, b"II*\0", _PICTURE),
    (0, b"MM\0*", _PICTURE),
    (8, b"WEBP", _PICTURE),
    (8, b"WAVE", ("one sound, which is one sample", "give the folder of the sounds")),
    (0, b"fLaC", _SOUND),
    (0, b"OggS", _SOUND),
    (0, b"ID3", _SOUND),
    (0, b"\x89HDF\r\n\x1a\n", ("an HDF5 file", "save arrays as .npy; of a Keras model draw samples, and give these")),
    (0, b"ARROW1", ("an Arrow or Feather file", "save the table as .parquet")),
    (0, b"SQLite format 3", ("a database", "save the table as .csv or .parquet")),
    (0, b"MATLAB 5.0", ("a MATLAB file", "read it with scipy.io.loadmat, and save the array as .npy")),
)
_NAMED = {
    ".json": _JSON,
    ".jsonl": _JSON,
    ".py": ("Python code", "name the network in it with -m FILE.py:Class, and give the file of its weights as CKPT"),
    ".ipynb": ("a notebook", "save the samples in it as .npy or .csv"),
}


_TEXT = ("", ".md", ".log", ".asc", ".yaml", ".yml", ".toml")


def told(path: Path) -> tuple[str, str] | None:
    """What the file at ``path`` is, and what to do; None for what is not known here."""
    with path.open("rb") as file:
        head = file.read(64)
    for place, magic, what in _MAGIC:
        if head[place:].startswith(magic):
            return what
    if head.startswith(b"PK") and _is_workbook(path):
        return "an Excel workbook", "save the sheet as .csv"
    if (said := _NAMED.get(path.suffix.lower())) is not None:
        return said
    said_to_be_text = path.suffix.lower() in _TEXT
    return ("text", "call it .csv where it is a table") if said_to_be_text and is_text(path) else None


def is_text(path: Path) -> bool:
    """Whether a file begins as text does."""
    with path.open("rb") as file:
        head = file.read(512).removeprefix(b"\xef\xbb\xbf")
    return bool(head) and head.isascii() and all(byte in b"\t\r\n" or byte >= 32 for byte in head)


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False
