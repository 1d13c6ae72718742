"""Sealed files: any byte range, soundfile on top, nothing readable below, every change noticed."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware.privacy import sealed
from firmware.privacy.errors import SealBroken
from firmware.privacy.sealed import EXTRA, HEADER, SealedFile, write_sealed

KEY = bytes(range(32))
steps = st.lists(
    st.tuples(st.sampled_from(["write", "seek", "read", "sync"]), st.integers(0, 300)), max_size=40
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.sampled_from([1, 2]), st.integers(16, 80))
def test_it_behaves_as_a_file_in_memory_does(
    tmp_path: Path, steps: list[tuple[str, int]], cipher: int, chunk: int
) -> None:
    path, model = tmp_path / "f", io.BytesIO()
    path.unlink(missing_ok=True)
    with SealedFile(path, KEY, "x", chunk=chunk, cipher=cipher) as file:
        for number, (step, size) in enumerate(steps):
            if step == "write":
                data = bytes([number % 256]) * size
                assert file.write(data) == model.write(data)
            elif step == "seek":
                assert file.seek(size) == model.seek(size)
            elif step == "sync":
                file.sync()
            else:
                assert file.read(size) == model.read(size)
        assert file.seek(0, io.SEEK_END) == len(model.getvalue())
    with SealedFile(path, KEY) as file:
        assert file.read() == model.getvalue()


def test_soundfile_writes_and_reads_flac_through_it(tmp_path: Path) -> None:
    sound = np.random.default_rng(1).normal(0, 3000, 80000).astype(np.int16)
    path = tmp_path / "call.flac.sealed"
    with SealedFile(path, KEY, "x") as file:
        soundfile.write(file, sound, 8000, format="FLAC", subtype="PCM_16")
    with SealedFile(path, KEY) as file:
        assert file.read(4) == b"fLaC"
        file.seek(0)
        assert np.array_equal(soundfile.read(file, dtype="int16")[0], sound)
        file.seek(0)
        with soundfile.SoundFile(file) as opened:
            opened.seek(50000)
            assert np.array_equal(opened.read(100, dtype="int16"), sound[50000:50100])


def test_a_byte_range_reads_only_its_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = os.urandom(1_000_000)
    write_sealed(tmp_path / "f", KEY, data)
    asked: list[int] = []
    pread = os.pread

    def counted(handle: int, size: int, at: int) -> bytes:
        asked.append(size)
        return pread(handle, size, at)

    with SealedFile(tmp_path / "f", KEY) as file:
        monkeypatch.setattr(os, "pread", counted)
        file.seek(500_000)
        assert file.read(100) == data[500_000:500_100]
    assert sum(asked) <= 2 * (sealed.PART_CHUNK + EXTRA)


def test_nothing_of_the_plaintext_lies_in_the_file(tmp_path: Path) -> None:
    data = b"+48221234567 Anna Nowak " * 1000
    write_sealed(tmp_path / "f", KEY, data)
    raw = (tmp_path / "f").read_bytes()
    assert b"Nowak" not in raw
    assert len(set(raw[i : i + 64] for i in range(48, len(raw) - 64, 64))) > 300


def test_the_same_bytes_are_sealed_differently_each_time(tmp_path: Path) -> None:
    with SealedFile(tmp_path / "f", KEY, "x", chunk=64) as file:
        file.write(bytes(64))
        first = (tmp_path / "f").read_bytes()
        file.seek(0)
        file.write(bytes(64))
    assert (tmp_path / "f").read_bytes() != first


@pytest.mark.parametrize("harm", ["flip", "swap", "key", "header", "cut"])
def test_what_was_changed_is_not_read(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "f"
    with SealedFile(path, KEY, "x", chunk=64) as file:
        file.write(os.urandom(640))
    raw = bytearray(path.read_bytes())
    size = 64 + EXTRA
    if harm == "flip":
        raw[HEADER.size + 3 * size + 20] ^= 1
    elif harm == "swap":
        first, second = HEADER.size, HEADER.size + size
        raw[first:second], raw[second : second + size] = (
            raw[second : second + size],
            raw[first:second],
        )
    elif harm == "header":
        raw[20] ^= 1
    elif harm == "cut":
        del raw[-10:]
    path.write_bytes(raw)
    with pytest.raises(SealBroken), SealedFile(path, bytes(32) if harm == "key" else KEY) as file:
        file.read()


@pytest.mark.parametrize("lost", [1, 20, 40, 91])
def test_a_power_cut_costs_the_last_chunk_and_the_file_goes_on(tmp_path: Path, lost: int) -> None:
    path = tmp_path / "f"
    data = os.urandom(640)
    with SealedFile(path, KEY, "x", chunk=64) as file:
        file.write(data)
    os.truncate(path, path.stat().st_size - lost)
    with SealedFile(path, KEY, torn=True) as file:
        assert file.read() == data[:576]
    with SealedFile(path, KEY, "r+", torn=True) as file:
        file.seek(0, io.SEEK_END)
        file.write(b"more")
    with SealedFile(path, KEY) as file:
        assert file.read() == data[:576] + b"more"


def test_every_full_chunk_is_there_after_a_sync_without_a_close(tmp_path: Path) -> None:
    file = SealedFile(tmp_path / "f", KEY, "x", chunk=4096)
    data = os.urandom(20000)
    file.write(data)
    file.sync()
    with SealedFile(tmp_path / "f", KEY, torn=True) as seen:
        assert seen.read() == data[: 20000 // 4096 * 4096]
    file.close()


def test_the_cipher_is_the_one_the_processor_is_fast_at() -> None:
    assert sealed.cipher_for("flags\t\t: fpu aes avx") == sealed.AES_256_GCM
    assert sealed.cipher_for("Features\t: fp asimd evtstrm crc32 cpuid") == sealed.CHACHA20_POLY1305
    assert sealed.cipher_for("Features\t: fp asimd aes pmull sha1") == sealed.AES_256_GCM
    assert sealed.cipher_for("") == sealed.CHACHA20_POLY1305


def test_a_plain_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "g").write_bytes(b"fLaC")
    with pytest.raises(SealBroken, match="not a sealed file"):
        SealedFile(tmp_path / "g", KEY)
