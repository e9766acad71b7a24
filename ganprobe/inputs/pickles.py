"""What a pickle would build and call, found out without building or calling anything.

A pickle is a program for a stack machine. `read` runs that machine on descriptions: a global name stays a `Named`, a
call becomes a `Built` with the name and its arguments, and a tensor, which torch writes as a call of one of its
``_rebuild`` functions, becomes a `TensorInfo`. No name is imported, so this is as safe on a hostile file as on any
other, and it costs at most a bounded number of steps.

Containers come out as Python's own. They may loop and share, as pickles may: whoever walks them keeps count.
"""

from __future__ import annotations

import io
import pickletools
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

_MOST_STEPS = 2_000_000
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


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """``values``: what each pickle would give. ``names``: all that it refers to.

    ``calls``: the first call of each name that would be called. ``counts``: how often each would be.
    """

    values: tuple[Any, ...]
    names: frozenset[str]
    calls: dict[str, Built]
    counts: Counter[str]


def read(content: bytes, count: int = 1) -> Reading:
    """The first ``count`` pickles in ``content``; `ValueError` where it is none, is cut short, or is too long."""
    stream, machine = io.BytesIO(content), _Machine()
    with warnings.catch_warnings():  # of odd escapes in texts of protocol 0
        warnings.simplefilter("ignore")
        values = tuple([machine.run(stream) for _ in range(count)])
    return Reading(values, frozenset(machine.names), machine.calls, machine.counts)


class _Machine:
    def __init__(self) -> None:
        self.names: set[str] = set()
        self.calls: dict[str, Built] = {}
        self.counts: Counter[str] = Counter()
        self.steps = 0
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def run(self, stream: io.BytesIO) -> Any:
        """One pickle to its STOP."""
        self.stack, self.marks, self.memo = [], [], {}
        try:
            for opcode, argument, _ in pickletools.genops(stream):
                self.steps += 1
                if self.steps > _MOST_STEPS:
                    raise ValueError("too many steps for a checkpoint")
                if opcode.name == "STOP":
                    return self.stack.pop()
                self._step(opcode.name, argument)
        except (IndexError, KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a well-formed pickle") from error
        raise ValueError("cut short")

    def _step(self, name: str, argument: Any) -> None:
        if name in _EFFECTS:
            _EFFECTS[name](self, argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name]())
        elif name not in ("PROTO", "FRAME", "READONLY_BUFFER"):
            self.stack.append(argument)  # a literal

    def _marked(self) -> list[Any]:
        start = self.marks.pop()
        taken = self.stack[start:]
        del self.stack[start:]
        return taken

    def _popped(self, n: int) -> list[Any]:
        if n > len(self.stack):
            raise IndexError
        taken = self.stack[len(self.stack) - n :]
        del self.stack[len(self.stack) - n :]
        return taken

    def _pop(self) -> None:
        if self.marks and self.marks[-1] == len(self.stack):
            self.marks.pop()
        else:
            self.stack.pop()

    def _forget(self) -> None:
        self._marked()

    def _named(self, name: str) -> None:
        self.names.add(name)
        self.stack.append(Named(name))

    def _stack_global(self) -> None:
        module, name = self._popped(2)
        # Whoever hides a name behind a computation has something to hide.
        self._named(f"{module}.{name}" if isinstance(module, str) and isinstance(name, str) else "a computed name")

    def _call(self, called: Any, arguments: Any) -> None:
        name = called.name if isinstance(called, Named | Built) else type(called).__name__
        given = tuple(arguments) if isinstance(arguments, tuple | list) else (arguments,)
        built = Built(name, given)
        self.calls.setdefault(name, built)
        self.counts[name] += 1
        self.stack.append(_value(built))

    def _build(self) -> None:
        state = self.stack.pop()
        if isinstance(self.stack[-1], Built):
            self.stack[-1].state = state

    def _set(self, target: Any, pairs: list[Any]) -> None:
        held = target.items if isinstance(target, Built) else target
        for key, value in zip(pairs[::2], pairs[1::2], strict=False):
            if isinstance(held, dict):
                try:
                    held[key] = value
                except TypeError:  # a key that cannot be one
                    held[f"<{type(key).__name__}>"] = value

    def _add(self, target: Any, values: list[Any]) -> None:
        if isinstance(target, list):
            target += values
        elif isinstance(target, Built):
            target.items |= {len(target.items) + i: value for i, value in enumerate(values)}

    def _put(self, key: int | None) -> None:
        self.memo[len(self.memo) if key is None else int(key)] = self.stack[-1]

    def _replace(self, make: Callable[[list[Any]], Any], n: int | None) -> None:
        taken = self._marked() if n is None else self._popped(n)
        self.stack.append(make(taken))


def _as_dict(pairs: list[Any]) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    _Machine()._set(made, pairs)
    return made


def _instantiate(machine: _Machine, argument: str) -> None:
    machine.names.add(argument.replace(" ", "."))
    machine._call(Named(argument.replace(" ", ".")), machine._marked())


def _object(machine: _Machine, argument: Any) -> None:
    called, *arguments = machine._marked()
    machine._call(called, arguments)


def _apply(machine: _Machine, n: int) -> None:
    called, *arguments = machine._popped(n)
    machine._call(called, arguments[0])


def _with_target(do: Callable[[_Machine, Any, list[Any]], None], n: int | None) -> Callable[[_Machine, Any], None]:
    def effect(machine: _Machine, argument: Any) -> None:
        values = machine._marked() if n is None else machine._popped(n)
        do(machine, machine.stack[-1], values)

    return effect


_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False, "EMPTY_TUPLE": tuple, "EMPTY_LIST": list,
    "EMPTY_DICT": dict, "EMPTY_SET": list, "NEXT_BUFFER": bytes,
}  # fmt: skip
_EFFECTS: dict[str, Callable[[_Machine, Any], None]] = {
    "MARK": lambda m, _: m.marks.append(len(m.stack)),
    "POP": lambda m, _: m._pop(),
    "POP_MARK": lambda m, _: m._forget(),
    "DUP": lambda m, _: m.stack.append(m.stack[-1]),
    "PUT": lambda m, key: m._put(key),
    "BINPUT": lambda m, key: m._put(key),
    "LONG_BINPUT": lambda m, key: m._put(key),
    "MEMOIZE": lambda m, _: m._put(None),
    "GET": lambda m, key: m.stack.append(m.memo[int(key)]),
    "BINGET": lambda m, key: m.stack.append(m.memo[key]),
    "LONG_BINGET": lambda m, key: m.stack.append(m.memo[key]),
    "TUPLE": lambda m, _: m._replace(tuple, None),
    "TUPLE1": lambda m, _: m._replace(tuple, 1),
    "TUPLE2": lambda m, _: m._replace(tuple, 2),
    "TUPLE3": lambda m, _: m._replace(tuple, 3),
    "LIST": lambda m, _: m._replace(list, None),
    "FROZENSET": lambda m, _: m._replace(tuple, None),
    "DICT": lambda m, _: m._replace(_as_dict, None),
    "APPEND": _with_target(_Machine._add, 1),
    "APPENDS": _with_target(_Machine._add, None),
    "ADDITEMS": _with_target(_Machine._add, None),
    "SETITEM": _with_target(_Machine._set, 2),
    "SETITEMS": _with_target(_Machine._set, None),
    "GLOBAL": lambda m, name: m._named(name.replace(" ", ".")),
    "STACK_GLOBAL": lambda m, _: m._stack_global(),
    "EXT1": lambda m, code: m._named(f"an extension ({code})"),
    "EXT2": lambda m, code: m._named(f"an extension ({code})"),
    "EXT4": lambda m, code: m._named(f"an extension ({code})"),
    "INST": _instantiate,
    "OBJ": _object,
    "REDUCE": lambda m, _: _apply(m, 2),
    "NEWOBJ": lambda m, _: _apply(m, 2),
    "NEWOBJ_EX": lambda m, _: _apply(m, 3),
    "BUILD": lambda m, _: m._build(),
    "PERSID": lambda m, key: m.stack.append(Built("persistent", (key,))),
    "BINPERSID": lambda m, _: m._replace(lambda taken: Built("persistent", tuple(taken)), 1),
}


def _value(built: Built) -> Any:
    """The plain value that a harmless call gives; the call itself where it is another."""
    match built.name:
        case "collections.OrderedDict" | "collections.defaultdict" | "collections.Counter":
            rows = built.arguments[0] if built.arguments and isinstance(built.arguments[0], list) else []
            return _as_dict([part for row in rows if isinstance(row, tuple | list) and len(row) == 2 for part in row])
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
        if id(node) in seen or depth > _MOST_DEPTH or len(queue) > _MOST_STEPS:
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
