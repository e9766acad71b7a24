"""Broken and hostile files, each with the exit code and the words that it must end in.

An entry builds one file (or folder) in an empty folder and says where it goes on the command line: as the data, as the
checkpoint or as the labels. Payloads make a folder ``executed`` in it when they run.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import struct
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from PIL import Image

Role = Literal["data", "checkpoint", "labels"]
Build = Callable[[Path], Path | str]


@dataclass(frozen=True)
class Entry:
    """``build(folder)`` makes the file; ``says`` is in the message; ``fires`` loads it the unsafe way, as a control."""

    name: str
    says: str
    build: Build
    role: Role = "data"
    code: int = 3
    fires: Callable[[Path], object] | None = None


class Payload:
    """Runs a command when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.target = folder / "executed"

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.target),)


ROWS = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
LABELS = np.arange(40) % 4
PIXELS = np.random.default_rng(0).integers(0, 256, (40, 8, 8), dtype=np.uint8)


def npy(array: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def npy_header(header: str, version: bytes = b"\1\0", content: bytes = b"\0" * 64) -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text + content


def npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def torch_file(content: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, **options)
    return buffer.getvalue()


def torch_archive(pickled: bytes, *more: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    return zipped(("a/data.pkl", pickled), ("a/version", b"3\n"), ("a/byteorder", b"little"), *more, how=compression)


def zipped(*members: tuple[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def png(array: Any, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, kind)
    return buffer.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_of(width: int, height: int, pixels: bytes, *more: bytes) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")


def idx(sizes: tuple[int, ...], content: bytes, code: int = 8) -> bytes:
    return bytes([0, 0, code, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + content


def safetensors(header: Any, content: bytes = b"\0" * 16, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + content


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


def claiming(content: bytes, size: int, claimed: int) -> bytes:
    """An archive whose headers say ``claimed`` where the truth is ``size``."""
    return content.replace(struct.pack("<I", size), struct.pack("<I", claimed))


def encrypted(content: bytes) -> bytes:
    """An archive that says that its first member needs a password."""
    changed = bytearray(content)
    changed[6] |= 1
    changed[content.index(b"PK\1\2") + 8] |= 1
    return bytes(changed)


def file(name: str, content: bytes | str | Callable[[Path], bytes]) -> Build:
    def build(folder: Path) -> Path:
        path = folder / name
        made = content(folder) if callable(content) else content
        path.write_bytes(made.encode() if isinstance(made, str) else made)
        return path

    return build


def folder_of(**files: bytes) -> Build:
    def build(folder: Path) -> Path:
        (folder / "set").mkdir()
        for name, content in files.items():
            (folder / "set" / name.replace("_", ".")).write_bytes(content)
        return folder / "set"

    return build


def linked(name: str, target: str) -> Build:
    def build(folder: Path) -> Path:
        (folder / "set").mkdir()
        (folder / "set" / name).symlink_to(target)
        return folder / "set"

    return build


def piped(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.npy")
    return folder / "pipe.npy"


def circle(folder: Path) -> Path:
    (folder / "x.npy").symlink_to(folder / "x.npy")
    return folder / "x.npy"


def parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


def scripted(folder: Path) -> bytes:
    import warnings

    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(torch.jit.script(torch.nn.Linear(2, 3)), buffer)
    return buffer.getvalue()


def nested(depth: int) -> bytes:
    return b"\x80\x02" + b"(" * depth + b"t" * depth + b"."


def itself() -> dict[str, Any]:
    loop: dict[str, Any] = {"weight": torch.zeros(3)}
    loop["loop"] = loop
    return loop


def unsafe_torch(path: Path) -> object:
    return torch.load(path, weights_only=False)


def unsafe_numpy(path: Path) -> object:
    content = np.load(path, allow_pickle=True)
    return [content[name] for name in content.files] if hasattr(content, "files") else content


def unsafe_pickle(path: Path) -> object:
    return pickle.loads(path.read_bytes())


def unsafe_member(path: Path) -> object:
    with zipfile.ZipFile(path) as archive:
        return pickle.loads(archive.read("a/data.pkl"))


def objects(folder: Path) -> Any:
    return np.array([Payload(folder)] * 40, dtype=object)


ZEROS = torch.zeros(1)
STATE = OrderedDict(weight=torch.randn(3, 2), bias=torch.zeros(3))
ESCAPE = "\x1b]0;owned\x07\x1b[31m"
HEAD = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}
WHOLE_PNG = png(PIXELS[0])

ARRAYS = [
    Entry("npy: objects", "cannot be read", file("x.npy", lambda f: npy(objects(f))), fires=unsafe_numpy),
    Entry("npy: a pickle", "a pickle", file("x.npy", lambda f: pickle.dumps(Payload(f), 4)), fires=unsafe_pickle),
    Entry("npy: empty", "the file is empty", file("x.npy", b"")),
    Entry("npy: cut short", "cannot be read", file("x.npy", npy(ROWS)[:300])),
    Entry("npy: cut in its header", "cannot be read", file("x.npy", npy(ROWS)[:40])),
    Entry("npy: magic alone", "cannot be read", file("x.npy", b"\x93NUMPY")),
    Entry(
        "npy: promises terabytes",
        "cannot be read",
        file("x.npy", npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 20), }")),
    ),
    Entry(
        "npy: a negative size",
        "cannot be read",
        file("x.npy", npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-5, -3), }")),
    ),
    Entry(
        "npy: code in its header",
        "cannot be read",
        file("x.npy", npy_header("{'descr': __import__('os').mkdir('executed'), 'shape': (1,)}")),
    ),
    Entry("npy: a deep header", "cannot be read", file("x.npy", npy_header("(" * 9000))),
    Entry("npy: a version to come", "cannot be read", file("x.npy", npy_header("{}", version=b"\x63\0"))),
    Entry("npy: complex numbers", "type complex", file("x.npy", npy(ROWS.astype(complex)))),
    Entry("npy: text", "type <U", file("x.npy", npy(np.array(["a", "b"] * 20)))),
    Entry("npy: dates", "type datetime", file("x.npy", npy(np.array(["2020-01-01"] * 40, "M8[D]")))),
    Entry("npy: named fields", "named fields", file("x.npy", npy(np.zeros(40, [("a", "f4"), ("b", "i4")])))),
    Entry("npy: NaN", "row 7, column 1", file("x.npy", npy(np.where(np.arange(120).reshape(40, 3) == 22, np.nan, 0)))),
    Entry("npy: infinite", "120 values are NaN, infinite", file("x.npy", npy(np.full((40, 3), np.inf)))),
    Entry("npy: beyond float32", "shape 3, in the data 2", file("x.npy", npy(np.full((40, 2), 1e300)))),
    Entry("npy: a single number", "its shape is ()", file("x.npy", npy(np.float32(3)))),
    Entry("npy: no rows", "holds no samples", file("x.npy", npy(ROWS[:0]))),
    Entry("npy: no columns", "holds no samples", file("x.npy", npy(ROWS[:, :0]))),
    Entry("npy: few rows", "9 samples are too few", file("x.npy", npy(ROWS[:9]))),
    Entry("npy: another shape than the fakes", "shape 3, in the data 5", file("x.npy", npy(np.tile(ROWS, 2)[:, :5]))),
    Entry("npy: a table's fakes are an array", "the data is a table", file("x.csv", "a,b\n" + "1,2\n2,1\n" * 20)),
    Entry("npz: objects", "cannot be read", file("x.npz", lambda f: npz(x=objects(f))), fires=unsafe_numpy),
    Entry("npz: several arrays", "several arrays (one, two)", file("x.npz", npz(one=ROWS, two=ROWS))),
    Entry("npz: cut short", "damaged or cut short", file("x.npz", npz(x=ROWS)[:-30])),
    Entry("npz: a flipped byte", "cannot be read", file("x.npz", flipped(npz(x=ROWS), 300))),
    Entry("npz: a password", "password", file("x.npz", encrypted(npz(x=ROWS)))),
    Entry(
        "npz: a bomb",
        "unpacks to 3072 MiB; refused",
        file("x.npz", claiming(npz(x=np.zeros(9000)), len(npy(np.zeros(9000))), 3 * 2**30)),
    ),
    Entry(
        "npz: a bomb that claims little",
        "cannot be read",
        file("x.npz", claiming(npz(x=np.zeros(2**22)), len(npy(np.zeros(2**22))), 1000)),
    ),
    Entry("npz: no arrays", "damaged|not in a format", file("x.npz", zipped())),
    Entry("npz: names that climb out", "too few", file("x.npz", zipped(("../../executed.npy", npy(ROWS[:3]))))),
    Entry("pt: code", "refused because loading", file("x.pt", lambda f: torch_file(Payload(f))), fires=unsafe_torch),
    Entry(
        "pt: code beside a tensor",
        "refused because loading",
        file("x.pt", lambda f: torch_file({"x": torch.zeros(40, 3), "y": Payload(f)})),
        fires=unsafe_torch,
    ),
    Entry(
        "pt: code, in the old format",
        "refused because loading",
        file("x.pt", lambda f: torch_file(Payload(f), _use_new_zipfile_serialization=False)),
        fires=unsafe_torch,
    ),
    Entry(
        "pt: code, protocol 4",
        "refused because loading",
        file("x.pt", lambda f: torch_archive(pickle.dumps(Payload(f), 4))),
        fires=unsafe_member,
    ),
    Entry(
        "pt: code, protocol 0",
        "not in a format",
        file("x.pt", lambda f: pickle.dumps(Payload(f), 0)),
        fires=unsafe_pickle,
    ),
    Entry("pt: a module", "torch.nn.modules.linear.Linear", file("x.pt", torch_file(torch.nn.Linear(2, 3)))),
    Entry("pt: TorchScript", "TorchScript program", file("x.pt", scripted)),
    Entry("pt: weights", "the checkpoint comes first", file("x.pt", torch_file(STATE))),
    Entry("pt: four bytes that claim terabytes", "claims more numbers", file("x.pt", torch_file(ZEROS.expand(2**40)))),
    Entry("pt: sparse", "refused because loading", file("x.pt", torch_file(torch.eye(3).to_sparse()))),
    Entry(
        "pt: complex", "refused because loading", file("x.pt", torch_file(torch.zeros(40, 3, dtype=torch.complex64)))
    ),
    Entry("pt: without values", "refused|not samples", file("x.pt", torch_file(torch.zeros(40, 3, device="meta")))),
    Entry("pt: NaN", "NaN", file("x.pt", torch_file(torch.full((40, 3), float("nan"))))),
    Entry("pt: holds itself", "the checkpoint comes first", file("x.pt", torch_file(itself()))),
    Entry("pt: deep", "x.pt: ", file("x.pt", torch_archive(nested(100_000)))),
    Entry(
        "pt: asks for 200 GiB",
        "refused because loading",
        file("x.pt", torch_archive(b"\x80\x02c__builtin__\nbytearray\n\x8a\x05\0\0\0\0\x32\x85R.")),
    ),
    Entry(
        "pt: compressed",
        "not written by torch.save",
        file("x.pt", torch_archive(pickle.dumps({}, 2), ("a/data/0", b"\0" * 2**20), compression=zipfile.ZIP_DEFLATED)),
    ),
    Entry(
        "pt: two pickles",
        "not written by torch.save",
        file("x.pt", torch_archive(pickle.dumps({}, 2), ("b/data.pkl", pickle.dumps({}, 2)))),
    ),
    Entry(
        "pt: a flipped byte", "checksum mismatch", file("x.pt", lambda f: flipped(torch_file(torch.ones(999)), 2500))
    ),
    Entry("pt: cut short", "damaged or cut short", file("x.pt", torch_file(STATE)[:-50])),
    Entry(
        "pt: old format, cut short",
        "not in a format|cannot be read|not samples",
        file("x.pt", torch_file(STATE, _use_new_zipfile_serialization=False)[:60]),
    ),
    Entry("idx: promises more", "fewer bytes", file("x-idx3", idx((40, 8, 8), PIXELS.tobytes()[:-1]))),
    Entry("idx: promises less", "more bytes", file("x-idx3", idx((39, 8, 8), PIXELS.tobytes()))),
    Entry("idx: promises terabytes", "promises 1.", file("x-idx3", idx((2**32 - 1, 2**16, 2**16), b""))),
    Entry("idx: no pictures", "holds no samples", file("x-idx3", idx((0, 8, 8), b""))),
    Entry("idx: header cut", "cannot be read", file("x-idx3", idx((40, 8, 8), b"")[:9])),
    Entry("idx.gz: cut short", "cannot be read", file("x.gz", gzip.compress(idx((40, 8, 8), PIXELS.tobytes()))[:-40])),
    Entry("idx.gz: a bomb", "promises", file("x.gz", gzip.compress(idx((2**31, 8, 8), b"\0" * 2**20)))),
    Entry("gz: something else", "gzip archive that is not", file("x.gz", gzip.compress(b"hello"))),
    Entry("gz: damaged", "gzip archive that is not", file("x.gz", b"\x1f\x8b" + b"\xff" * 30)),
]

PICTURES = [
    Entry("folder: empty", "and no .wav in this folder", folder_of()),
    Entry("folder: no pictures", "and no .wav in this folder", folder_of(notes_txt=b"hello", _hidden_png=WHOLE_PNG)),
    Entry("folder: a link to nothing", "and no .wav in this folder", linked("a.png", "nowhere")),
    Entry("folder: a link to itself", "and no .wav in this folder", linked("a.png", "a.png")),
    Entry("folder: a link to a device", "and no .wav in this folder", linked("a.png", "/dev/zero")),
    Entry("folder: few", "2 samples are too few", folder_of(a_png=WHOLE_PNG, b_png=png(PIXELS[1]))),
    Entry("png: a bomb", "exceeds limit", folder_of(a_png=png_of(60_000, 60_000, zlib.compress(b"\0")))),
    Entry("png: a smaller bomb", "9000", folder_of(a_png=png_of(9_000, 9_000, zlib.compress(b"\0")))),
    Entry("png: too few pixels", "cannot be decoded", folder_of(a_png=png_of(8, 8, zlib.compress(b"\0")))),
    Entry("png: cut short", "cannot be decoded", folder_of(a_png=WHOLE_PNG[:60])),
    Entry("png: empty", "not a PNG", folder_of(a_png=b"")),
    Entry("png: PostScript", "not a PNG", folder_of(a_png=b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")),
    Entry("png: a GIF", "not a PNG", folder_of(a_png=png(PIXELS[0], "GIF"))),
    Entry("png: no pixels", "cannot be decoded|not a PNG", folder_of(a_png=png_of(0, 8, zlib.compress(b"")))),
    Entry(
        "png: a bomb of text",
        "cannot be decoded",
        folder_of(
            a_png=png_of(8, 8, zlib.compress(b"\0" * 72), png_chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 2**27, 1)))
        ),
    ),
    Entry("jpeg: cut short", "cannot be decoded", folder_of(a_jpg=png(PIXELS.reshape(64, 40), "JPEG")[:700])),
    Entry("webp: cut short", "cannot be decoded|not a PNG", folder_of(a_webp=png(PIXELS[0], "WEBP")[:40])),
    Entry("bmp: a negative size", "a.bmp: ", folder_of(a_bmp=png(PIXELS[0], "BMP")[:18] + b"\xff" * 8 + b"\0" * 40)),
    Entry("one broken of three", "b.png: ", folder_of(a_png=WHOLE_PNG, b_png=WHOLE_PNG[:50], c_png=WHOLE_PNG)),
    Entry("labels of StyleGAN: broken", "dataset.json: not a list", folder_of(a_png=WHOLE_PNG, dataset_json=b"{")),
    Entry("zip: no pictures", "not in a format", file("x.zip", zipped(("a.txt", b"hello")))),
    Entry("zip: in a zip", "not in a format", file("x.zip", zipped(("a.zip", zipped(("a.png", WHOLE_PNG)))))),
    Entry("zip: cut short", "damaged or cut short", file("x.zip", zipped(("a.png", WHOLE_PNG))[:-20])),
    Entry("zip: a password", "password", file("x.zip", encrypted(zipped(("a.png", WHOLE_PNG))))),
    Entry("zip: a flipped byte", "a.png: cannot be decoded", file("x.zip", flipped(zipped(("a.png", WHOLE_PNG)), 80))),
    Entry(
        "zip: a bomb",
        "unpacks to 2048 MiB",
        file("x.zip", claiming(zipped(("a.png", b"\0" * 10_000), how=zipfile.ZIP_DEFLATED), 10_000, 2**31)),
    ),
    Entry("zip: names that climb out", "not in a format", file("x.zip", zipped(("../../executed.png", WHOLE_PNG)))),
    Entry("zip: a link", "not a PNG", file("x.zip", zipped(("a.png", b"/etc/passwd")))),
    Entry("zip: a name that steers", r"\x1b[31m", file("x.zip", zipped((f"{ESCAPE}.png", b"broken")))),
]

TABLES = [
    Entry("csv: a million columns", "columns; at most 4096", file("x.csv", ",".join(f"c{i}" for i in range(10**6)))),
    Entry("csv: a million columns on one line", "columns; at most 4096", file("x.csv", "1," * 10**6 + "1\n")),
    Entry("csv: a line without end", "cannot be read", file("x.csv", "a" * 3_000_000)),
    Entry("csv: more cells than are parsed", "more text than", file("x.csv", ",".join("abcd" * 900) + "\n" * 40_000)),
    Entry("csv: zero bytes", "x.csv: ", file("x.csv", b"a,b\n" + b"\0" * 5000)),
    Entry("csv: UTF-16", "not text in UTF-8", file("x.csv", "a,b\n1,2\n".encode("utf-16"))),
    Entry("csv: Latin-1", "not text in UTF-8", file("x.csv", "naïve,b\n1,2\n".encode("latin-1"))),
    Entry("csv: Latin-1 further down", "not text in UTF-8", file("x.csv", b"a,b\n" + b"x,2\n" * 90_000 + b"\xe9,1\n")),
    Entry("csv: semicolons", "1 samples are too few", file("x.csv", "a;b\n1,5;2,5\n")),
    Entry("csv: more fields than names", "cannot be read", file("x.csv", "a,b\n1,2,3\n4,5,6\n")),
    Entry("csv: rows that grow", "cannot be read", file("x.csv", "a,b\n1,2\n4,5,6\n")),
    Entry("csv: an open quote", "cannot be read", file("x.csv", 'a,b\n1,"2\n')),
    Entry("csv: infinite", "infinite value in row 1, column b", file("x.csv", "a,b\n1,2\n3,inf\n")),
    Entry("csv: beyond all numbers", "infinite value in row 0", file("x.csv", "a,b\n1,1e400\n3,2\n")),
    Entry("csv: names alone", "holds no rows", file("x.csv", "a,b\n")),
    Entry("csv: empty lines", "x.csv: ", file("x.csv", "\n" * 50)),
    Entry("csv: blanks", "x.csv: ", file("x.csv", " ")),
    Entry("csv: nothing but ids", "only counts or names", file("x.csv", "i\n" + "".join(f"{i}\n" for i in range(40)))),
    Entry("csv: noise", "x.csv: ", file("x.csv", np.random.default_rng(0).bytes(5000))),
    Entry("csv: a web page", "a web page", file("x.csv", "<!DOCTYPE html><html>404</html>")),
    Entry(
        "csv: a Git LFS pointer", "git lfs pull", file("x.csv", "version https://git-lfs.github.com/spec/v1\noid 1\n")
    ),
    Entry("csv: names that steer", r"\x1b[31m", file("x.csv", f"a,{ESCAPE}\n" + "1,inf\n2,3\n")),
    Entry("csv: few rows", "1 samples are too few", file("x.csv", "a,b\n1,2\n")),
    Entry("csv: one constant row", "20 samples|too few|x.csv", file("x.csv", "a,b\n1,2")),
    Entry("csv: a huge number in a column of ids", "x.csv: ", file("x.csv", "a\n" + "9" * 400 + "\n" + "1\n" * 40)),
    Entry("tsv: commas", "x.tsv: ", file("x.tsv", "a,b\n1,2\n")),
    Entry(
        "parquet: cut short",
        "cannot be read",
        file("x.parquet", lambda f: parquet(pd.DataFrame(ROWS, columns=[*"abc"]))[:-9]),
    ),
    Entry("parquet: magic alone", "cannot be read", file("x.parquet", b"PAR1")),
    Entry("parquet: noise inside", "cannot be read", file("x.parquet", b"PAR1" + b"\xff" * 200 + b"\xc8\0\0\0PAR1")),
    Entry("parquet: lists", "lists or bytes", file("x.parquet", lambda f: parquet(pd.DataFrame({"a": [[1], [2, 3]]})))),
    Entry("parquet: bytes", "lists or bytes", file("x.parquet", lambda f: parquet(pd.DataFrame({"a": [b"1", b"2"]})))),
    Entry("parquet: no rows", "holds no rows", file("x.parquet", lambda f: parquet(pd.DataFrame({"a": [1.0]})[:0]))),
    Entry(
        "parquet: infinite",
        "infinite value in row 1",
        file("x.parquet", lambda f: parquet(pd.DataFrame({"a": [1, np.inf]}))),
    ),
    Entry(
        "parquet: a long word in every row",
        "characters in 60000 rows",
        file(
            "x.parquet",
            lambda f: parquet(pd.DataFrame({"a": pd.Categorical.from_codes([0] * 60_000, ["z" * 100_000])})),
        ),
    ),
]

PATHS = [
    Entry("path: nothing there", "does not exist", lambda f: f / "x.npy", code=2),
    Entry("path: an address", "does not exist", lambda f: "https://example.org/x.npy", code=2),
    Entry("path: a name that steers", r"\x1b[31m", lambda f: f / ESCAPE, code=2),
    Entry("path: a name of two lines", r"a\nb", lambda f: f / "a\nb", code=2),
    Entry("path: a circle of links", "does not exist", circle, code=2),
    Entry("path: a name too long", "does not exist", lambda f: f / ("x" * 260), code=2),
    Entry("path: a pipe", "neither a regular file nor a folder", piped),
    Entry("path: a device", "neither a regular file nor a folder", lambda f: "/dev/zero"),
    Entry("path: a name that steers, broken", r"\x1b[31m", file(f"{ESCAPE}.npy", npy(ROWS)[:200])),
    Entry("labels: too few", "40 samples, but 39 labels", file("y.npy", npy(LABELS[:39])), role="labels"),
    Entry("labels: not whole", "not one integer a row", file("y.npy", npy(LABELS + 0.5)), role="labels"),
    Entry(
        "labels: two a row", "not one integer a row", file("y.npy", npy(np.stack((LABELS, LABELS), 1))), role="labels"
    ),
    Entry("labels: nothing there", "No such file", lambda f: f / "y.npy", role="labels", code=2),
    Entry("labels: words", "not one integer a row", file("y.csv", "y\n" + "cat\nape\n" * 20), role="labels"),
    Entry(
        "labels: code",
        "a pickle",
        file("y.npy", lambda f: pickle.dumps(Payload(f), 4)),
        role="labels",
        fires=unsafe_pickle,
    ),
]

CHECKPOINTS = [
    Entry("ckpt: code", "refused", file("g.pt", lambda f: torch_file(Payload(f))), "checkpoint", fires=unsafe_torch),
    Entry(
        "ckpt: code beside the weights",
        "refused",
        file("g.ckpt", lambda f: torch_file({"state_dict": STATE, "hyper_parameters": Payload(f)})),
        "checkpoint",
        fires=unsafe_torch,
    ),
    Entry(
        "ckpt: a pickle",
        "refused",
        file("g.pkl", lambda f: pickle.dumps(Payload(f), 4)),
        "checkpoint",
        fires=unsafe_pickle,
    ),
    Entry(
        "ckpt: a pickle called safetensors",
        "refused",
        file("g.safetensors", lambda f: pickle.dumps(Payload(f), 4)),
        "checkpoint",
        fires=unsafe_pickle,
    ),
    Entry("ckpt: TorchScript", "TorchScript", file("g.pt", scripted), "checkpoint"),
    Entry("ckpt: a torch.export package", "refused", file("g.pt2", zipped(("a/archive_format", b"pt2"))), "checkpoint"),
    Entry("ckpt: empty", "the file is empty", file("g.pt", b""), "checkpoint"),
    Entry(
        "ckpt: a Git LFS pointer",
        "git lfs pull",
        file("g.pt", "version https://git-lfs.github.com/spec/v1\n"),
        "checkpoint",
    ),
    Entry("ckpt: a web page", "a web page", file("g.pt", "<html>404"), "checkpoint"),
    Entry("ckpt: cut short", "damaged or cut short", file("g.pt", torch_file(STATE)[:-60]), "checkpoint"),
    Entry(
        "ckpt: a flipped byte",
        "checksum mismatch",
        file("g.pt", flipped(torch_file({"w": torch.ones(999)}), 2500)),
        "checkpoint",
    ),
    Entry("ckpt: gzip", "g.pt: ", file("g.pt", gzip.compress(torch_file(STATE))), "checkpoint"),
    Entry("ckpt: a zip", "zip archive", file("g.pt", zipped(("weights.bin", b"1234"))), "checkpoint"),
    Entry("ckpt: noise", "not a checkpoint", file("g.pt", b"\x37\x7a\xbc\xaf" * 99), "checkpoint"),
    Entry("ckpt: a folder", "set: ", folder_of(), "checkpoint"),
    Entry("ckpt: no tensors", "holds no state dict", file("g.pt", torch_file({"step": 3})), "checkpoint"),
    Entry(
        "safetensors: longer than the file",
        "g.safetensors: ",
        file("g.safetensors", safetensors({"w": HEAD}, length=2**26)),
        "checkpoint",
    ),
    Entry("safetensors: not JSON", "cannot be read", file("g.safetensors", safetensors(b"{" * 60)), "checkpoint"),
    Entry(
        "safetensors: beyond its end",
        "cannot be read",
        file("g.safetensors", safetensors({"w": HEAD | {"data_offsets": [0, 2**40]}})),
        "checkpoint",
    ),
    Entry(
        "safetensors: offsets that overlap",
        "cannot be read",
        file("g.safetensors", safetensors({"w": HEAD, "v": HEAD})),
        "checkpoint",
    ),
    Entry(
        "safetensors: a size that is none",
        "cannot be read",
        file("g.safetensors", safetensors({"w": HEAD | {"shape": [-4]}})),
        "checkpoint",
    ),
    Entry(
        "safetensors: an unknown type",
        "cannot be read",
        file("g.safetensors", safetensors({"w": HEAD | {"dtype": "X99"}})),
        "checkpoint",
    ),
    Entry("safetensors: as data", "the checkpoint comes first", file("x.safetensors", safetensors({"w": HEAD}))),
]

ENTRIES = [*ARRAYS, *PICTURES, *TABLES, *PATHS, *CHECKPOINTS]
