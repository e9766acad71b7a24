"""What a column of a table holds, decided on the reals: numbers, dates or levels, whatever way they are written.

A number may be dressed: ``$1,234.50``, ``1.234,50 EUR``, ``12 %``, ``(7)`` for minus seven, spaces around it. A date
has a format; a time of day or a duration (``14:05``, ``2:05:30 pm``) is how many seconds it has. What cannot be read as
the column's kind is not lost: it is a word of its own beside the numbers, as a missing value is.

Text that differs in nearly every row (names, addresses, references) has no levels. It is read by its `form`: what it is
made of, in which order and how long.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.tseries.api import guess_datetime_format

from ganprobe.record.sources import Artefact
from ganprobe.samples.gauge import Gauge, gauge_of
from ganprobe.samples.sides import Floats, Indices

MISSING = "missing"
# What stands for a missing number, in small letters; among levels these are levels like others.
_MEAN_MISSING = frozenset(["?", "-", "--", ".", "n/a", "#n/a", "na", "nan", "null", "none", "missing", "unknown"])
# Text is read as numbers or dates when at least this share of it is.
NEARLY_ALL = 0.95
# Of more different words than this share of the rows none is a level; of so few rows nothing is said.
_DIFFERENT, _FEW = 0.9, 20
# No more times of day than these are levels, as shifts and timetables have them.
_FEW_TIMES = 32
_EPOCH = pd.Timestamp("1970-01-01", tz="UTC")
_DAY = pd.Timedelta(days=1)

Decimal = Literal[".", ","]
_DRESS = re.compile(r"^(?:[$€£¥₹]|USD|EUR|GBP|CHF)?\s*|\s*(?:[$€£¥₹%]|USD|EUR|GBP|CHF)?$")
# Groups of three digits between marks, with a decimal part or without.
_GROUPED = {
    ".": re.compile(r"^[+-]?\d{1,3}(?:[, '\u00a0\u202f]\d{3})+(?:\.\d*)?$"),
    ",": re.compile(r"^[+-]?\d{1,3}(?:[. '\u00a0\u202f]\d{3})+(?:,\d*)?$"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A column as read: ``numbers`` ``[n]`` held by its gauge, 0 where there is a word; None where all are words.

    ``words``: ``[n]`` places in ``names``, -1 where there is a number. ``beside``: read from another column too.
    """

    numbers: Floats | None
    words: Indices
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    beside: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """How a source column is read; ``format`` is that of dates in text, ``decimal`` the mark of numbers in text.

    ``beside``: what is read was taken from a text that is read as well (`_letters`).
    """

    kind: Literal["number", "date", "clock", "level", "form"]
    format: str = "ISO8601"
    decimal: Decimal = "."
    gauge: Gauge | None = None
    beside: bool = False

    @classmethod
    def of(cls, column: pd.Series[Any]) -> Reader:
        """The reader that suits a column of the reals."""
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            return cls("date").gauged(column)
        if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_timedelta64_dtype(column.dtype):
            return cls("number").gauged(column)
        text = plain_text(column).dropna()
        decimals: tuple[Decimal, Decimal] = (".", ",")
        decimal = max(decimals, key=lambda mark: _share(_numbers(text, mark)))
        if not len(text) or _share(_numbers(text, decimal)) >= NEARLY_ALL:
            return cls("number", decimal=decimal).gauged(column)
        format_, share = _best_format(text)
        if share >= NEARLY_ALL:
            return cls("date", format_).gauged(column)
        if text.nunique() > _FEW_TIMES and _share(_clocks(text)) >= NEARLY_ALL:
            return cls("clock").gauged(column)
        return cls("form" if len(text) > _FEW and text.nunique() > _DIFFERENT * len(text) else "level")

    def gauged(self, column: pd.Series[Any]) -> Reader:
        """The same with the gauge of a column of the reals."""
        numbers = self._parsed(column, self.decimal, self.format)
        plain = numbers[~pd.isna(numbers)] if numbers.dtype.kind == "f" else numbers
        finite = plain[np.isfinite(plain)]
        return replace(self, gauge=gauge_of(finite[:, None]) if len(finite) else None)

    def read(self, column: pd.Series[Any]) -> Cells:
        """The cells of a column of either side. Infinite numbers stay infinite."""
        if self.kind == "level":
            return self._worded(None, plain_text(column), np.ones(len(column), np.bool_))
        if self.kind == "form":
            return self._worded(None, plain_text(column).map(form, na_action="ignore"), np.ones(len(column), np.bool_))
        numbers = self._parsed(column, self.decimal, self.format)
        notes: list[str] = []
        text = None if _is_parsed(column) else plain_text(column)
        if text is not None and _share(numbers[text.notna()]) < NEARLY_ALL:
            numbers, notes = self._otherwise(text, numbers)
        odd = np.asarray(pd.isna(numbers), np.bool_)
        held = numbers if self.gauge is None else self.gauge.held(numbers[:, None])[:, 0]
        words = plain_text(column[odd]) if text is None else text[odd]
        known = words.where(~words.str.lower().isin(_MEAN_MISSING))
        return self._worded(np.where(odd, 0.0, held), known, odd, tuple(notes))

    def _worded(
        self, numbers: Floats | None, text: pd.Series[Any], odd: npt.NDArray[np.bool_], notes: tuple[str, ...] = ()
    ) -> Cells:
        """Cells with ``text`` as the words of the rows that are ``odd``."""
        words = np.full(len(odd), -1, np.int64)
        places, names = pd.factorize(text.fillna(MISSING).to_numpy(object), sort=True)
        words[odd] = places
        return Cells(numbers, words, tuple(map(str, names)), notes, self.beside)

    def raw(self, column: pd.Series[Any]) -> npt.NDArray[Any]:
        """The numbers as they stand in the file, without those that are missing."""
        numbers = self._parsed(column, self.decimal, self.format)
        return np.asarray(numbers[~pd.isna(numbers)])

    def _parsed(self, column: pd.Series[Any], decimal: Decimal, format_: str) -> npt.NDArray[Any]:
        if self.kind == "date":
            return _dates(column, format_)
        if self.kind == "clock":
            return _clocks(plain_text(column))
        if pd.api.types.is_timedelta64_dtype(column.dtype):
            return np.asarray(column.dt.total_seconds() / 86_400, np.float64)
        if not pd.api.types.is_numeric_dtype(column.dtype):
            return _numbers(plain_text(column), decimal)
        if column.isna().any() or column.dtype == np.bool_:
            return np.asarray(column.to_numpy(np.float64, na_value=np.nan))
        return np.asarray(column.to_numpy())

    def _otherwise(self, text: pd.Series[Any], numbers: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], list[str]]:
        """The same text in another spelling, where nearly all of it is read so and was not before."""
        if self.kind == "clock":
            return numbers, []
        if self.kind == "date":
            format_, share = _best_format(text.dropna())
            spelling, other = f"as {format_}", _dates(text, format_)
        else:
            mark: Decimal = "," if self.decimal == "." else "."
            other = _numbers(text, mark)
            spelling, share = f"with the decimal mark {mark!r}", _share(other[text.notna()])
        said = f"written {spelling}, otherwise than in the data: read so"
        return (other, [said]) if share >= NEARLY_ALL else (numbers, [])


_RUNS = re.compile(r"[^\W_]+|\s+|[\W_]", re.UNICODE)
# A text of more runs than this is told by the number of its words.
_MOST_RUNS = 12


def form(text: str) -> str:
    """What a text is made of: runs of letters ``a``, of digits ``9``, of both ``x``, with their lengths' powers of two.

    Marks are as they are: ``ann.lee@mail.com`` is ``a2.a2@a4.a2``. A long text is how many words of which length it
    has.
    """
    runs = _RUNS.findall(text)
    if len(runs) > _MOST_RUNS:
        words = text.split()
        mean = sum(map(len, words)) / max(1, len(words))
        return f"{_power(len(words))} words of {_power(round(mean))}, {text[0].isupper():d}{text[-1:]}"
    return "".join(_run(run) for run in runs)


def formed(readers: Mapping[str, Reader]) -> tuple[Artefact, ...]:
    """The columns of text of which the form alone is compared."""
    columns = [name for name, reader in readers.items() if reader.kind == "form"]
    said = f"text that differs from row to row is compared by its form alone: {', '.join(columns)[:200]}"
    return (Artefact("form", "both", said, {"columns": columns}),) if columns else ()


def _run(run: str) -> str:
    if not run[0].isalnum():
        return " " if run.isspace() else run
    kind = "9" if run.isdigit() else "A" if run.isalpha() and run[0].isupper() else "a" if run.isalpha() else "x"
    return f"{kind}{_power(len(run))}"


def _power(n: int) -> int:
    """The power of two at or below ``n``; 0 of 0."""
    return 1 << (n.bit_length() - 1) if n else 0


def plain_text(column: pd.Series[Any]) -> pd.Series[Any]:
    """Text without the spaces around it; missing where there is nothing else."""
    text = column.astype(str).str.strip()
    return text.where(column.notna() & (text != ""))


def is_text(column: pd.Series[Any]) -> bool:
    """Whether a column came as text, and not as numbers or dates."""
    return not _is_parsed(column)


def _is_parsed(column: pd.Series[Any]) -> bool:
    dtype = column.dtype
    kinds: tuple[Callable[[Any], bool], ...] = (
        pd.api.types.is_numeric_dtype,
        pd.api.types.is_datetime64_any_dtype,
        pd.api.types.is_timedelta64_dtype,
    )
    return any(of(dtype) for of in kinds)


def _numbers(text: pd.Series[Any], decimal: Decimal) -> Floats:
    """Numbers in ``text``; NaN for what is none."""
    return _each(text, lambda word: _number(word, decimal))


def _each(text: pd.Series[Any], number: Callable[[str], float]) -> Floats:
    """What ``number`` makes of each word, each distinct one parsed once; NaN where there is none."""
    places, distinct = pd.factorize(text.to_numpy(object))
    return np.asarray(np.array([*map(number, distinct), np.nan])[places], np.float64)


def _number(word: str, decimal: Decimal) -> float:
    bare = _DRESS.sub("", word.strip())
    negative = (bare.startswith("(") and bare.endswith(")")) or word.startswith("-")
    bare = _DRESS.sub("", bare.strip("()").replace("\u2212", "-").lstrip("-" if negative else ""))
    if _GROUPED[decimal].match(bare):
        bare = re.sub(r"[, '\u00a0\u202f]" if decimal == "." else r"[. '\u00a0\u202f]", "", bare)
    elif decimal == "," and "." in bare:
        return np.nan
    try:
        number = float(bare.replace(",", ".") if decimal == "," else bare) if "_" not in bare else np.nan
    except ValueError:
        number = {"true": 1.0, "false": 0.0}.get(bare.lower(), np.nan)
    return -number if negative else number


_CLOCK = re.compile(r"([+-]?)(\d{1,3}):([0-5]\d)(?::([0-5]\d(?:[.,]\d*)?))?\s*(?:([ap])\.?m\.?)?", re.IGNORECASE)


def _clocks(text: pd.Series[Any]) -> Floats:
    """Seconds of times of day and durations, ``14:05`` or ``2:05:30 pm``; NaN for what is none."""
    return _each(text, _clock)


def _clock(word: str) -> float:
    if (found := _CLOCK.fullmatch(word)) is None:
        return np.nan
    sign, hours, minutes, seconds, half = found.groups()
    of_day = int(hours) if half is None else int(hours) % 12 + 12 * (half in "pP")
    said = 3_600 * of_day + 60 * int(minutes) + float((seconds or "0").replace(",", "."))
    return -said if sign == "-" else said


def _dates(column: pd.Series[Any], format_: str) -> Floats:
    """Days since 1970 began, in UTC."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        dates = pd.to_datetime(column, utc=True)
    else:
        dates = pd.to_datetime(plain_text(column), errors="coerce", utc=True, format=format_)
    return np.asarray((dates - _EPOCH) / _DAY, np.float64)


def _best_format(text: pd.Series[Any]) -> tuple[str, float]:
    """The format in which most of ``text`` is a date, and the share; those that name no year are none.

    Candidates are what a few values suggest, day first and month first.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        guesses = [guess_datetime_format(value, dayfirst=day) for value in text.unique()[:20] for day in (False, True)]
    formats = ["ISO8601", *sorted({guess for guess in guesses if guess is not None and "%y" in guess.lower()})]
    shares = {format_: _share(_dates(text, format_)) for format_ in formats}
    best = max(formats, key=lambda format_: shares[format_])
    return best, shares[best]


def _share(values: npt.NDArray[Any]) -> float:
    return float(np.mean(~pd.isna(values))) if len(values) else 0.0
