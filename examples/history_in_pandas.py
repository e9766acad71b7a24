"""A training history in pandas: a table over the steps, the views side by side, what changed.

    python examples/history_in_pandas.py HISTORY.jsonl

The file is what ``ganprobe compare ... -o HISTORY.jsonl`` wrote. Columns are called as in the JSON record.
"""

from __future__ import annotations

import sys
from pathlib import Path

import ganprobe
from ganprobe.store import archive


def main(path: str) -> None:
    history = archive.read_any(Path(path))
    if not isinstance(history, ganprobe.History):
        sys.exit(f"{path} holds one audit, no history: ganprobe compare writes one")
    steps = ganprobe.frame(history)
    shown = ["checkpoint.step", "js.floor", "js.nats", "js.near_optimal", "verdict"]
    print(steps[[name for name in shown if name in steps]].to_string(index=False))

    views = ganprobe.frame(history, "views")
    if not views.empty:
        print()
        print(views.pivot_table(index="label", columns="checkpoint.step", values="js", sort=False).round(3).to_string())

    changes = ganprobe.frame(history, "differences")
    print()
    print(changes[["before", "now", "rise", "band_low", "band_high", "outcome"]].round(3).to_string(index=False))


if __name__ == "__main__":
    main(sys.argv[1])
