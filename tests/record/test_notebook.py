"""In a notebook an audit and a history are their page, framed; and the notebook among the examples runs."""

from __future__ import annotations

import ast
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from audits import audit, measurements

import ganprobe
from ganprobe.judge import history
from ganprobe.record.headline import BatchRecord

BATCHED = BatchRecord((0.001, -0.001) * 100, (-0.001, 0.001) * 100)
NOTEBOOK = Path(__file__).parents[2] / "examples" / "audit_in_a_notebook.ipynb"


def test_it_is_the_page_in_a_frame_that_runs_nothing() -> None:
    hostile = audit(measurements(checkpoint__path='"></iframe><script>alert(1)</script>', batches=BATCHED))
    for shown in (hostile, history.compare([hostile])):
        element = shown._repr_html_()
        (page,) = re.findall(r'^<iframe sandbox="" [^>]*srcdoc="([^"]*)"></iframe>$', element, re.DOTALL)
        assert unescape(page) == ganprobe.render(shown, "html")
        assert "<script>" not in element


def run(source: str, names: dict[str, Any]) -> Any:
    """The value of the last line, as a notebook shows it."""
    *body, last = ast.parse(source).body
    exec(compile(ast.Module([*body], []), "cell", "exec"), names)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return exec(compile(ast.Module([last], []), "cell", "exec"), names)


def test_the_example_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    names: dict[str, Any] = {}
    shown = []
    for cell in notebook["cells"]:
        assert cell["id"]
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
            shown.append(run("".join(cell["source"]), names))
    pages = [element._repr_html_() for element in shown if hasattr(element, "_repr_html_")]
    assert sum(page.startswith("<iframe") for page in pages) == 2, "an audit and a history"
    assert names["history"].record.best.position == 1, "the smaller shift"
