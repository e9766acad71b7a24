"""The pages of docs/: they build without a warning, and what is read from the program is all there."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from ganprobe import cli
from ganprobe.cli import _menu
from ganprobe.judge import checks

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("sphinx", reason="the extra docs is not installed")
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "sphinx", "-qEW", "-d", str(folder / "doctrees"), "docs", str(folder / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "site"


def words(page: Path) -> str:
    text = re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))
    return " ".join(unescape(text).split())


def test_every_finding_is_explained(site: Path) -> None:
    page = words(site / "generated" / "findings.html")
    for name in checks.MEMBERS:
        check = checks.MEMBERS[name]
        assert f"{check.CODE}: {check.TITLE}" in page
        assert " ".join(check.EXPLAIN.split())[-40:] in page


def test_every_command_and_every_member_is_listed(site: Path) -> None:
    commands = words(site / "generated" / "commands.html")
    assert all(f"Usage: ganprobe {name}" in commands for name in cli.MEMBERS)
    families = words(site / "generated" / "members.html")
    assert all(name in families for menu in _menu.menus() for name, _ in menu.members)


def test_formulae_come_through_as_they_stand(site: Path) -> None:
    page = words(site / "generated" / "mathematics.html")
    assert "V(D) = E_P log D + E_Q log(1 - D) <= V(D*) = -log 4 + 2 JS(P, Q), D* = p / (p + q)." in page
    assert "the gap is exactly E_m kl(D* || D)" in page


def test_the_pages_link_to_each_other(site: Path) -> None:
    start = (site / "index.html").read_text(encoding="utf-8")
    for page in ("reading", "why-js", "generated/findings", "generated/commands", "generated/mathematics", "api"):
        assert f'href="{page}.html"' in start
