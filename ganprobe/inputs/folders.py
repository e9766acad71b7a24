"""Folders as Hugging Face's libraries write them: weights under known names, arguments in ``config.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_WHOLE = tuple(
    f"{stem}.{ending}" for stem, ending in (
        ("model", "safetensors"), ("pytorch_model", "bin"), ("diffusion_pytorch_model", "safetensors"),
        ("diffusion_pytorch_model", "bin"),
    )
)  # fmt: skip
# Files of weights, the likeliest first; in several files they have an index.
WEIGHTS = (*_WHOLE, *(f"{name}.index.json" for name in _WHOLE))
_MOST_CONFIG = 2**20


def weights(path: Path) -> Path:
    """The weights in a folder; any other path as it is."""
    inside = (path / name for name in WEIGHTS)
    return next((file for file in inside if file.is_file()), path) if path.is_dir() else path


def config(path: Path) -> dict[str, Any]:
    """``config.json`` beside the weights at ``path``, and nothing where there is none."""
    beside = path.with_name("config.json")
    if not beside.is_file() or beside.stat().st_size >= _MOST_CONFIG:
        return {}
    table = json.loads(beside.read_text(encoding="utf-8"))
    return table if isinstance(table, dict) else {}


def lacking(folder: Path) -> tuple[str, str]:
    """What is wrong with a folder without weights, and what to do: a pipeline has a network in each of its folders."""
    if (folder / "model_index.json").is_file():
        parts = sorted(part.name for part in folder.iterdir() if part.is_dir() and weights(part) != part)
        what = f"{folder}: a pipeline of several networks ({', '.join(parts)})"
        return what, "give one of its folders, its class with -m, and --call FILE.py:sample, which samples with it"
    return (
        f"{folder}: a folder without pictures, model.safetensors or pytorch_model.bin",
        "give one checkpoint file, or a folder of generated pictures",
    )
