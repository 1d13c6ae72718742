"""The calls' keys: made, found again, and gone for good."""

import uuid
from pathlib import Path

import pytest

from firmware.privacy.errors import KeyGone, KeyStoreUnusable
from firmware.privacy.keys import SLOT, KeyStore, put_aside

CALLS = [str(uuid.UUID(int=number << 64 | 7 << 76)) for number in range(1, 9)]


def test_keys_are_found_again_by_another_process(tmp_path: Path) -> None:
    recorder, page = KeyStore(tmp_path), KeyStore(tmp_path)
    keys = [recorder.make(call) for call in CALLS]
    assert len(set(keys)) == len(CALLS)
    assert [page.get(call) for call in CALLS] == keys
    assert [KeyStore(tmp_path).get(call) for call in CALLS] == keys


def test_an_erased_key_is_gone_for_every_process_and_the_others_stay(tmp_path: Path) -> None:
    recorder, page = KeyStore(tmp_path), KeyStore(tmp_path)
    keys = {call: recorder.make(call) for call in CALLS}
    assert page.get(CALLS[3]) == keys[CALLS[3]]
    before = (tmp_path / "call-keys.bin").read_bytes()
    assert page.erase(CALLS[3])
    for store in (recorder, page, KeyStore(tmp_path)):
        with pytest.raises(KeyGone, match="was erased"):
            store.get(CALLS[3])
        assert store.get(CALLS[4]) == keys[CALLS[4]]
    after = (tmp_path / "call-keys.bin").read_bytes()
    assert len(after) == len(before)
    slot = before[3 * SLOT.size : 4 * SLOT.size]
    for size in (8, 16):
        for at in range(32, 92 - size):  # nonce and wrapped key
            assert slot[at : at + size] not in after
    assert not recorder.erase(CALLS[3])


def test_the_slots_hold_no_key_in_the_clear(tmp_path: Path) -> None:
    key = KeyStore(tmp_path).make(CALLS[0])
    assert key not in (tmp_path / "call-keys.bin").read_bytes()


def test_the_files_are_for_the_box_alone(tmp_path: Path) -> None:
    KeyStore(tmp_path).make(CALLS[0])
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    (tmp_path / "call-master.key").chmod(0o644)
    with pytest.raises(KeyStoreUnusable, match="others may read it"):
        KeyStore(tmp_path)


def test_a_missing_master_key_is_never_made_anew_over_calls(tmp_path: Path) -> None:
    KeyStore(tmp_path).make(CALLS[0])
    (tmp_path / "call-master.key").unlink()
    with pytest.raises(KeyStoreUnusable, match="is missing"):
        KeyStore(tmp_path)


def test_a_call_gets_one_key_and_a_strange_id_none(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    store.make(CALLS[0])
    with pytest.raises(KeyStoreUnusable, match="has a key already"):
        store.make(CALLS[0])
    with pytest.raises(KeyGone):
        store.get("../../etc/passwd")


def test_a_slot_that_a_power_cut_tore_is_no_key(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    key = store.make(CALLS[0])
    with (tmp_path / "call-keys.bin").open("ab") as file:
        file.write(b"\x01half")
    again = KeyStore(tmp_path)
    assert again.get(CALLS[0]) == key
    other = again.make(CALLS[1])
    assert KeyStore(tmp_path).get(CALLS[1]) == other


def test_a_store_that_was_put_aside_can_be_put_right_and_opened(tmp_path: Path) -> None:
    key = KeyStore(tmp_path).make(CALLS[0])
    master = tmp_path / "call-master.key"
    whole = master.read_bytes()
    master.write_bytes(whole[:5])
    with pytest.raises(KeyStoreUnusable, match="damaged"):
        KeyStore(tmp_path)
    slots, spoilt = put_aside(tmp_path, "1")
    assert KeyStore(tmp_path).make(CALLS[1]) != key
    slots.rename(tmp_path / "call-keys.bin")
    spoilt.unlink()
    master.write_bytes(whole)
    assert KeyStore(tmp_path).get(CALLS[0]) == key
