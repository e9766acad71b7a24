"""Broken and hostile archives of samples, sounds and indices of weights, as `builder` has other files."""

from __future__ import annotations

import json
import os
import struct
import tarfile
from pathlib import Path
from zlib import compress

import numpy as np
import torch
from corpus.builder import HEAD, PIXELS, Build, Entry, file, folder_of, npy, png, png_of, safetensors, torch_file
from recordings import sound


def wav(frames: int = 64, channels: int = 1, rate: int = 8_000) -> bytes:
    return sound(np.linspace(-0.5, 0.5, frames * channels).reshape(frames, channels), rate)


def wav_header(**fields: int) -> bytes:
    """A sound whose header says something else than the bytes that follow."""
    said = {"kind": 1, "channels": 1, "rate": 8_000, "bits": 16, "data": 128} | fields
    width = said["bits"] // 8 * said["channels"]
    a_second = said["rate"] * width % 2**32
    form = struct.pack("<HHIIHH", said["kind"], said["channels"], said["rate"], a_second, width % 2**16, said["bits"])
    chunks = b"fmt " + struct.pack("<I", said.get("form", len(form))) + form + b"data" + struct.pack("<I", said["data"])
    return b"RIFF" + struct.pack("<I", said.get("riff", len(chunks) + 132)) + b"WAVE" + chunks + bytes(range(128))


def member(
    name: str, content: bytes = b"", size: int | None = None, kind: bytes = tarfile.REGTYPE, to: str = ""
) -> bytes:
    """One entry of a tar archive, whose header may promise another ``size``."""
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(content) if size is None else size, kind, to
    return info.tobuf(tarfile.GNU_FORMAT) + content + b"\0" * (-len(content) % 512)


def tar(*members: bytes, name: str = "x.tar") -> Build:
    return file(name, b"".join(members) + b"\0" * 1024)


def sounds(content: bytes) -> Build:
    """A folder of forty good sounds and this one, first of all."""
    return folder_of(**{f"a{i:02}_wav": wav() for i in range(40)}, **{"a_wav": content})


def index(weights: object, **beside: bytes) -> Build:
    def build(folder: Path) -> Path:
        path = folder / "model.safetensors.index.json"
        path.write_bytes(weights if isinstance(weights, bytes) else json.dumps({"weight_map": weights}).encode())
        for name, content in beside.items():
            (folder / name.replace("_", ".")).write_bytes(content)
        return path

    return build


def piped_beside(folder: Path) -> Path:
    os.mkfifo(folder / "a.safetensors")
    return Path(index({"w": "a.safetensors"})(folder))


def linked_away(folder: Path) -> Path:
    (folder / "a.safetensors").symlink_to("/etc/passwd")
    return Path(index({"w": "a.safetensors"})(folder))


LONG = tarfile.GNUTYPE_LONGNAME
PICTURE = png(PIXELS[0])


def good(name: str) -> bytes:
    return member(name, PICTURE)


TARS = [
    Entry("tar: a name that climbs out", "outside the archive", tar(member("../../executed.png", PICTURE))),
    Entry("tar: a name from the root", "outside the archive", tar(member("/executed.png", PICTURE))),
    Entry("tar: a link out", "no ", tar(member("a.png", kind=tarfile.SYMTYPE, to="/etc/passwd"))),
    Entry("tar: a hard link out", "no ", tar(member("a.png", kind=tarfile.LNKTYPE, to="/etc/passwd"))),
    Entry("tar: a device", "no ", tar(member("a.png", kind=tarfile.CHRTYPE))),
    Entry("tar: a pipe", "no ", tar(member("a.png", kind=tarfile.FIFOTYPE))),
    Entry("tar: a terabyte promised", "promises", tar(member("a.png", PICTURE, 2**40))),
    Entry("tar: a negative size", "damaged|breaks off", tar(member("a.png", PICTURE, -5))),
    Entry("tar: a long name of terabytes", "damaged", tar(member("a", b"b" * 99, 2**40, LONG))),
    Entry("tar: extended headers of terabytes", "damaged", tar(member("a", b"b" * 99, 2**40, tarfile.XHDTYPE))),
    Entry("tar: long names of long names", "damaged|no ", tar(member("a", b"b" * 9, 9, LONG) * 4_000)),
    Entry("tar: a sparse bomb", "promises|damaged", tar(member("a.png", PICTURE, 2**33, tarfile.GNUTYPE_SPARSE))),
    Entry("tar: cut short", "damaged|breaks off", file("x.tar", (good("a.png") * 3)[:700])),
    Entry("tar: no files", "no |holds", tar(member("a", kind=tarfile.DIRTYPE))),
    Entry("tar: words alone", "no ", tar(*(member(f"{i}.txt", b"words") for i in range(40)))),
    Entry("tar: a picture that is a bomb", "9000", tar(member("a.png", png_of(9_000, 9_000, compress(b"\0"))))),
    Entry("tar: a picture that is none", "a.png", tar(member("a.png", b"\x89PNG nothing"))),
    Entry(
        "tar: arrays that promise much",
        "cannot be read|promise",
        tar(*(member(f"{i}.npy", npy(PIXELS[0])[:90]) for i in range(40))),
    ),
    Entry("tar: few pictures", "too few", tar(*(good(f"{i}.png") for i in range(9)))),
    Entry("tar: a name that steers", "too few", tar(*(member(f"\x1b[31m{i}.png", PICTURE) for i in range(9)))),
    Entry("tar: packed as gzip", "x.tar.gz", file("x.tar.gz", b"\x1f\x8b\x08\0" + b"\0" * 900)),
]

SOUNDS = [
    Entry("wav: empty", "a.wav", sounds(b"")),
    Entry("wav: cut in its header", "a.wav", sounds(wav()[:30])),
    Entry("wav: not a sound", "a.wav", sounds(b"\0" * 900)),
    Entry("wav: compressed", "a.wav", sounds(wav_header(kind=85))),
    Entry("wav: floats", "a.wav", sounds(wav_header(kind=3, bits=32))),
    Entry("wav: no channels", "a.wav", sounds(wav_header(channels=0))),
    Entry("wav: no rate", "a.wav", sounds(wav_header(rate=0))),
    Entry("wav: no bits", "a.wav", sounds(wav_header(bits=0))),
    Entry("wav: chunks beyond the end", "a.wav", sounds(wav_header(form=2**31))),
    Entry("wav: another rate", "a.wav", sounds(wav(rate=44_100))),
    Entry("wav: few", "too few", folder_of(**{f"{i}_wav": wav() for i in range(9)})),
    Entry("wav: silence of no length", "wav", folder_of(**{f"{i}_wav": wav_header(data=0)[:44] for i in range(40)})),
]

INDICES = [
    Entry("index: a name that climbs out", "not beside it", index({"w": "../g.safetensors"}), "checkpoint"),
    Entry("index: a name from the root", "not beside it", index({"w": "/etc/passwd"}), "checkpoint"),
    Entry("index: a file that is not there", "is not there", index({"w": "a.safetensors"}), "checkpoint"),
    Entry("index: itself", "index.json", index({"w": "model.safetensors.index.json"}), "checkpoint"),
    Entry("index: not JSON", "index.json", index(b"{" * 9_000), "checkpoint"),
    Entry("index: deep", "index.json", index(b"[" * 90_000 + b"]" * 90_000), "checkpoint"),
    Entry("index: a list", "index.json", index(b"[1, 2]"), "checkpoint"),
    Entry("index: a map that is none", "index.json", index([1, 2]), "checkpoint"),
    Entry("index: no weights", "index.json", index({}), "checkpoint"),
    Entry("index: numbers for names", "index.json", index({"w": 7}), "checkpoint"),
    Entry("index: a part that is a pipe", "safetensors", piped_beside, "checkpoint"),
    Entry("index: a part that is a link away", "safetensors", linked_away, "checkpoint"),
    Entry(
        "index: a part that is noise",
        "safetensors",
        index({"w": "a.safetensors"}, a_safetensors=b"\x37" * 99),
        "checkpoint",
    ),
    Entry(
        "index: a part beyond its end",
        "cannot be read",
        index({"w": "a.safetensors"}, a_safetensors=safetensors({"w": HEAD | {"data_offsets": [0, 2**40]}})),
        "checkpoint",
    ),
    Entry(
        "index: code in a part",
        "refused",
        index({"w": "a.bin"}, a_bin=torch_file({"w": torch.nn.Linear(2, 2)})),
        "checkpoint",
    ),
]

ENTRIES = [*TARS, *SOUNDS, *INDICES]
