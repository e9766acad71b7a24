"""Two sets of samples that are in memory."""

from __future__ import annotations

from functools import partial
from typing import Any

from ganprobe import flow
from ganprobe.inputs.load import given
from ganprobe.plan import Plan
from ganprobe.record.audit import Audit


def between(fake: Any, real: Any, **options: Any) -> Audit:
    """The whole audit of two sets of samples in memory, as `ganprobe.audit` gives it of two files.

    Each side is an array or a tensor ``[n, ...]``, or a table of pandas, polars or Arrow, read as one in a file is:
    levels, dates, numbers in text, what is missing. With ``child="sessions:user_id"`` it is a dict of two tables,
    ``{"users": users, "sessions": sessions}``. ``options`` are fields of `ganprobe.Plan`; errors are those of `audit`.
    """
    return flow.audit(Plan("(memory)", "(memory)", **options), inputs=partial(given, fake, real, None))
