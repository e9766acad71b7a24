"""What is saved comes back unchanged, what is foreign is refused, and a file is whole or absent."""

from __future__ import annotations

import errno
import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from audits import audit, measurements, troubled
from hypothesis import given
from hypothesis import strategies as st

from ganprobe.errors import InputError, ResourceError, UsageError
from ganprobe.record.audit import Audit
from ganprobe.store import archive

CONTRACT = {
    "": "schema version command seed seconds plan environment checkpoint data js probes kde support gradients views "
    "tell smoothing artefacts findings verdict",
    "checkpoint": "path sha256 format key step",
    "data": "path kind n shape content_hash",
    "js": "nats bits low high level floor extrapolated value saturation ceiling p_value null near_optimal gap status",
    "kde": "nats matched_probe sigma agreement",
    "support": "real_covered fake_covered density coverage dimension mismatch",
    "smoothing": "sigma unit js half_scale",
    "gradients": "saturating non_saturating retention vanishing",
}


def document(**changes: Any) -> dict[str, Any]:
    return json.loads(archive.to_json(audit())) | changes


@pytest.mark.parametrize("saved", [audit(), troubled(), audit(measurements(kde=None, gradients=None, probes=()))])
@pytest.mark.parametrize("indent", [None, 2])
def test_round_trip(saved: Audit, indent: int | None) -> None:
    text = archive.to_json(saved, indent)
    assert archive.from_json(text) == saved
    assert archive.to_json(archive.from_json(text), indent) == text


@given(nats=st.floats(-1e300, 1e300), path=st.text(), step=st.integers(-(2**70), 2**70))
def test_any_number_and_any_text_round_trips(nats: float, path: str, step: int) -> None:
    saved = audit(measurements(js__nats=nats, checkpoint__path=path, checkpoint__step=step))
    text = archive.to_json(saved)
    assert text.isascii()
    assert "\n" not in text
    assert archive.from_json(text) == saved


@pytest.mark.parametrize("part", CONTRACT)
def test_the_record_has_every_key_of_the_contract(part: str) -> None:
    held = document()[part] if part else document()
    assert set(CONTRACT[part].split()) <= held.keys()


def test_the_contract_starts_with_its_schema_and_nulls_what_is_not_recorded() -> None:
    assert next(iter(document().items())) == ("schema", "ganprobe/1")
    assert document()["tell"].startswith("Through the pixel-value histogram alone")


def test_nan_is_never_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        archive.to_json(audit(measurements(js__gap=float("nan"))))


def test_unknown_keys_are_ignored_and_defaults_fill_what_older_writers_left_out() -> None:
    extended = document(later="?")
    extended["js"]["later"] = 1
    del extended["checkpoint"]["notes"]
    assert archive.from_json(json.dumps(extended)) == audit()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a saved audit"),
        ("[]", "no schema"),
        ("{}", "no schema"),
        ('{"schema": 1}', "schema is 1"),
        ('{"schema": "other/1"}', "schema is 'other/1'"),
        ('{"schema": "ganprobe-history/1"}', "ganprobe-history/1"),
        ('{"schema": "ganprobe/2"}', "newer schema"),
        ('{"schema": "ganprobe/0"}', "older schema"),
        ('{"schema": "ganprobe/1"}', "is missing"),
        ('{"schema": "ganprobe/1", "seed": NaN}', "NaN"),
        ('{"schema": "ganprobe/1", "seed": 1e999}', "1e999"),
        ("[" * 100_000, "not a saved audit"),
    ],
)
def test_what_is_not_an_audit_is_refused(text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        archive.from_json(text)
    assert says in caught.value.message


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("js", "nats", "0.1"),
        ("js", "nats", True),
        ("js", "nats", None),
        ("js", "nats", 10**400),
        ("js", "n_real", 1.5),
        ("js", "status", "fine"),
        ("js", "near_optimal", 1),
        ("data", "shape", 3),
        ("data", "shape", ["a"]),
        ("support", "dimension", []),
        ("checkpoint", "notes", {"a": 1}),
    ],
)
def test_a_field_of_the_wrong_kind_is_refused_by_name(part: str, field: str, value: Any) -> None:
    changed = document()
    changed[part][field] = value
    with pytest.raises(InputError, match=rf"{part}\.{field}"):
        archive.from_json(json.dumps(changed))


@given(st.data())
def test_no_damage_to_a_record_escapes_as_anything_but_a_refusal(data: st.DataObject) -> None:
    text = archive.to_json(audit())
    start = data.draw(st.integers(0, len(text)))
    patch = data.draw(st.text(st.sampled_from('0123456789eE+-.,:[]{}" nultrefas\\'), max_size=8))
    damaged = text[:start] + patch + text[start + data.draw(st.integers(0, 30)) :]
    with suppress(InputError):
        assert isinstance(archive.from_json(damaged), Audit)


def test_read(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    archive.write(path, archive.to_json(audit(), indent=2))
    assert archive.read(path) == audit()
    path.write_text(2 * (archive.to_json(audit()) + "\n"))
    with pytest.raises(InputError, match="2 audits"):
        archive.read(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="cannot be read"):
        archive.read(path)
    with pytest.raises(InputError):
        archive.read(tmp_path)
    with pytest.raises(UsageError):
        archive.read(tmp_path / "none.json")


def test_write_replaces_follows_links_and_keeps_the_umask(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    link.symlink_to(real)
    umask = os.umask(0o027)
    try:
        archive.write(link, "new\n")
    finally:
        os.umask(umask)
    assert real.read_text() == "new\n"
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "audit.json"
    path.write_text("old")
    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "replace")), full)
    with pytest.raises(ResourceError, match="No space left"):
        archive.write(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["audit.json"]


def test_where_nothing_can_be_written_is_known_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.check_writable(tmp_path / "new.json")
    for bad in (tmp_path / "no" / "x.json", tmp_path, Path("/dev/null")):
        with pytest.raises(UsageError):
            archive.check_writable(bad)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UsageError, match="read-only"):
        archive.check_writable(tmp_path / "new.json")
