"""The message layer of caller ID: any bytes that a line can bring."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import datetime

from firmware.calls.witness import clock_difference
from firmware.events import CallerId
from firmware.signals import message, ntt
from firmware.simulator.generators import caller_id as exchange

NOON = datetime(2026, 11, 23, 12)


def seeds() -> Iterator[bytes]:
    """One message of each kind."""
    more = [(0x11, b"\x01"), (0x10, b"48221234567"), (0x5C, b"\x00\xff")]
    yield exchange.mdmf("11231430", "221234567", "Żółw".encode("cp1250"), more=more)
    yield exchange.mdmf("02290000", number_absent="P", name_absent="O")
    yield exchange.sdmf("13012561", "5550147")
    yield exchange.waiting_sdmf(True)
    yield exchange.waiting_mdmf(False, [(0x02, b"500100100")])
    yield exchange.ntt([(0x02, b"0312345678"), (0x21, b"\x20\x21\x01")])


def try_one(data: bytes) -> None:
    """As it came, with a right checksum, and as NTT's."""
    if len(data) < 4:
        return
    for v23 in (False, True):
        for whole in (False, True):
            check(message.message_of(data, v23, whole))
    check(message.message_of(exchange.with_checksum(data), True, True))
    message.plausible(data)
    japanese = b"\x90\x81" + data
    if (length := ntt.length_of(japanese)) is not None:
        check(ntt.message_of(japanese[:length], True))
    check(ntt.message_of(exchange.ntt([(data[0], data[1:200])]), True))


def check(told: CallerId) -> None:
    """Text from the line is clean, a message that is no call has no caller."""
    more = [part for pair in told.parameters for part in pair]
    for text in (told.number, told.name, told.when, *more):
        if text is not None:
            dirty = [one for one in text if unicodedata.category(one).startswith("C")]
            if dirty or not unicodedata.is_normalized("NFC", text):
                raise AssertionError(f"not clean: {text!r}")
    if told.kind != "call" and (told.number or told.name):
        raise AssertionError(f"a {told.kind} message named a caller")
    if (told.number is None) != (told.number_absent is not None):
        raise AssertionError("a missing number has one reason, a number has none")
    clock_difference(told.when, NOON)
