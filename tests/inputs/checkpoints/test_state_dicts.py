from __future__ import annotations

import argparse
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from ganprobe.errors import InputError, UsageError
from ganprobe.inputs import checkpoints
from ganprobe.plan import Loading
from ganprobe.samples.sides import Array, Generator

Save = Callable[..., Path]


def load(path: Path, source: Path, network: str = "Generator", **options: object) -> Generator:
    return checkpoints.load(path, Loading(model=f"{source}:{network}", **options))  # type: ignore[arg-type]


def direct(network: torch.nn.Module, generator: Generator, n: int, seed: int) -> Array:
    with torch.no_grad():
        return np.asarray(network.eval()(*generator.inputs(n, seed)).numpy())


@pytest.mark.parametrize("legacy", [False, True])
def test_a_bare_state_dict_draws_what_the_network_would(
    save: Save, source: Path, networks: ModuleType, legacy: bool
) -> None:
    network = networks.Generator()
    path = save(network.state_dict(), "gen_step_1200.pt", _use_new_zipfile_serialization=not legacy)
    generator = load(path, source)
    assert generator.shape == (6,)
    assert generator.record.latent == (4,)
    assert generator.record.step == 1200
    assert generator.record.format == "state_dict"
    assert generator.record.parameters == sum(p.numel() for p in network.parameters())
    np.testing.assert_allclose(generator.draw(700, 5), direct(network, generator, 700, 5), atol=1e-6)


@pytest.mark.parametrize(
    ("key", "beside"),
    [("netG", "netD"), ("G_state_dict", "D_state_dict"), ("generator", "discriminator"), ("model_state_dict", "d")],
)
def test_the_generator_is_found_beside_its_discriminator(
    save: Save, source: Path, networks: ModuleType, key: str, beside: str
) -> None:
    network, twin = networks.Generator(), networks.Generator()
    optimiser = torch.optim.Adam(network.parameters())
    network(torch.randn(5, 4)).sum().backward()
    optimiser.step()
    content = {beside: twin.state_dict(), key: network.state_dict(), "optim": optimiser.state_dict(), "epoch": 7}
    generator = load(save(content), source)
    assert generator.record.key == key
    assert generator.record.step == 7
    np.testing.assert_allclose(generator.draw(9, 1), direct(network, generator, 9, 1), atol=1e-6)


def test_averaged_weights_come_first_unless_told_otherwise(save: Save, source: Path, networks: ModuleType) -> None:
    raw, averaged = networks.Generator(), networks.Generator()
    path = save({"g": raw.state_dict(), "g_ema": averaged.state_dict(), "fixed_noise": torch.zeros(3)})
    assert load(path, source).record.key == "g_ema"
    assert load(path, source, ema="on").record.key == "g_ema"
    assert load(path, source, ema="off").record.key == "g"
    assert load(path, source, key="g").record.key == "g"
    with pytest.raises(InputError, match="no averaged"):
        load(save({"g": raw.state_dict()}), source, ema="on")


def test_averaged_weights_that_do_not_fit_are_passed_over_aloud(save: Save, source: Path, networks: ModuleType) -> None:
    network = networks.Generator()
    other = networks.Generator(width=9).state_dict()
    generator = load(save({"g": network.state_dict(), "g_ema": other}), source)
    assert generator.record.key == "g"
    assert any("g_ema, do not fit" in doubt and "net.0.weight" in doubt for doubt in generator.record.doubts)
    assert generator.record.instead[-2:] == ("--ema", "off")
    asked = load(save({"g": network.state_dict(), "g_ema": other}), source, ema="off")
    assert asked.record.doubts == ()
    assert any("raw weights, as asked for" in note for note in asked.record.notes)


@pytest.mark.parametrize(
    "prefix", ["module.", "_orig_mod.", "generator.", "netG.", "module._orig_mod.", "ema_model.net.ma."]
)
def test_prefixes_are_stripped(save: Save, source: Path, networks: ModuleType, prefix: str) -> None:
    network = networks.Generator()
    content = {f"{prefix}{name}": value for name, value in network.state_dict().items()}
    generator = load(save({"state_dict": content}), source)
    assert generator.record.key == "state_dict"
    assert any(repr(prefix) in note for note in generator.record.notes)
    np.testing.assert_allclose(generator.draw(9, 1), direct(network, generator, 9, 1), atol=1e-6)


def test_one_flat_dict_with_both_networks_in_it(save: Save, source: Path, networks: ModuleType) -> None:
    path = save(
        {
            "state_dict": networks.Wrapped().state_dict(),
            "global_step": torch.tensor(30),
            "hyper_parameters": {"lr": 0.1},
        }
    )
    generator = load(path, source)
    assert generator.record.step == 30
    assert any("'generator.'" in note for note in generator.record.notes)
    assert load(path, source, key="state_dict.generator").record.parameters == generator.record.parameters


def test_equal_candidates_are_listed_and_a_key_decides(save: Save, source: Path, networks: ModuleType) -> None:
    path = save({"one": networks.Generator().state_dict(), "two": networks.Generator().state_dict()})
    with pytest.raises(InputError, match=r"one, two") as caught:
        load(path, source)
    assert "--key" in caught.value.hint
    assert load(path, source, key="two").record.key == "two"
    with pytest.raises(UsageError, match="'three'"):
        load(path, source, key="three")


def test_what_training_scripts_leave_beside_the_weights_is_harmless(
    save: Save, source: Path, networks: ModuleType
) -> None:
    content = {
        "g": networks.Generator().state_dict(),
        "args": argparse.Namespace(lr=0.1, betas=(0.0, 0.9)),
        "fid": np.float64(3.5),
        "iteration": np.int64(12),
        "rng": np.arange(4),
        "where": Path("runs"),
    }
    assert load(save(content), source).record.step == 12


def test_weights_saved_on_a_gpu_load_without_one(
    save: Save, source: Path, networks: ModuleType, tmp_path: Path
) -> None:
    path = save(networks.Generator().state_dict())
    moved = tmp_path / "cuda.pt"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(moved, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            if member.filename.endswith("data.pkl"):
                assert b"X\x03\x00\x00\x00cpu" in content
                content = content.replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:0")
            new.writestr(member.filename, content)
    assert load(moved, source).draw(3, 0).shape == (3, 6)


def test_half_precision_is_cast_and_said(save: Save, source: Path, networks: ModuleType) -> None:
    generator = load(save(networks.Generator().half().state_dict()), source)
    assert generator.draw(4, 0).dtype == np.float32
    assert "float16 weights cast to float32" in generator.record.notes


def test_a_misfit_names_at_most_three_of_each_kind_and_counts_them(
    save: Save, source: Path, networks: ModuleType
) -> None:
    content = networks.Generator(width=9).state_dict()
    with pytest.raises(
        InputError, match=r"7 of another shape \(net.0.weight \[9, 4\] in the file, \[8, 4\] in the model"
    ) as caught:
        load(save(content), source)
    assert "--model-args" in caught.value.hint
    assert load(save(content), source, model_args={"width": 9}).shape == (6,)
    with pytest.raises(InputError, match=r"1 missing \(up.weight|2 missing \(up.weight, up.bias\)"):
        load(save(content), source, network="Pictures")


def test_weights_without_their_class_say_what_they_are(save: Save) -> None:
    path = save(torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2)).state_dict())
    with pytest.raises(UsageError, match=r"0.weight \[5, 3\]") as caught:
        checkpoints.load(path, Loading())
    assert "-m" in caught.value.hint


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_named(save: Save, source: Path, networks: ModuleType, bad: float) -> None:
    content = networks.Generator().state_dict()
    content["net.3.bias"][2] = bad
    with pytest.raises(InputError, match=r"1 weights of net\.3\.bias"):
        load(save(content), source)


class Payload:
    def __init__(self, target: Path) -> None:
        self.command = f"touch {target}"

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (self.command,)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("protocol", [2, 4])
def test_a_malicious_pickle_is_refused_by_name_and_not_run(
    save: Save, source: Path, tmp_path: Path, legacy: bool, protocol: int
) -> None:
    target = tmp_path / "executed"
    content = {"g": torch.zeros(2), "x": Payload(target)}
    path = save(content, _use_new_zipfile_serialization=not legacy, pickle_protocol=protocol)
    with pytest.raises(InputError, match=r"posix\.system|a bare pickle") as caught:
        load(path, source)
    assert "state_dict" in caught.value.hint
    assert not target.exists()


def test_trust_by_environment_changes_nothing(
    save: Save, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    with pytest.raises(InputError, match="system"):
        load(save({"x": Payload(tmp_path / "executed")}), source)
    assert not (tmp_path / "executed").exists()


def test_a_whole_network_is_refused_with_the_safe_way(save: Save, source: Path) -> None:
    with pytest.raises(InputError, match=r"torch\.nn\.modules\.linear\.Linear") as caught:
        load(save(torch.nn.Linear(2, 2)), source)
    assert "state_dict" in caught.value.hint


def test_a_tensor_that_claims_more_than_the_file_holds_is_refused(
    save: Save, source: Path, networks: ModuleType
) -> None:
    content = networks.Generator().state_dict()
    content["net.3.weight"] = torch.zeros(1).expand(6, 8)
    with pytest.raises(InputError, match="claims more"):
        load(save(content), source)


def test_structures_that_loop_or_nest_end(save: Save, source: Path) -> None:
    loop: dict[str, object] = {"t": torch.zeros(1)}
    loop["self"] = loop
    with pytest.raises(InputError, match="do not fit"):
        load(save(loop), source)
    with pytest.raises(InputError, match="no state dict"):
        load(save([1, 2]), source)


@pytest.mark.parametrize("keep", [0.02, 0.5, 0.98])
@pytest.mark.parametrize("legacy", [False, True])
def test_a_file_cut_short_is_an_input_error(
    save: Save, source: Path, networks: ModuleType, legacy: bool, keep: float
) -> None:
    path = save(networks.Generator().state_dict(), _use_new_zipfile_serialization=not legacy)
    path.write_bytes(path.read_bytes()[: int(keep * path.stat().st_size)])
    with pytest.raises(InputError):
        load(path, source)


def test_a_flipped_byte_is_found(save: Save, source: Path, networks: ModuleType) -> None:
    network = networks.Generator()
    path = save(network.state_dict())
    content, weights = path.read_bytes(), network.net[0].weight.detach().numpy().tobytes()
    at = content.index(weights)
    path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    with pytest.raises(InputError, match="checksum"):
        load(path, source)


def test_a_compressed_archive_is_refused(save: Save, source: Path, networks: ModuleType, tmp_path: Path) -> None:
    squeezed = tmp_path / "squeezed.pt"
    with (
        zipfile.ZipFile(save(networks.Generator().state_dict())) as old,
        zipfile.ZipFile(squeezed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    with pytest.raises(InputError, match=r"not written by torch\.save"):
        load(squeezed, source)


@pytest.mark.parametrize(
    ("content", "match", "hint"),
    [
        (b"", "empty", "still being written"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "Git LFS pointer", "git lfs pull"),
        (b"\n<!DOCTYPE html><html></html>", "web page", "download"),
        (b"\x1f\x8b\x08\x00rest", "gzip", "gunzip"),
        (b"\x80\x04K\x01.", "pickle", "state_dict"),
        (b"PK\x03\x04" + b"\0" * 40, "damaged", "download"),
        (b"\x10\0\0\0\0\0\0\0{truncated", "cannot be read", "damaged"),
        (b"step 3, loss 0.2", "not a checkpoint", "state_dict"),
    ],
)
def test_what_is_not_a_checkpoint_is_told_by_its_bytes(tmp_path: Path, content: bytes, match: str, hint: str) -> None:
    path = tmp_path / "g.pt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=match) as caught:
        checkpoints.load(path, Loading())
    assert hint in caught.value.hint


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        checkpoints.load(tmp_path / "none.pt", Loading())
    with pytest.raises(InputError, match="folder"):
        checkpoints.load(tmp_path, Loading())
    os.mkfifo(tmp_path / "pipe.pt")
    with pytest.raises(InputError, match="regular"):
        checkpoints.load(tmp_path / "pipe.pt", Loading())


def test_a_legacy_pickle_that_asks_for_more_than_it_holds(save: Save, source: Path, networks: ModuleType) -> None:
    path = save(networks.Generator().state_dict(), _use_new_zipfile_serialization=False)
    magic = path.read_bytes()[:16]
    path.write_bytes(magic + b"\x96" + (2**62).to_bytes(8, "little") + b"short")
    with pytest.raises(InputError, match="cannot be read"):
        load(path, source)
