"""The README and the docs: what they show is run, what is quoted is printed, what is to be installed is tested."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from audits import audit, troubled
from ruamel.yaml import YAML

from ganprobe.cli import main
from ganprobe.record import parts
from ganprobe.store import archive

if TYPE_CHECKING:
    from conftest import Demonstration

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
# Every page but the one whose blocks are files: test_bring_your_own.py.
OWN = "bring-your-own"
PAGES = (README, *(p.read_text(encoding="utf-8") for p in sorted((ROOT / "docs").glob("*.md")) if p.stem != OWN))
TEST = 'pip install -c constraints.txt -e ".[test]" && pytest'
DEMO = "pip install -c constraints.txt . && ganprobe demo"


def blocks(language: str, page: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


# Each once, in the order in which the pages first show it.
COMMANDS = dict.fromkeys(
    tuple(shlex.split(line.removeprefix("$ ")))
    for page in PAGES
    for block in blocks("console", page)
    for line in block.replace("\\\n", "").splitlines()
)


@pytest.fixture(scope="module")
def outputs(
    demonstration: Demonstration, little_measured: Callable[[], contextlib.AbstractContextManager[None]]
) -> dict[str, str]:
    """What each command printed, run one after the other where the demo was run."""
    printed = {}
    with contextlib.chdir(demonstration.cwd), little_measured():
        for program, *arguments in COMMANDS:
            assert program == "ganprobe"
            # Of few digits a gate may not be able to say.
            allowed = (0, 4) if arguments[0] == "check" else (0,)
            with contextlib.redirect_stdout(io.StringIO()) as stdout:
                assert main(arguments) in allowed, arguments
            printed[shlex.join(arguments)] = stdout.getvalue()
    return printed


def test_every_block_is_of_a_kind_that_is_tested_here() -> None:
    assert set(re.findall(r"^```(\w+)$", README, re.MULTILINE)) == {"bash", "console", "text", "python"}
    assert [block.strip() for block in blocks("bash")] == [DEMO, TEST]
    for page in PAGES[1:]:
        assert set(re.findall(r"^```(\S+)$", page, re.MULTILINE)) <= {"console", "text", "{toctree}", "{eval-rst}"}


def test_every_command_runs(outputs: dict[str, str], demonstration: Demonstration) -> None:
    assert len(outputs) == len(COMMANDS)
    assert "GP301" in outputs["explain GP301"]
    assert outputs["report audit.json"].startswith("ganprobe-demo/g_10000.pt against")
    assert (demonstration.cwd / "audit.md").read_text().startswith("#")


@pytest.mark.slow
def test_js_repeats_the_audit_of_the_demo(whole_demonstration: Demonstration) -> None:
    """The demo prints this command, and promises the same numbers."""
    commands = whole_demonstration.stdout.replace("\\\n", "").splitlines()
    printed = [line for line in commands if line.startswith("ganprobe js")][-1]
    told = archive.read(whole_demonstration.cwd / "ganprobe-demo" / "g_10000.json")
    assert tuple(shlex.split(printed)) == told.command
    with contextlib.chdir(whole_demonstration.cwd):
        assert main([*shlex.split(printed)[1:], "-q", "-o", "again.json"]) == 0
    again = archive.read(whole_demonstration.cwd / "again.json")
    assert again.plan == told.plan
    assert again.measurements.js == told.measurements.js
    assert again.measurements.support == told.measurements.support
    assert [view.js for view in again.measurements.views] == [view.js for view in told.measurements.views]


def test_the_quoted_output_is_what_the_demo_prints(demonstration: Demonstration) -> None:
    """Line by line up to the first number: those differ between machines."""

    def beginnings(text: str) -> list[str]:
        return [re.split(r" *\d*\.\d", line)[0] for line in text.replace("─", "-").splitlines()]

    table, words = blocks("text")[0].split("In words\n")
    assert set(beginnings(table)) <= set(beginnings(demonstration.stdout))
    for sentence in ("Every value is a lower bound that some probe", "those that the GAN was trained on."):
        assert sentence in " ".join(words.split())
        assert sentence in " ".join(demonstration.stdout.split())


def test_python(
    demonstration: Demonstration, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run as it stands, but that the audit is the one the demo made of the same plan."""
    import ganprobe

    saved = archive.read(demonstration.cwd / "ganprobe-demo" / "g_10000.json")
    asked: list[ganprobe.Plan] = []
    monkeypatch.setattr(ganprobe, "audit", lambda plan: (asked.append(plan), saved)[1], raising=False)
    (program,) = blocks("python")
    exec(program, {})
    assert (demonstration.cwd / asked[0].checkpoint).exists()
    assert capsys.readouterr().out.startswith(str(saved.measurements.js.floor))


def test_what_ci_runs_is_what_the_readme_says() -> None:
    script, makefile = ((ROOT / name).read_text(encoding="utf-8") for name in (".ci/run", "Makefile"))
    asked = re.findall(r"^make (\w+)$", script, re.MULTILINE)
    assert asked == ["wheel", "test"]
    targets = dict(re.findall(r"^(\w+):\n((?:\t.*\n)+)", makefile, re.MULTILINE))
    assert targets["test"].rstrip().endswith(TEST)
    assert "index" not in script + makefile


def test_what_is_said_before_a_commit_is_what_the_tests_say() -> None:
    hooks = YAML(typ="safe").load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"], "nothing is fetched"
    assert [hook["entry"] for hook in hooks[0]["hooks"]] == ["ruff check --fix", "ruff format"]


def test_every_dependency_is_pinned() -> None:
    def name(requirement: str) -> str:
        return re.split(r"[<>=\[; ]", requirement)[0].lower().replace("_", "-")

    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert all(re.fullmatch(r"[\w.]+", version) for version in pins.values()), "exact, and without a local suffix"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    tested = re.findall(r"[\w-]+", optional["test"][0].removeprefix("ganprobe"))
    extras = [requirement for extra in ("test", *tested) for requirement in optional[extra]]
    wanted = {name(requirement) for requirement in (*project["dependencies"], *extras)} - {"ganprobe"}
    assert wanted <= {name(pin) for pin in pins}
    assert f"torch=={pins['torch']} --index-url" in README


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_the_sketch_of_the_record_is_the_record() -> None:
    """Every key of it, in the order in which the archive writes them."""

    def compared(sketch: Any, record: Any, where: str) -> None:
        if isinstance(sketch, dict) and sketch:
            assert isinstance(record, dict), where
            assert [key for key in record if key in sketch] == [*sketch], where
            for key, inner in sketch.items():
                compared(inner, record[key], f"{where}.{key}")
        elif isinstance(sketch, list) and sketch and sketch[0] is not None:
            compared(sketch[0], record[0], f"{where}[0]")

    (sketch,) = (block for block in blocks("text") if block.startswith('{"schema"'))
    drawn = json.loads(re.sub(r"\{\.\.\.\}", "{}", sketch).replace("...", "null"))
    record = json.loads(archive.to_json(audit()))
    compared(drawn, record, "")
    assert drawn["schema"] == record["schema"]


def test_the_first_table_of_the_report_is_explained_row_by_row() -> None:
    page = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8").partition("## The verdict")[0]
    explained = re.findall(r"^\| (.+?) \|", page, re.MULTILINE)[2:]
    shown = [row[0] for shown in (audit(), troubled()) for row in parts.summary(shown.measurements)]
    assert set(shown) == set(explained)
    assert [name for name in explained if name in shown[:7]] == shown[:7]


def test_exit_codes_are_those_of_the_command_line() -> None:
    from ganprobe import cli

    documented = re.findall(r"^\| (\d+|128 \+ n) \| (.*) \|$", README, re.MULTILINE)
    assert [code.replace(" ", "") for code, _ in documented] == re.findall(r"^(\d+|128\+n)  ", cli.__doc__ or "", re.M)
