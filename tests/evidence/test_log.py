"""The event log: what survives a crash, two writers, and a lost index; what is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from firmware.evidence.entries import Entry, Kind
from firmware.evidence.errors import LogDamaged, LogUnwritable
from firmware.evidence.merkle import leaf_hash, verify_consistency, verify_inclusion
from tests.evidence.conftest import Box

CALL = "0190a0b0-0000-7000-8000-000000000001"

KILLED = """
import os, sys
from pathlib import Path
from firmware.evidence.entries import Kind
from firmware.evidence.key import BoxKey
from firmware.evidence.log import EventLog

key = BoxKey.ensure(Path(sys.argv[1]))
log = EventLog(Path(sys.argv[2]), key)
for number in range(int(sys.argv[3])):
    print(log.append(Kind.PLAYED, "call-" + sys.argv[4]).sequence, flush=True)
os.kill(os.getpid(), 9)
"""


def test_entries_are_numbered_without_a_gap_and_read_back_as_they_were_stored(box: Box) -> None:
    log = box.log()
    made = [log.append(Kind.RECORDED, CALL, {"sha256": "00"}) for _ in range(5)]
    assert [entry.sequence for entry in made] == [1, 2, 3, 4, 5]
    assert log.entry(0).kind == Kind.LOG_BEGUN
    stored = (box.folder / "log.jsonl").read_bytes().splitlines()
    assert [log.line(number) for number in range(6)] == stored
    assert Entry.from_bytes(stored[5]) == log.entry(5)
    assert log.of_call(CALL) == [1, 2, 3, 4, 5]


def test_every_entry_is_proved_against_the_signed_head(box: Box) -> None:
    log = box.log()
    for _ in range(20):
        log.append(Kind.PLAYED, CALL)
    signed = log.head()
    signed.check(box.key.public)
    head = signed.head
    assert head.size == 21
    for number in range(head.size):
        leaf = leaf_hash(log.line(number))
        assert verify_inclusion(leaf, number, head.size, log.prove(number), head.root)
        grown = log.prove_growth(number)
        assert verify_consistency(number, head.size, grown, log.root(number), head.root)


def test_the_log_goes_on_where_it_was_after_a_start(box: Box) -> None:
    first = box.log()
    first.append(Kind.FLAGGED, CALL)
    again = box.log()
    assert again.size == 2
    assert again.append(Kind.PLAYED, CALL).sequence == 2
    assert first.append(Kind.PLAYED, CALL).sequence == 3
    assert again.of_call(CALL) == [1, 2, 3]


def test_two_processes_that_are_killed_leave_every_acknowledged_entry(tmp_path: Path) -> None:
    words = [sys.executable, "-c", KILLED, str(tmp_path / "state"), str(tmp_path / "log"), "40"]
    running = [subprocess.Popen([*words, name], stdout=subprocess.PIPE, text=True) for name in "ab"]
    told = sorted(int(line) for one in running for line in one.communicate()[0].split())
    assert [one.returncode for one in running] == [-9, -9]
    from firmware.evidence.check import check_log
    from firmware.evidence.key import BoxKey
    from firmware.evidence.log import EventLog

    key = BoxKey.ensure(tmp_path / "state")
    log = EventLog(tmp_path / "log", key)
    assert told == list(range(1, 81))
    assert log.size == 81
    assert len(log.of_call("call-a")) == len(log.of_call("call-b")) == 40
    assert check_log(tmp_path / "log", key.public).entries == 81


@pytest.mark.parametrize("rest", [b"{", b'{"at":"2026', b"\x00" * 100])
def test_an_entry_that_a_power_cut_tore_is_dropped(box: Box, rest: bytes) -> None:
    box.log().append(Kind.PLAYED, CALL)
    with (box.folder / "log.jsonl").open("ab") as file:
        file.write(rest)
    log = box.log()
    assert log.size == 2
    assert log.append(Kind.PLAYED, CALL).sequence == 2


@pytest.mark.parametrize("left", [b"", b"tipring log head 1\nbox", b"\x00" * 300])
def test_a_head_that_a_power_cut_tore_is_signed_anew(box: Box, left: bytes) -> None:
    box.log().append(Kind.PLAYED, CALL)
    (box.folder / "head").write_bytes(left)
    log = box.log()
    assert log.append(Kind.PLAYED, CALL).sequence == 2
    log.head().check(box.key.public)


def test_entries_that_reached_the_medium_before_the_head_did_are_kept(box: Box) -> None:
    log = box.log()
    before = (box.folder / "head").read_bytes()
    log.append(Kind.PLAYED, CALL)
    (box.folder / "head").write_bytes(before)
    assert box.log().head().head.size == 2


@pytest.mark.parametrize("harm", ["gone", "garbage", "empty", "behind", "ahead"])
def test_a_lost_or_wrong_index_is_made_anew(box: Box, harm: str) -> None:
    log = box.log()
    path = box.folder / "index.sqlite"
    for number in range(10):
        log.append(Kind.PLAYED, f"call-{number % 3}")
        if number == 4 and harm == "behind":
            kept = [(one, one.read_bytes()) for one in box.folder.glob("index.sqlite*")]
    head = log.head()
    log.close()
    if harm == "behind":
        for one, data in kept:
            one.write_bytes(data)
    elif harm == "ahead":
        other = box.folder / "log.jsonl"
        lines = other.read_bytes().splitlines(keepends=True)
        other.write_bytes(b"".join(lines[:-1]))
        (box.folder / "head").unlink()
    else:
        for one in box.folder.glob("index.sqlite*"):
            one.unlink()
        if harm != "gone":
            path.write_bytes(b"garbage" * 999 if harm == "garbage" else b"")
    again = box.log()
    if harm == "ahead":
        assert again.size == 10
        return
    assert again.head() == head
    assert again.of_call("call-1") == [2, 5, 8]
    assert verify_inclusion(
        leaf_hash(again.line(3)), 3, head.head.size, again.prove(3), head.head.root
    )


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda lines: lines[:-1], "only 5 are left"),
        (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], "not the one that belongs"),
        (lambda lines: [*lines[:3], lines[3].replace(b"played", b"PLAYED"), *lines[4:]], "not"),
        (lambda lines: [*lines[:2], *lines[3:]], "not the one that belongs"),
    ],
)
def test_a_changed_log_is_refused_at_the_start(box: Box, harm: object, said: str) -> None:
    log = box.log()
    for _ in range(5):
        log.append(Kind.PLAYED, CALL)
    path = box.folder / "log.jsonl"
    path.write_bytes(b"".join(harm(path.read_bytes().splitlines(keepends=True))))  # type: ignore[operator]
    for one in box.folder.glob("index.sqlite*"):
        one.unlink()
    with pytest.raises(LogDamaged, match=said):
        box.log()


def test_a_log_that_is_shortened_while_it_runs_is_noticed(box: Box) -> None:
    log = box.log()
    log.append(Kind.PLAYED, CALL)
    os.truncate(box.folder / "log.jsonl", 10)
    with pytest.raises(LogDamaged, match="shorter than it was"):
        log.append(Kind.PLAYED, CALL)


def test_a_full_medium_is_said_and_leaves_no_half_entry(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = box.log()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", full)
        with pytest.raises(LogUnwritable, match="No space left"):
            log.append(Kind.PLAYED, CALL)
    assert log.append(Kind.FLAGGED, CALL).sequence == 1
    assert (box.folder / "log.jsonl").read_bytes().count(b"\n") == 2


def test_a_clock_that_was_set_and_a_power_cut_get_entries_of_their_own(box: Box) -> None:
    log = box.log()
    box.clocks.wall -= 3600
    log.append(Kind.PLAYED, CALL)
    box.clocks.reboot()
    log.append(Kind.STOPPED)
    box.clocks.reboot(away=-7200)
    log.append(Kind.PLAYED, CALL)
    kinds = [log.entry(number).kind for number in range(log.size)]
    assert kinds == [
        *("log-begun", "clock-set", "played", "power-lost", "stopped"),
        *("clock-set", "started", "played"),
    ]
    assert log.entry(1).facts == {"by_s": -3600.0, "noticed": True}


def test_a_process_that_may_not_know_the_boots_id_goes_on_in_the_same_boot(box: Box) -> None:
    from firmware.evidence.check import check_log

    log = box.log()
    known = box.clocks.boot
    for boot in ("", known, "", known):
        box.clocks.boot = boot
        log.append(Kind.PLAYED, CALL)
    assert {log.entry(number).boot for number in range(5)} == {known}
    box.clocks.wall += 500
    box.clocks.monotonic = 3.0
    box.clocks.boot = ""
    for boot in ("", "boot-2", ""):
        box.clocks.boot = boot
        log.append(Kind.PLAYED, CALL)
    kinds = [log.entry(number).kind for number in range(log.size)]
    assert kinds == ["log-begun", *["played"] * 4, "power-lost", *["played"] * 3]
    assert check_log(box.folder, box.key.public).clock_sets == ()


def test_the_log_is_for_the_box_alone_to_read(box: Box) -> None:
    box.log()
    assert box.folder.stat().st_mode & 0o077 == 0


def test_what_is_done_on_the_page_after_the_stop_makes_no_power_cut_of_it(box: Box) -> None:
    log = box.log()
    log.append(Kind.STOPPED)
    log.append(Kind.PLAYED, "call", {"by": "owner"})
    box.clocks.reboot()
    log.append(Kind.PLAYED, "call", {"by": "owner"})
    assert [log.entry(number).kind for number in range(log.size)][-2:] == ["started", "played"]
    log.append(Kind.STOPPED)
    log.append(Kind.RECORDED, "call")  # it had begun anew, and then there was no power
    box.clocks.reboot()
    log.append(Kind.PLAYED, "call", {"by": "owner"})
    assert log.entry(log.size - 2).kind == Kind.POWER_LOST
