"""What a file holds, described and not built: names, calls, tensors.

A file of weights is read twice, by two readers: the one that loads it gives torch's tensors, the one that only looks
gives these descriptions, without importing torch or anything that the file names. Whatever text is in them comes from
the file: it is shown cut to a length, for a name may be longer than a page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_MOST_NODES = 2_000_000
_MOST_DEPTH = 64
_ITEM_BYTES = {
    "float64": 8, "int64": 8, "float32": 4, "int32": 4, "float16": 2, "bfloat16": 2, "int16": 2, "int8": 1,
    "uint8": 1, "bool": 1,
}  # fmt: skip
_STORAGE_DTYPES = {
    "Double": "float64", "Float": "float32", "Half": "float16", "BFloat16": "bfloat16", "Long": "int64", "Int": "int32",
    "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """A global name that a pickle refers to, unresolved."""

    name: str


@dataclass(slots=True, eq=False)
class Built:
    """What calling ``name`` with ``arguments`` would give, the ``state`` it would get, and ``items`` put into it."""

    name: str
    arguments: tuple[Any, ...]
    state: Any = None
    items: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """A tensor as a file describes it. ``claimed`` and ``stored`` are the bytes that it needs and that its storage has.

    ``storage`` is the storage's name in the file; None for ``stored`` where the file does not say.
    """

    shape: tuple[int, ...]
    dtype: str
    storage: str = ""
    stored: int | None = None

    @property
    def count(self) -> int:
        """How many numbers it has."""
        n = 1
        for size in self.shape:
            n *= size
        return n

    @property
    def claimed(self) -> int:
        """The bytes that so many numbers take."""
        return self.count * _ITEM_BYTES.get(self.dtype, 1)


def filled(held: Any, pairs: list[Any]) -> None:
    """Put the ``pairs``, keys and values in turn, into what holds them, where that is a table."""
    for key, value in zip(pairs[::2], pairs[1::2], strict=False):
        if isinstance(held, dict):
            try:
                held[key] = value
            except TypeError:  # a key that cannot be one
                held[f"<{type(key).__name__}>"] = value


def as_dict(pairs: list[Any]) -> dict[Any, Any]:
    """A table of the ``pairs``."""
    made: dict[Any, Any] = {}
    filled(made, pairs)
    return made


def plain_value(built: Built) -> Any:
    """The plain value that a harmless call gives; the call itself where it is another."""
    match built.name:
        case "collections.OrderedDict" | "collections.defaultdict" | "collections.Counter":
            rows = built.arguments[0] if built.arguments and isinstance(built.arguments[0], list) else []
            return as_dict([part for row in rows if isinstance(row, tuple | list) and len(row) == 2 for part in row])
        case "torch.Size" | "builtins.set" | "__builtin__.set" if built.arguments:
            return built.arguments[0]
        case "torch._utils._rebuild_parameter":
            return built.arguments[0]
        case "torch._utils._rebuild_tensor" | "torch._utils._rebuild_tensor_v2" | "torch._utils._rebuild_tensor_v3":
            return _tensor(built) or built
    return built


def _tensor(built: Built) -> TensorInfo | None:
    storage, _, shape, *rest = built.arguments
    identity = storage.arguments[0] if isinstance(storage, Built) and storage.arguments else None
    plain = isinstance(shape, tuple) and all(isinstance(n, int) and 0 <= n < 2**63 for n in shape)
    if not plain or len(shape) > 64 or not isinstance(identity, tuple) or len(identity) < 5:
        return None
    _, kind, key, _, numel, *_ = identity
    word = kind.name.rpartition(".")[2].removesuffix("Storage") if isinstance(kind, Named) else ""
    dtype = _STORAGE_DTYPES.get(word, "?")
    if dtype == "?":  # an untyped storage: the type stands beside it
        dtype = next((n.name.rpartition(".")[2] for n in rest if isinstance(n, Named)), "?")
    stored = numel * _ITEM_BYTES.get(_STORAGE_DTYPES.get(word, "int8"), 1) if isinstance(numel, int) else None
    return TensorInfo(shape, dtype, str(key), stored)


def tensors_of(module: Built) -> dict[str, TensorInfo]:
    """The tensors of a pickled network under the names that its ``state_dict`` would give them."""
    found: dict[str, TensorInfo] = {}
    queue: list[tuple[str, Any, int]] = [("", module, 0)]
    seen: set[int] = set()
    for prefix, node, depth in queue:
        if id(node) in seen or depth > _MOST_DEPTH or len(queue) > _MOST_NODES:
            continue
        seen.add(id(node))
        for name, value in _attributes(node):
            if isinstance(value, TensorInfo):
                found[prefix + name] = value
            elif isinstance(value, Built):
                queue.append((f"{prefix}{name}.", value, depth + 1))
    return found


def _attributes(node: Built) -> Iterator[tuple[str, Any]]:
    """Parameters, buffers and submodules; TorchScript keeps all three as plain attributes."""
    state = node.state if isinstance(node.state, dict) else {}
    tables = [state.get(table) for table in ("_parameters", "_buffers", "_modules")]
    for table in [t for t in tables if isinstance(t, dict)] or [state]:
        yield from ((name, value) for name, value in table.items() if isinstance(name, str))


def what(value: Any) -> str:
    """What an entry is, in a few words."""
    if isinstance(value, TensorInfo):
        return f"tensor {'x'.join(map(str, value.shape)) or 'of one number'} {value.dtype}"
    if isinstance(value, Mapping):
        if {"state", "param_groups"} <= value.keys():
            return "an optimiser's state"
        tensors = sum(isinstance(inner, TensorInfo) for inner in value.values())
        return f"{tensors} tensors" if tensors == len(value) and tensors else f"table of {len(value)}"
    if isinstance(value, Built):
        return f"object {value.name}"
    if isinstance(value, list | tuple):
        return f"list of {len(value)}"
    return shown(value)


def shown(value: Any) -> str:
    """A value in at most 60 characters."""
    match value:
        case Named() | Built():
            text = value.name
        case TensorInfo():
            text = what(value)
        case str() | bytes():
            text = repr(value[:60])
        case bool() | float() | None:
            text = repr(value)
        case int():
            text = repr(value) if abs(value) < 10**30 else "a huge integer"
        case _:
            text = f"{type(value).__name__} of {len(value)}"
    return text if len(text) <= 60 else f"{text[:57]}..."


def cut(name: str, most: int = 60) -> str:
    """A name from a file in at most so many characters, and how many it has."""
    return name if len(name) <= most else f"{name[: most - 24]}... ({len(name)} characters)"
