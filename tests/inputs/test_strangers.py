from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ganprobe.inputs import strangers

FILES = {
    "x.png": (b"\x89PNG\r\n\x1a\n....", "one picture"),
    "x.bin": (b"\xff\xd8\xff\xe0", "one picture"),
    "x.wav": (b"RIFF\0\0\0\0WAVEfmt ", "one sound"),
    "x.flac": (b"fLaC\0", "a compressed sound"),
    "x.h5": (b"\x89HDF\r\n\x1a\n", "HDF5"),
    "x.feather": (b"ARROW1\0\0", "Feather"),
    "x.db": (b"SQLite format 3\0", "a database"),
    "x.mat": (b"MATLAB 5.0 MAT-file", "MATLAB"),
    "x.json": (b"[1]", "JSON"),
    "x.py": (b"import torch", "Python code"),
    "notes.md": (b"a note\n", "text"),
}


@pytest.mark.parametrize("name", FILES)
def test_each_is_known_by_its_bytes_or_its_name(tmp_path: Path, name: str) -> None:
    content, says = FILES[name]
    (tmp_path / name).write_bytes(content)
    told = strangers.told(tmp_path / name)
    assert told is not None
    assert says in told[0]
    assert told[1]


def test_a_workbook_is_known_among_archives(tmp_path: Path) -> None:
    for inside, known in (("xl/workbook.xml", True), ("a.txt", False)):
        with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
            archive.writestr(inside, "")
        assert (strangers.told(tmp_path / "x.xlsx") is not None) == known
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04 cut short\0")
    assert strangers.told(tmp_path / "x.xlsx") is None


def test_what_is_not_known_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\0\1\2\3")
    assert strangers.told(tmp_path / "x") is None
    (tmp_path / "x").write_bytes(b"")
    assert not strangers.is_text(tmp_path / "x")
