"""What a notebook shows of a record: its page, in a frame of its own, so that neither changes the other's looks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganprobe.record.audit import Audit
    from ganprobe.record.history import History


def framed(shown: Audit | History) -> str:
    """The page that ``ganprobe report`` makes of ``shown``, as an element; it runs nothing and fetches nothing."""
    import ganprobe  # by the front door: what is shown is rendered above this floor

    page = escape(ganprobe.render(shown, "html"))
    style = "width: 100%; height: 44rem; border: 1px solid #8888"
    return f'<iframe sandbox="" title="ganprobe" style="{style}" srcdoc="{page}"></iframe>'
