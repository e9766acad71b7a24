"""Text from files and their names, made harmless for a terminal, a log and a reader's eye."""

from __future__ import annotations


def safe(text: str) -> str:
    """``text`` with everything that could steer a terminal, a log or a reader's eye written as an escape.

    Control characters, line ends, text-direction marks and lone surrogates become ``\\x1b`` and the like.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
