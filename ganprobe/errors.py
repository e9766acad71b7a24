"""Every reason a run cannot start or cannot finish.

A failed *result* (a probe that did not learn, a sample too small) is data: it becomes a finding. Only what leaves
nothing to report is an exception, and each carries what happened and what to do about it::

    GanprobeError                exit code
     +-- UsageError              2    an option, a setting, a path that does not exist
     +-- InputError              3    a file that cannot be read, or is refused
     +-- ResourceError           3    out of memory, a result that could not be written
"""

from __future__ import annotations


class GanprobeError(Exception):
    """Something the user can act on: ``message`` says what happened, ``hint`` what to do."""

    exit_code = 70

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(GanprobeError):
    """The request itself is wrong: an option, a setting, a path that does not exist."""

    exit_code = 2


class InputError(GanprobeError):
    """An input is unreadable, refused, or does not fit the other input."""

    exit_code = 3


class ResourceError(GanprobeError):
    """The machine could not finish: memory, disk."""

    exit_code = 3
