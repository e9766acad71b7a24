"""The command line: what goes where, and every way in which a run can end."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import types
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from audits import audit, measurements

import ganprobe
from ganprobe.cli import MEMBERS, main
from ganprobe.errors import InputError, ResourceError
from ganprobe.judge import checks
from ganprobe.plan import Plan
from ganprobe.record.audit import Audit
from ganprobe.show import reports
from ganprobe.store import archive

COLD_ONLY = "assert not {'torch', 'sklearn', 'scipy', 'pandas', 'numpy'} & set(sys.modules), sorted(sys.modules)"


class Flow(types.ModuleType):
    """Stands in for the warm wing: keeps what it was asked and answers as told."""

    def __init__(self) -> None:
        super().__init__("ganprobe.flow")
        self.plan: Plan | None = None
        self.answer: Callable[[], Audit] = audit

    def audit(self, plan: Plan, command: tuple[str, ...], progress: Callable[[str], None]) -> Audit:
        self.plan = plan
        for stage in ("load", "probe", "probe"):
            progress(stage)
        return replace(self.answer(), command=command)


@pytest.fixture
def flow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Flow:
    fake = Flow()
    monkeypatch.setitem(sys.modules, "ganprobe.flow", fake)
    monkeypatch.setattr(ganprobe, "flow", fake, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "g.pt").touch()
    (tmp_path / "d.npz").touch()
    return fake


def js(*options: str) -> int:
    return main(["js", "g.pt", "d.npz", *options])


def raising(error: BaseException) -> Callable[[], Audit]:
    def answer() -> Audit:
        raise error

    return answer


def asked(flow: Flow) -> Plan:
    assert flow.plan is not None
    return flow.plan


# --- what goes where ---


def test_stdout_has_the_report_and_stderr_a_line_a_stage(flow: Flow, capsys: pytest.CaptureFixture[str]) -> None:
    assert js("--full") == 0
    out, err = capsys.readouterr()
    assert out == reports.render(audit(), "terminal", reports.Style(unicode=True))
    assert [line.split()[-1] for line in err.splitlines()] == ["load", "probe"]


def test_the_first_screen_says_where_the_rest_is(
    flow: Flow, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "kept")
    assert main(["report"]) == 2
    assert js("-q") == 0
    first = capsys.readouterr().out
    assert len(first.splitlines()) <= 40
    *_, rest, page = first.splitlines()
    command = rest.partition(": ")[2]
    assert main(shlex.split(command)[1:]) == 0
    shown = replace(audit(), command=("ganprobe", "js", "g.pt", "d.npz", "-q"))
    assert capsys.readouterr().out == reports.render(shown, "terminal", reports.Style(unicode=True))
    assert main(shlex.split(page.partition(": ")[2])[1:]) == 0
    assert Path("audit.html").read_text() == reports.render(shown, "html")
    Path("saved.json").write_text(archive.to_json(audit()))
    assert main(["report", "saved.json"]) == 0
    assert capsys.readouterr().out.splitlines()[-2].endswith(": ganprobe report saved.json --full")


def test_where_nothing_can_be_kept_the_command_is_to_be_run_again(
    flow: Flow, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("full").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", "full")
    assert js("-q") == 0
    assert capsys.readouterr().out.endswith("the same command with --full, or with -o\n  FILE.html for a page\n")


def test_json_records_the_command(flow: Flow, capsys: pytest.CaptureFixture[str]) -> None:
    assert js("--json", "-q") == 0
    out, err = capsys.readouterr()
    assert archive.from_json(out).command == ("ganprobe", "js", "g.pt", "d.npz", "--json", "-q")
    assert err == ""


def test_gradients_trains_for_long_unless_told_otherwise(flow: Flow) -> None:
    assert main(["gradients", "g.pt", "d.npz", "-q"]) == 0
    assert (asked(flow).parts, asked(flow).budget, asked(flow).sigmas) == (("gradients",), "thorough", ())
    Path("ganprobe.toml").write_text('budget = "standard"')
    options = ("--sigma", "0.1", "--sigma", "0.3", "--per-layer")
    assert main(["gradients", "g.pt", "d.npz", "-q", *options]) == 0
    assert (asked(flow).budget, asked(flow).sigmas, asked(flow).per_layer) == ("standard", (0.1, 0.3), True)
    assert main(["gradients", "g.pt", "d.npz", "-q", "--budget", "fast"]) == 0
    assert asked(flow).budget == "fast"


def test_what_the_model_code_prints_stays_out_of_the_report(flow: Flow, capsys: pytest.CaptureFixture[str]) -> None:
    def answer() -> Audit:
        print("noise")  # noqa: T201
        return audit()

    flow.answer = answer
    assert js("--json", "-q") == 0
    out, err = capsys.readouterr()
    assert archive.from_json(out)
    assert err == "noise\n"


@pytest.mark.parametrize(("name", "options", "form"), [("a.csv", (), "csv"), ("a.csv", ("--format", "jsonl"), "jsonl")])
def test_output_file(
    flow: Flow, capsys: pytest.CaptureFixture[str], name: str, options: tuple[str, ...], form: str
) -> None:
    assert js("-q", "-o", name, *options) == 0
    assert capsys.readouterr() == ("", "")
    saved = replace(audit(), command=("ganprobe", "js", "g.pt", "d.npz", "-q", "-o", name, *options))
    assert Path(name).read_text() == reports.render(saved, form)


@pytest.mark.parametrize("output", ["no/such/a.json", ".", "/dev/null"])
def test_an_output_that_cannot_be_written_is_refused_before_the_work(flow: Flow, output: str) -> None:
    assert js("-o", output) == 2
    assert flow.plan is None


def test_both_averaged_and_raw_weights_are_measured(flow: Flow, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save({"g": {"w": torch.zeros(2)}, "g_ema": {"w": torch.zeros(2)}}, "g.pt")
    assert js("--ema", "both", "-q", "--format", "jsonl") == 0
    assert len([archive.from_json(line) for line in capsys.readouterr().out.splitlines()]) == 2
    assert asked(flow).ema == "off"
    assert js("--ema", "both", "-q") == 0
    assert capsys.readouterr().out.count("Findings") == 2
    assert js("--ema", "both", "--json") == 2
    assert "jsonl" in capsys.readouterr().err
    assert main(["check", "g.pt", "d.npz", "--ema", "both", "--max-js", "1"]) == 2
    torch.save({"g": {"w": torch.zeros(2)}}, "g.pt")
    flow.plan = None
    assert js("--ema", "both") == 3
    assert "no averaged (EMA) weights" in capsys.readouterr().err
    assert flow.plan is None


def test_a_trusted_checkpoint_is_announced_before_it_runs(flow: Flow, capsys: pytest.CaptureFixture[str]) -> None:
    Path("g.pt").write_bytes(PROTOCOL_2_CALL)
    assert js("--trust-checkpoint", "-q", "--json") == 0
    out, err = capsys.readouterr()
    assert archive.from_json(out)
    assert err.startswith("--trust-checkpoint: g.pt may run any code as you: it calls posix.system (sha256 ")


PROTOCOL_2_CALL = b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00ls\x85R."


def test_a_network_that_needs_a_training_run_is_refused_before_torch_is_there(flow: Flow) -> None:
    Path("m.py").write_text("data = download()\nclass G:\n    width = data.shape[1]\n")
    assert js("-m", "m.py:G") == 2
    assert flow.plan is None


# --- the plan ---


def test_defaults_are_those_of_the_plan(flow: Flow) -> None:
    assert js() == 0
    assert asked(flow) == Plan("g.pt", "d.npz")


def test_every_field_of_the_plan_has_its_option(flow: Flow) -> None:
    options = (
        "-m m.py:G --model-args a=1,b=x --key g --ema off --mode train --z-dim 8x1x1 --z-dist uniform --labels uniform "
        "--num-classes 10 --range -1,1 --quantise off --axes tc --num-real 5 --num-fake 6 --budget fast --seed 7 "
        "--device cpu --threads 2 --probe mlp --probe boosting --set probes.mlp.width=9 --trust-checkpoint"
    )
    assert js(*options.split()) == 0
    expected = Plan(
        checkpoint="g.pt",
        data="d.npz",
        model="m.py:G",
        model_args={"a": 1, "b": "x"},
        key="g",
        ema="off",
        mode="train",
        z_dim="8x1x1",
        z_dist="uniform",
        labels="uniform",
        num_classes=10,
        range="-1,1",
        quantise="off",
        axes="tc",
        num_real=5,
        num_fake=6,
        budget="fast",
        seed=7,
        device="cpu",
        threads=2,
        probes=("mlp", "boosting"),
        settings={"probes.mlp.width": "9"},
        trust_checkpoint=True,
    )
    assert asked(flow) == expected


def test_the_file_is_weaker_than_the_command_line_and_settings_add_up(flow: Flow) -> None:
    Path("ganprobe.toml").write_text(
        'budget = "fast"\nseed = 3\nz-dist = "sphere"\nmodel-args = {a = 1}\n[probes.mlp]\nwidth = 8\nlayers = 2\n'
    )
    assert js("--seed", "4", "--set", "probes.mlp.width=9") == 0
    plan = asked(flow)
    assert (plan.budget, plan.seed, plan.z_dist, plan.model_args) == ("fast", 4, "sphere", {"a": 1})
    assert plan.settings == {"probes.mlp.width": "9", "probes.mlp.layers": 2}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('budget = "fasst"', "fasst"),
        ("seed = -1", "--seed"),
        ('probe = ["mpl"]', "mpl"),
        ("bugdet = 1", "did you mean budget"),
        ("trust-checkpoint = true", "cannot be set in a file"),
        ("=", "cannot be read"),
    ],
)
def test_a_wrong_file_is_a_usage_error(flow: Flow, capsys: pytest.CaptureFixture[str], line: str, says: str) -> None:
    Path("ganprobe.toml").write_text(line)
    assert js() == 2
    assert says in capsys.readouterr().err
    assert main(["js", "--help"]) == 0


# --- how it ends ---


def failed(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """The two lines of an error, and nothing else on either stream."""
    out, err = capsys.readouterr()
    assert out == ""
    first, second = err.splitlines()
    assert first.startswith("ganprobe: ")
    assert second.startswith("hint: ")
    return first, second


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["jss"], "did you mean js?"),
        (["js", "none.pt", "d.npz"], "none.pt does not exist"),
        (["js", "g.pt"], "missing argument 'DATA'"),
        (["js", "g.pt", "d.npz", "--bugdet", "fast"], "--budget"),
        (["js", "g.pt", "d.npz", "--budget", "fasst"], "'fast'"),
        (["js", "g.pt", "d.npz", "--set", "width"], "NAME=VALUE"),
        (["js", "g.pt", "d.npz", "--probe", "mpl"], "mlp"),
        (["js", "g.pt", "d.npz", "--num-real", "0"], "--num-real"),
        (["report", "none.json"], "none.json does not exist"),
        (["explain", "GP333"], "GP303"),
        (["--nope"], "there is no option --nope"),
    ],
)
def test_usage_errors(flow: Flow, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    assert main(arguments) == 2
    assert says in "\n".join(failed(capsys))


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (InputError("g.pt is damaged", "copy it again"), 3, "g.pt is damaged"),
        (ResourceError("no room", "make some"), 3, "make some"),
        (MemoryError(), 3, "out of memory"),
        (OutOfMemoryError("CUDA"), 3, "out of memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), 3, "out of memory"),
        (OSError(errno.EIO, "Input/output error", "d.npz"), 3, "Input/output error: d.npz"),
        (SystemExit(0), 3, "exit 0"),
        (SystemExit(), 3, "model code ended the program"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (RuntimeError("shape mismatch"), 70, "a bug: RuntimeError: shape mismatch"),
        (RecursionError("too deep"), 70, "a bug"),
        (EOFError(), 70, "a bug"),
        (InputError("\x1b[2Jx\ny", "z"), 3, r"\x1b[2Jx\ny"),
    ],
)
def test_failures(flow: Flow, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, says: str) -> None:
    flow.answer = raising(error)
    assert js("-q") == code
    assert says in "\n".join(failed(capsys))


def test_debug_shows_where(flow: Flow, capsys: pytest.CaptureFixture[str]) -> None:
    flow.answer = raising(RuntimeError("deep inside"))
    assert js("-q", "--debug") == 70
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_signals(flow: Flow, capsys: pytest.CaptureFixture[str], name: str) -> None:
    number = getattr(signal, name)
    before = signal.getsignal(number)

    def answer() -> Audit:
        os.kill(os.getpid(), number)
        return audit()

    flow.answer = answer
    assert js("-q", "-o", "a.json") == 128 + number
    assert name in failed(capsys)[0]
    assert not Path("a.json").exists()
    assert signal.getsignal(number) is before


class _Stream(io.StringIO):
    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def write(self, text: str) -> int:
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize(("number", "code"), [(errno.EPIPE, 141), (errno.ENOSPC, 3)])
def test_a_stdout_that_fails(flow: Flow, monkeypatch: pytest.MonkeyPatch, number: int, code: int) -> None:
    monkeypatch.setattr(sys, "stdout", _Stream(number))
    assert js("-q") == code


def test_the_exit_code_does_not_depend_on_stderr(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    flow.answer = raising(InputError("x", "y"))
    monkeypatch.setattr(sys, "stderr", _Stream(errno.ENOSPC))
    assert js("-q") == 3


def test_closed_streams(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert js() == 0
    flow.answer = raising(InputError("x", "y"))
    assert js() == 3


@pytest.mark.parametrize(
    ("changes", "options", "code"),
    [
        ({"js__near_optimal": None}, (), 0),
        ({"js__near_optimal": None}, ("--strict",), 4),
        ({}, ("--strict",), 0),
        ({"js__status": "saturated"}, ("--strict",), 0),
    ],
)
def test_strict_is_about_inconclusive_only(
    flow: Flow, changes: dict[str, Any], options: tuple[str, ...], code: int
) -> None:
    flow.answer = lambda: audit(measurements(**changes))
    assert js("-q", *options) == code


# --- the other commands ---


@pytest.mark.parametrize(
    ("limits", "code", "says"),
    [
        (("--max-js", "0.2"), 0, "within --max-js 0.2"),
        (("--max-js", "0.1"), 1, "above --max-js 0.1"),
        (("--max-js", "0.14"), 4, "--max-js 0.14 is between"),
        (("--fail-on", "GP301"), 1, "GP301"),
    ],
)
def test_check_exits_by_its_gates(
    flow: Flow, capsys: pytest.CaptureFixture[str], limits: tuple[str, ...], code: int, says: str
) -> None:
    assert main(["check", "g.pt", "d.npz", "-q", *limits]) == code
    assert says in " ".join(capsys.readouterr().out.split())
    Path("a.json").write_text(archive.to_json(audit()))
    flow.plan = None
    assert main(["check", "a.json", "--json", *limits]) == code
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == {0: "PASS", 1: "FAIL", 4: "INCONCLUSIVE"}[code]
    assert document["gates"]
    assert flow.plan is None


def test_limits_may_stand_in_the_file(flow: Flow, capsys: pytest.CaptureFixture[str]) -> None:
    Path("ganprobe.toml").write_text('[check]\nmax-js = 0.1\nfail-on = ["GP999"]\n')
    assert js("-q") == 0
    assert main(["check", "g.pt", "d.npz", "-q"]) == 2
    assert main(["check", "g.pt", "d.npz", "-q", "--fail-on", "never"]) == 1
    Path("ganprobe.toml").write_text("[check]\nmaxjs = 0.1\n")
    assert main(["check", "g.pt", "d.npz", "-q"]) == 2
    assert "did you mean max_js" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["g.pt"], "give DATA"),
        (["a.json", "--seed", "3"], "--seed says how to measure"),
        (["a.json", "--baseline", "none.json"], "none.json does not exist"),
        (["a.json", "--max-js", "-1"], "--max-js"),
    ],
)
def test_check_refuses(flow: Flow, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    Path("a.json").write_text(archive.to_json(audit()))
    assert main(["check", *arguments]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("form", [*reports.MEMBERS])
def test_report_shows_a_saved_audit(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    path = tmp_path / "a.json"
    archive.write(path, archive.to_json(audit()))
    assert main(["report", str(path), "--format", form, "--full"]) == 0
    assert capsys.readouterr().out == reports.render(audit(), form, reports.Style(unicode=True))


def test_list_names_every_member(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    named = {line.split()[0] for line in out.splitlines() if line.startswith("  ") and line[2] != " "}
    assert {*checks.MEMBERS, *reports.MEMBERS, "mlp", "js"} <= named


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "gp501"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("GP501: ")
    assert "Fedus" in out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"ganprobe {ganprobe.__version__}\n"


def test_no_arguments_ask_for_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("Usage: ganprobe")


@pytest.mark.parametrize("arguments", [[], *([name] for name in MEMBERS)])
def test_help_fits_the_screen(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main([*arguments, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Usage: ganprobe")
    assert max(map(len, out.splitlines())) <= 80


# --- what it costs ---


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["js", "--help"], ["selfcheck", "--help"], ["list"], ["explain", "GP101"]]
)
def test_menus_import_nothing_heavy(arguments: list[str]) -> None:
    done = python(f"import sys; from ganprobe.cli import main; main(sys.argv[1:]); {COLD_ONLY}", *arguments)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_menu_reads_the_commands_and_imports_none() -> None:
    code = """
import sys
from ganprobe.cli import MEMBERS, main
main(["--help"])
assert sys.modules.keys().isdisjoint({"ganprobe.record", *(f"ganprobe.cli.{name}" for name in MEMBERS)})
"""
    done = python(code)
    assert (done.returncode, done.stderr) == (0, "")
    listed = done.stdout.partition("Commands:")[2]
    assert re.findall(r"^  (\w+)", listed, re.MULTILINE) == [*MEMBERS]


def test_a_saved_audit_is_shown_without_torch(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    archive.write(path, archive.to_json(audit()))
    code = f"import sys; from ganprobe.cli import main; main(sys.argv[1:]); {COLD_ONLY}"
    done = python(code, "report", str(path), "--full")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == reports.render(audit(), "terminal", reports.Style(unicode=True))


def test_a_console_that_is_not_utf8_gets_ascii(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    archive.write(path, archive.to_json(audit(measurements(checkpoint__path="modèle.pt"))))
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "ganprobe", "report", str(path)]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert rb"mod\xe8le.pt" in done.stdout


def test_a_reader_that_leaves_early(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    archive.write(path, archive.to_json(audit()))
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "ganprobe", "report", str(path)]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_the_public_names_resolve_lazily() -> None:
    assert ganprobe.__all__ == sorted(ganprobe.__all__)
    code = f"import sys, ganprobe; ganprobe.Audit, ganprobe.Plan, ganprobe.render, ganprobe.from_json; {COLD_ONLY}"
    assert python(code).stderr == ""
    assert set(ganprobe.__all__) <= set(dir(ganprobe))
    with pytest.raises(AttributeError, match="nothing"):
        _ = ganprobe.nothing  # type: ignore[attr-defined]
