"""Names to modules, on demand.

A family is a package whose modules all answer one verb. Its ``__init__`` lists the members once; the list is the menu
that the command line, the configuration and ``ganprobe list`` show, and a member is imported only when it is named.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from types import ModuleType

from ganprobe.errors import UsageError


class Family:
    """The members of one package: ``family["boosting"]`` imports ``<package>.boosting`` and returns it.

    Not a ``Mapping``: its ``in`` would go through ``__getitem__`` and import torch to answer a question about a name.
    """

    def __init__(self, package: str, singular: str, members: Iterable[str]) -> None:
        self.package = package
        self.singular = singular
        self.names = tuple(members)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, name: str) -> ModuleType:
        """Import and return the member; an unknown name is a `UsageError` with the nearest known ones."""
        if name not in self.names:
            raise UsageError(f"no {self.singular} is called {name!r}", did_you_mean(name, self.names))
        return importlib.import_module(f"{self.package}.{name}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint that names the closest of ``known``, or all of them."""
    import difflib

    known = list(known)
    close = difflib.get_close_matches(name, known, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(close)}?" if close else f"choose from {', '.join(known)}"
