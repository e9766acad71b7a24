"""The recipes of CONTRIBUTING.md, carried out on a copy of the source: they work, and touch no more than they say."""

from __future__ import annotations

import ast
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", GUIDE, re.DOTALL | re.MULTILINE))


@dataclass(frozen=True)
class Touched:
    """What a recipe makes and what it edits."""

    new: tuple[str, ...]
    edited: tuple[str, ...]
    lines: int


def insert(path: Path, name: str, word: str) -> None:
    """``word`` at the end of the tuple that ``name`` is, or that its call ends in."""
    text = path.read_text(encoding="utf-8")
    (value,) = (
        node.value
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
    )
    names = value.args[-1] if isinstance(value, ast.Call) else value
    assert isinstance(names, ast.Tuple)
    last = names.elts[-1]
    lines = text.splitlines(keepends=True)
    line = lines[last.end_lineno - 1]  # type: ignore[operator]
    lines[last.end_lineno - 1] = f'{line[: last.end_col_offset]}, "{word}"{line[last.end_col_offset :]}'  # type: ignore[operator]
    path.write_text("".join(lines), encoding="utf-8")


def add_field(path: Path, name: str, field: str) -> None:
    """``field`` after the last one of the class."""
    text = path.read_text(encoding="utf-8")
    (record,) = (node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name == name)
    last = [node for node in record.body if isinstance(node, ast.AnnAssign)][-1]
    lines = text.splitlines(keepends=True)
    lines.insert(last.end_lineno or 0, f"    {field}\n")
    path.write_text("".join(lines), encoding="utf-8")


def apply(recipe: str, folder: Path) -> Touched:
    new = re.findall(r"^```python (\S+)\n(.*?)^```$", recipe, re.DOTALL | re.MULTILINE)
    for name, text in new:
        assert not (folder / name).exists()
        (folder / name).write_text(text, encoding="utf-8")
    edited = set()
    for word, name, path in re.findall(r'`"(\w+)"` in `(\w+)` of `(\S+)`', recipe):
        insert(folder / path, name, word)
        edited.add(path)
    for field, name, path in re.findall(r"`(\w+: [^`]+)` in `(\w+)` of `(\S+)`", recipe):
        add_field(folder / path, name, field)
    for line, path in re.findall(r"`(from [^`]+)` at the top of `(\S+)`", recipe):
        text = (folder / path).read_text(encoding="utf-8")
        start = text.index("\nfrom ganprobe.") + 1
        (folder / path).write_text(f"{text[:start]}{line}\n{text[start:]}", encoding="utf-8")
        edited.add(path)
    lines = sum(
        line.startswith("+ ")
        for path in edited
        for line in difflib.ndiff(*((top / path).read_text().splitlines() for top in (ROOT, folder)))
    )
    return Touched(tuple(name for name, _ in new), tuple(sorted(edited)), lines)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "ganprobe", folder / "ganprobe")
    return folder


@pytest.fixture(scope="module")
def touched(copy: Path) -> dict[str, Touched]:
    """Every recipe in the same copy."""
    return {title: apply(recipe, copy) for title, recipe in RECIPES.items()}


def test_each_touches_as_little_as_it_says(touched: dict[str, Touched]) -> None:
    shown = {title: (len(t.new), len(t.edited), t.lines) for title, t in touched.items()}
    assert shown == {
        "A probe": (1, 1, 1),
        "A finding": (1, 1, 1),
        "A checkpoint format": (1, 1, 1),
        "A quantity": (2, 2, 3),
    }


TRIED = """
import json
from pathlib import Path
import numpy as np
import ganprobe
from ganprobe.cli import main
normal = np.random.default_rng(0).normal
np.save("real.npy", normal(0, 1, (200, 2)))
Path("g.json").write_text(json.dumps({"weights": {"map.weight": [[1.0, 0.0], [0.0, 1.0]], "map.bias": [1.0, 0.0]}}))
Path("model.py").write_text('''
import torch
class G(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.map = torch.nn.Linear(2, 2)
    def forward(self, z):
        return self.map(z)
''')
plan = ganprobe.Plan(
    "g.json", "real.npy", model="model.py:G", z_dim="2", budget="fast",
    probes=("centroid",), parts=("crossed", "spread"),
)
audit = ganprobe.audit(plan)
Path("a.json").write_text(ganprobe.to_json(audit))
assert main(["report", "a.json", "--full"]) == main(["report", "a.json", "-o", "a.html"]) == 0
for command in (["explain", "gp190"], ["inspect", "g.json"], ["list"]):
    assert main(command) == 0
"""


@pytest.fixture(scope="module")
def tried(copy: Path, touched: dict[str, Touched]) -> str:
    """What the commands print where all recipes were followed; a.json is in the copy."""
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    command = [sys.executable, "-c", TRIED]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_probe_is_trained_and_judged(copy: Path, tried: str) -> None:
    document = json.loads((copy / "a.json").read_text())
    shown = {row["name"]: row["js"] for row in document["probes"]}
    assert set(shown) == {"stack", "centroid"}
    assert shown["centroid"] == pytest.approx(0.1114, abs=0.05), "the truth of a shift by 1"


def test_the_finding_is_explained(tried: str) -> None:
    assert "GP190" in tried
    assert "Four times as many samples halve it." in tried


def test_the_format_is_described_and_loaded(copy: Path, tried: str) -> None:
    assert json.loads((copy / "a.json").read_text())["checkpoint"]["format"] == "json_lists"
    assert "lists in JSON" in tried
    assert "map.weight" in tried


def test_the_quantity_is_kept_and_shown_in_the_terminal_and_on_the_page(copy: Path, tried: str) -> None:
    kept = json.loads((copy / "a.json").read_text())["spread"]
    assert kept["real"] == pytest.approx(2.0, abs=0.4), "two coordinates of variance 1"
    assert re.search(rf"^ +reals +{kept['real']:.3g}$", tried, re.MULTILINE)
    assert "<h2>Spread: total variance</h2>" in (copy / "a.html").read_text()
