"""The files for continuous integration in examples/ci: valid by their schemas, and the script of the action does it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from audits import audit
from ruamel.yaml import YAML

from ganprobe.store import archive

CI = Path(__file__).parent.parent / "examples" / "ci"
SCHEMAS = {
    "github/action.yml": "vendor.github-actions",
    "github/workflow.yml": "vendor.github-workflows",
    "gitlab.yml": "vendor.gitlab-ci",
}


def test_every_file_has_a_schema() -> None:
    assert {str(path.relative_to(CI)) for path in CI.rglob("*.yml")} == set(SCHEMAS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_it_is_valid(name: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[name], str(CI / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def step(identity: str) -> dict[str, Any]:
    steps = YAML(typ="safe").load((CI / "github" / "action.yml").read_text())["runs"]["steps"]
    return next(found for found in steps if found.get("id") == identity)


@pytest.mark.parametrize(("limit", "code"), [("0.2", 0), ("0.14", 4), ("0.1", 1)])
def test_the_action_shows_what_the_gates_said_and_ends_with_their_code(tmp_path: Path, limit: str, code: int) -> None:
    saved, outputs, summary = tmp_path / "a b.json", tmp_path / "outputs", tmp_path / "summary"
    saved.write_text(archive.to_json(audit()))
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "CHECKPOINT": str(saved),
        "DATA": "",
        "OPTIONS": f"--max-js={limit}\n\n--fail-on=never\n",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_OUTPUT": str(outputs),
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    command = ["bash", "-e", "-c", step("check")["run"]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert f"--max-js {limit}" in summary.read_text()
    assert ("::error" in done.stdout) == (code == 1)
    kept = outputs.read_text().strip().removeprefix("audit=")
    assert archive.read(Path(kept)).gates


def test_no_script_holds_an_expression_that_could_be_a_command() -> None:
    """GitHub pastes `${{ }}` into a script before bash reads it."""
    assert "${{" not in step("check")["run"]
