"""An `Audit` as JSON, a `History` as lines of it, and back unchanged; and how a result gets onto the disk.

The document is the interface that other programs read. Its ``schema`` is ``ganprobe/<major>``: keys may be added
within a major, so unknown ones are ignored; a newer major is refused, because what it means is not known here. What
was not measured is null, never NaN. A history is JSONL: one audit a line in order, then one line, of the schema
``ganprobe-history/<major>``, with what they say together. A file is written whole or not at all.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import tempfile
import types
import typing
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from ganprobe.errors import InputError, ResourceError, UsageError
from ganprobe.record.audit import SCHEMA, Audit, Measurements
from ganprobe.record.bound import Bound, Bounded
from ganprobe.record.history import HISTORY_SCHEMA, History, HistoryRecord

# Far above any audit (about 50 kB), far below what would hurt.
_LARGEST = 64 * 2**20


def to_json(audit: Audit, indent: int | None = None) -> str:
    """One JSON object, ASCII only, keys always in the same order; without ``indent`` on a single line."""
    fields = _encode(audit)
    measured = fields.pop("measurements")
    judged = {name: fields.pop(name) for name in ("findings", "gates", "verdict", "verdict_reason")}
    return json.dumps(
        {"schema": SCHEMA} | fields | measured | judged, indent=indent, ensure_ascii=True, allow_nan=False
    )


def history_to_jsonl(history: History) -> str:
    """One audit a line, then what they say together; every line ends in a new line."""
    last = {"schema": HISTORY_SCHEMA} | _encode(history.record)
    lines = (*map(to_json, history.audits), json.dumps(last, ensure_ascii=True, allow_nan=False))
    return "".join(f"{line}\n" for line in lines)


def from_json(text: str) -> Audit:
    """The audit that `to_json` wrote; raises `InputError` where ``text`` is not one, or has a newer schema."""
    document = _document(text)
    _check_schema(document["schema"], SCHEMA)
    measurements = _decode(Measurements, document, "")
    return typing.cast(Audit, _decode(Audit, document | {"measurements": measurements}, ""))


def history_from_jsonl(text: str) -> History:
    """The history that `history_to_jsonl` wrote; raises `InputError` that names the line where it is damaged."""
    *audits, last = text.strip().splitlines()
    try:
        document = _document(last)
        _check_schema(document["schema"], HISTORY_SCHEMA)
        record = typing.cast(HistoryRecord, _decode(HistoryRecord, document, ""))
    except InputError as error:
        raise InputError(f"the last line is no history: {error.message}", "make it again: compare resumes") from None
    read = []
    for number, line in enumerate(audits, 1):
        try:
            read.append(from_json(line))
        except InputError as error:
            raise InputError(f"line {number}: {error.message}", "make it again: compare resumes") from None
    if len(read) != len(record.trend.values):
        said = f"it holds {len(read)} audits, and its last line is about {len(record.trend.values)}"
        raise InputError(said, "make it again: compare resumes")
    return History(tuple(read), record)


def read(path: Path) -> Audit:
    """The audit saved at ``path``; a file of several lines, one audit each, is refused."""
    text = _text(path)
    if len(lines := _lines(text)) > 1:
        raise InputError(f"{path} holds {len(lines)} audits, one per line", f"keep one, for example: tail -n 1 {path}")
    return _named(path, from_json, text)


def read_any(path: Path) -> Audit | History:
    """The audit, or the history, saved at ``path``."""
    text = _text(path)
    return _named(path, history_from_jsonl, text) if len(_lines(text)) > 1 else _named(path, from_json, text)


_Read = typing.TypeVar("_Read")


def _named(path: Path, reader: Callable[[str], _Read], text: str) -> _Read:
    try:
        return reader(text)
    except InputError as error:
        raise InputError(f"{path}: {error.message}", error.hint) from None


def _lines(text: str) -> list[str]:
    """The lines of JSONL; none where ``text`` is a single object, indented."""
    lines = text.strip().splitlines()
    return lines if all(line.startswith("{") for line in lines) else []


def _text(path: Path) -> str:
    if not path.exists():
        raise UsageError(f"{path} does not exist", "give a file that ganprobe js --json -o wrote")
    if not path.is_file() or path.stat().st_size > _LARGEST:
        raise InputError(f"{path} is not a saved audit", "give a file that ganprobe js --json -o wrote")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}", "give a file that ganprobe js --json -o wrote") from None


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise InputError(f"this is not a saved audit: {error}", "give the file that ganprobe js --json wrote") from None
    if not isinstance(document, dict) or "schema" not in document:
        raise InputError("this is not a saved audit: it has no schema", "give the file that ganprobe js --json wrote")
    return document


def check_writable(path: Path) -> None:
    """Raise `UsageError` if `write` could not put a file at ``path``: said before the long work, not after it."""
    folder = path.resolve().parent
    if not folder.is_dir():
        raise UsageError(f"{path} cannot be written: there is no folder {folder}", "make it first, or write elsewhere")
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} cannot be written: it is not a regular file", "name a file")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{path} cannot be written: {folder} is read-only", "write elsewhere")


def write(path: Path, content: str | bytes) -> None:
    """Put ``content`` at ``path``, whole or not at all; raises `ResourceError` and leaves what was there."""
    data = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
    target = path.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o666 & ~_umask())  # mkstemp lets only the owner read
            temporary.replace(target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        _sync_folder(target.parent)
    except OSError as error:
        message = f"{path} could not be written: {error.strerror}"
        raise ResourceError(message, "free some space or write elsewhere") from None


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} is not a finite number")
    return number


def _check_schema(schema: Any, wanted: str) -> None:
    family, _, major = wanted.partition("/")
    name, _, given = schema.partition("/") if isinstance(schema, str) else ("", "", "")
    if name != family or not given.isdecimal():
        raise InputError(f"this is not a saved audit: its schema is {schema!r}", f"{wanted} is read here")
    if int(given) > int(major):
        raise InputError(f"this audit has the newer schema {schema}", "upgrade ganprobe to read it")
    if int(given) < int(major):
        raise InputError(f"this audit has the older schema {schema}", "make it again with this version")


def _encode(value: Any) -> Any:
    """A record as JSON's own types; a bound's numbers stand beside the other fields of the record that has it."""
    if isinstance(value, tuple | list):
        return [_encode(item) for item in value]
    if isinstance(value, dict):
        return {key: _encode(item) for key, item in value.items()}
    if not dataclasses.is_dataclass(value):
        return value
    document: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        item = getattr(value, field.name)
        if isinstance(value, Bounded) and isinstance(item, Bound):
            document |= {value.KEY: item.value, "low": item.low, "high": item.high, "floor": item.floor}
        else:
            document[field.name] = _encode(item)
    return document | {name: getattr(value, name) for name in getattr(value, "DERIVED", ())}


def _decode(wanted: Any, value: Any, where: str) -> Any:
    """``value`` as the annotated type ``wanted``; what does not fit is an `InputError` that names the field."""
    if wanted is Any or (isinstance(wanted, type) and dataclasses.is_dataclass(wanted) and type(value) is wanted):
        return value
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in arguments:
            return None
        (inner,) = (a for a in arguments if a is not type(None))
        return _decode(inner, value, where)
    if origin is Literal and value in arguments:
        return value
    if origin is tuple and isinstance(value, list):
        return tuple(_decode(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if origin is dict and isinstance(value, dict):
        return {key: _decode(arguments[1], item, f"{where}.{key}") for key, item in value.items()}
    if dataclasses.is_dataclass(wanted) and isinstance(value, dict):
        return _decode_record(typing.cast(type, wanted), value, where)
    # JSON has one kind of number: a float may be written without its point, but a bool is no number.
    if type(value) is wanted or (wanted is float and type(value) is int and abs(value) < 2**53):
        return value
    raise InputError(f"this is not a saved audit: {where} cannot be {_short(value)}", "make it again with this version")


def _decode_record(record: type, value: dict[str, Any], where: str) -> Any:
    hints = typing.get_type_hints(record)
    known: dict[str, Any] = {}
    for field in dataclasses.fields(record):
        name = f"{where}.{field.name}".lstrip(".")
        if hints[field.name] is Bound:
            keys = (record.KEY, "low", "high", "floor") if issubclass(record, Bounded) else ()
            known[field.name] = Bound(*(_decode(float, value.get(key), f"{where}.{key}") for key in keys))
        elif field.name in value:
            known[field.name] = _decode(hints[field.name], value[field.name], name)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise InputError(f"this is not a saved audit: {name} is missing", "make it again with this version")
    return record(**known)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
