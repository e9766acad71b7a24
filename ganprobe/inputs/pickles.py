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
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ganprobe.inputs.described import Built, Named, as_dict, filled, plain_value

_MOST_STEPS = 2_000_000


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
        self.stack.append(plain_value(built))

    def _build(self) -> None:
        state = self.stack.pop()
        if isinstance(self.stack[-1], Built):
            self.stack[-1].state = state

    def _set(self, target: Any, pairs: list[Any]) -> None:
        filled(target.items if isinstance(target, Built) else target, pairs)

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
    "DICT": lambda m, _: m._replace(as_dict, None),
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
