"""From the cells of a table to numbers: what every stage after reading works on.

A number stays one, with the median of the reals where a word stands in its place, and an indicator for each such word
(``age=missing``). A level gets an indicator (``job=clerk``) where it is frequent; where levels are too many or too rare
for that, ``job=other`` holds the rest together and ``job=code`` keeps them apart: a hash of the level's name, from
which a probe can count each level inside its folds. What is taken from text that seldom repeats (`_letters`) is there
where both sides are tables: letters as that code alone.

Which words are frequent is counted on both sides together. Counted on the reals alone, the levels that chance made
frequent there would be chosen, and two samples of one law with a few hundred cities would be told apart by the choice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ganprobe.inputs.datasets._columns import MISSING, Cells
from ganprobe.samples import digits
from ganprobe.samples.sides import CODE, Floats

# A word in fewer rows of a side than this is rare, and so are all beyond the most common ones.
RARE_BELOW = 10
MOST_LEVELS = 32
_CODE_BITS = 23
CodedAs = Literal["number", "indicator", "code", "digits"]


@dataclass(frozen=True, slots=True)
class Coding:
    """How one source column is coded: ``fill`` in place of a missing number, the words with an indicator of their own.

    ``fill`` is None for levels; ``pooled`` says whether there are words beyond ``named``; ``beside``: which columns of
    digits the number needs (`ganprobe.samples.digits`). Of nothing at all no column comes out.
    """

    fill: float | None
    named: tuple[str, ...]
    pooled: bool
    beside: tuple[str, ...] = ()

    @classmethod
    def of(cls, real: Cells, fake: Cells | None, tables: bool = True) -> Coding:
        """The coding of a column of both sides, or of the reals where nothing else is known.

        ``tables``: whether rows are samples. Where they are not, or a generator has to make what comes out, a number
        has no columns of digits and a text none of its letters.
        """
        tables = tables and fake is not None
        if real.beside and not (tables and real.numbers is not None):
            return cls(None, (), tables)
        sides = [real] if fake is None else [real, fake]
        counts: dict[str, int] = {}
        for side in sides:
            of_side = np.bincount(side.words[side.words >= 0], minlength=len(side.names))
            for name, n in zip(side.names, of_side.tolist(), strict=True):
                counts[name] = counts.get(name, 0) + n
        least = RARE_BELOW * sum(len(side.words) for side in sides) / max(1, len(real.words))
        frequent = sorted((name for name, n in counts.items() if n >= least), key=lambda name: (-counts[name], name))
        named = {*frequent[:MOST_LEVELS], *({MISSING} & counts.keys())}
        fill, beside = None, tuple[str, ...]()
        if real.numbers is not None:
            plain = real.numbers[real.words < 0]
            fill = float(np.median(plain)) if len(plain) else 0.0
            beside = digits.parts(plain) if tables else ()
        return cls(fill, tuple(sorted(named)), len(named) < len(counts), beside)

    def columns(self, name: str) -> tuple[str, ...]:
        """The names of what comes out for the source column ``name``."""
        return tuple(name if word is None else f"{name}={word}" for word, _ in self.parts)

    @property
    def parts(self) -> tuple[tuple[str | None, CodedAs], ...]:
        """The word, None for the number itself, and the kind of each column that comes out."""
        number: tuple[tuple[str | None, CodedAs], ...] = ((None, "number"),) if self.fill is not None else ()
        beside: tuple[tuple[str, CodedAs], ...] = tuple((which, "digits") for which in self.beside)
        other: tuple[tuple[str, CodedAs], ...] = (("other", "indicator"),) if self.pooled and self.named else ()
        rest: tuple[tuple[str, CodedAs], ...] = (*other, (CODE, "code")) if self.pooled else ()
        return (*number, *beside, *((word, "indicator") for word in self.named), *rest)

    def __call__(self, cells: Cells) -> Floats:
        """``[n, len(columns)]``."""
        coded = []
        if self.fill is not None:
            numbers = np.zeros(len(cells.words)) if cells.numbers is None else cells.numbers
            coded.append(np.where(cells.words < 0, numbers, self.fill))
            coded += [digits.part(coded[0], which) for which in self.beside]
        place = {name: i for i, name in enumerate(cells.names)}
        coded += [(cells.words == place.get(word, -2)).astype(np.float64) for word in self.named]
        if self.pooled:
            is_other = np.array([name not in self.named for name in cells.names] + [False])
            codes = np.array([_code(name) for name in cells.names] + [0.0])
            coded += [is_other[cells.words].astype(np.float64)] if self.named else []
            coded += [codes[cells.words]]
        return np.stack(coded, 1) if coded else np.zeros((len(cells.words), 0))


def together(real: Mapping[str, Cells], fake: Mapping[str, Cells] | None, tables: bool = True) -> dict[str, Coding]:
    """The coding of every column of both sides."""
    return {name: Coding.of(cells, None if fake is None else fake[name], tables) for name, cells in real.items()}


def _code(word: str) -> float:
    """A whole number that float32 holds and that depends on the word alone, above 0."""
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return float(1 + int.from_bytes(digest, "little") % (2**_CODE_BITS))
