"""A whole log checked by its bytes alone."""

import dataclasses
import threading
from pathlib import Path

import pytest

from firmware.evidence.check import check_lines, check_log
from firmware.evidence.entries import Entry, Kind
from firmware.evidence.errors import Changed
from firmware.evidence.head import Head, SignedHead
from firmware.evidence.key import BoxKey
from firmware.evidence.log import LOG
from firmware.evidence.merkle import Frontier, leaf_hash
from tests.evidence.conftest import Box


def lived_in(box: Box) -> list[bytes]:
    """The lines of a log with a clock that was set and a power cut."""
    log = box.log()
    for number in range(6):
        log.append(Kind.PLAYED, f"call-{number}")
        if number == 2:
            box.clocks.wall += 500
        if number == 4:
            box.clocks.reboot()
    return [log.line(number) for number in range(log.size)]


def resigned(lines: list[bytes], key: BoxKey, at: float = 2e9) -> SignedHead:
    """A head over any lines: what a thief of the key can make."""
    frontier = Frontier()
    for line in lines:
        frontier.append(leaf_hash(line))
    return SignedHead.sign(Head(key.public.box, len(lines), frontier.root(), at), key)


def rewritten(lines: list[bytes], key: BoxKey, number: int, **changes: object) -> list[bytes]:
    """Lines with one entry changed and every later `prev` made to fit."""
    frontier, made = Frontier(), []
    for place, line in enumerate(lines):
        entry = Entry.from_bytes(line)
        if place == number:
            entry = dataclasses.replace(entry, **changes)  # type: ignore[arg-type]
        entry = dataclasses.replace(entry, box=key.public.box, previous=frontier.root().hex())
        made.append(entry.to_bytes())
        frontier.append(leaf_hash(made[-1]))
    return made


def test_an_honest_log_passes_and_says_when_its_clock_was_set(box: Box) -> None:
    lines = lived_in(box)
    checked = check_log(box.folder, box.key.public)
    assert checked.entries == len(lines) == 9
    assert checked.clock_sets == (4,)


@pytest.mark.parametrize("by", [-86400.0, -3.0, 3.0, 86400.0])
def test_a_rolled_clock_shows_even_where_the_key_signed_it(box: Box, by: float) -> None:
    lines = lived_in(box)
    old = Entry.from_bytes(lines[2])
    forged = rewritten(lines, box.key, 2, at=old.at + by)
    with pytest.raises(Changed, match="the clock was turned"):
        check_lines(forged, resigned(forged, box.key), box.key.public)


def test_a_start_that_the_log_keeps_silent_shows(box: Box) -> None:
    lines = lived_in(box)
    [cut] = [n for n, line in enumerate(lines) if Entry.from_bytes(line).kind == "power-lost"]
    forged = rewritten(lines, box.key, cut, kind="played")
    with pytest.raises(Changed, match="started anew, and the log is silent"):
        check_lines(forged, resigned(forged, box.key), box.key.public)


def test_a_log_made_anew_with_the_true_key_is_found_by_a_head_from_outside(box: Box) -> None:
    lines = lived_in(box)
    outside = resigned(lines[:7], box.key).head
    check_log(box.folder, box.key.public, [outside])
    forged = rewritten(lines, box.key, 3, call="another")
    signed = resigned(forged, box.key)
    check_lines(forged, signed, box.key.public)
    with pytest.raises(Changed, match="The log was made anew"):
        check_lines(forged, signed, box.key.public, [outside])
    short = forged[:5]
    with pytest.raises(Changed, match="Entries were removed"):
        check_lines(short, resigned(short, box.key), box.key.public, [outside])


def test_the_log_and_the_key_of_another_box_are_told(box: Box, tmp_path: Path) -> None:
    lines = lived_in(box)
    other = BoxKey.ensure(tmp_path / "other")
    with pytest.raises(Changed, match="of another box"):
        check_log(box.folder, other.public)
    with pytest.raises(Changed, match="Entry 0 is of another box"):
        check_lines(lines, resigned(lines, other), other.public)


@pytest.mark.parametrize("name", ["head", "log.jsonl"])
def test_what_is_missing_is_named(box: Box, name: str) -> None:
    lived_in(box)
    (box.folder / name).unlink()
    with pytest.raises(Changed, match="is missing"):
        check_log(box.folder, box.key.public)


def test_a_log_that_goes_on_while_it_is_checked_is_no_false_alarm(box: Box) -> None:
    log, stop = box.log(), threading.Event()

    def live() -> None:
        while not stop.is_set():
            log.append(Kind.PLAYED, "call", {"by": "owner"})

    busy = threading.Thread(target=live)
    busy.start()
    try:
        for _ in range(60):
            check_log(box.folder, box.key.public)
    finally:
        stop.set()
        busy.join()
    with (box.folder / LOG).open("ab") as file:  # what nobody signed is found all the same
        file.write(log.line(1) + b"\n")
    with pytest.raises(Changed):
        check_log(box.folder, box.key.public)
