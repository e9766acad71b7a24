"""One tensor's name in its several spellings: what wrappers put into names, and what torch has renamed.

Sharding (FSDP), activation checkpointing and ``torch.compile`` put a segment into the middle of names. Weight and
spectral normalisation are written in two ways, by ``torch.nn.utils`` and by its parametrizations; torch itself reads
the old spelling of the first into the new one, and no other. Averages kept as buffers have names without their dots.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_SEGMENTS = ("_fsdp_wrapped_module.", "_checkpoint_wrapped_module.", "_orig_mod.")
# What averagers keep beside the weights.
_COUNTERS = {"decay", "num_updates", "n_averaged", "initted", "step"}
_NEW = re.compile(r"(.*?)parametrizations\.(\w+)\.(original0|original1|original|0\._u|0\._v)")
_OLD = re.compile(r"(.*?)(\w+)_(g|v|orig|u)")
_TO_OLD = {"original0": "g", "original1": "v", "original": "orig", "0._u": "u", "0._v": "v"}
_TO_NEW = {"g": ("original0",), "v": ("original1", "0._v"), "orig": ("original",), "u": ("0._u",)}


def respelled(tensors: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors under the ``wanted`` names of which they have another spelling; the others under their own."""
    cleaned = {_cleaned(name): name for name in tensors}
    dotless = {} if any("." in name for name in tensors) else {name: name for name in tensors}
    found: dict[str, str] = {}
    for name in wanted:
        sources = (cleaned.get(other) for other in _spellings(name))
        source = next((s for s in sources if s is not None), dotless.get(name.replace(".", "")))
        if source is not None:
            found[name] = source
    taken = {*found.values()}
    rest = {name: tensor for name, tensor in tensors.items() if name not in taken}
    if dotless:
        rest = {name: tensor for name, tensor in rest.items() if name not in _COUNTERS}
    return {name: tensors[source] for name, source in found.items()} | rest


def _cleaned(name: str) -> str:
    for segment in _SEGMENTS:
        name = name.replace(segment, "")
    return name


def _spellings(name: str) -> Iterator[str]:
    yield name
    yield _cleaned(name)
    if match := _NEW.fullmatch(name):
        yield f"{match[1]}{match[2]}_{_TO_OLD[match[3]]}"
    elif match := _OLD.fullmatch(name):
        yield from (f"{match[1]}parametrizations.{match[2]}.{new}" for new in _TO_NEW[match[3]])
