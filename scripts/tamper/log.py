"""Changes to a whole log. Each takes its lines, and gives other lines and the head over them."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from dataclasses import dataclass

from firmware.evidence.entries import Entry, Kind
from firmware.evidence.head import Head, SignedHead
from firmware.evidence.key import BoxKey
from firmware.evidence.merkle import Frontier, leaf_hash
from scripts.tamper.bundle import flipped

Lines = list[bytes]


@dataclass(frozen=True)
class LogTarget:
    """An honest log; `outside` is a head of it that was printed or stamped."""

    lines: Lines
    signed: SignedHead
    outside: Head
    key: BoxKey
    thief: BoxKey


def headed(lines: Lines, key: BoxKey, at: float) -> SignedHead:
    """A head over any lines."""
    frontier = Frontier()
    for line in lines:
        frontier.append(leaf_hash(line))
    return SignedHead.sign(Head(key.public.box, len(lines), frontier.root(), at), key)


def rechained(entries: list[Entry], key: BoxKey) -> Lines:
    """The entries numbered and chained anew, as only the key's owner can have them signed."""
    frontier, lines = Frontier(), []
    for number, entry in enumerate(entries):
        made = dataclasses.replace(
            entry, sequence=number, box=key.public.box, previous=frontier.root().hex()
        )
        lines.append(made.to_bytes())
        frontier.append(leaf_hash(lines[-1]))
    return lines


Changed = tuple[Lines, SignedHead]


def flip(target: LogTarget, rng: random.Random) -> Changed:
    """One bit of one entry."""
    lines = list(target.lines)
    at = rng.randrange(len(lines))
    lines[at] = flipped(lines[at], rng)
    return lines, target.signed


def delete(target: LogTarget, rng: random.Random) -> Changed:
    """An entry less."""
    at = rng.randrange(len(target.lines))
    return target.lines[:at] + target.lines[at + 1 :], target.signed


def truncate(target: LogTarget, rng: random.Random) -> Changed:
    """The last entries gone."""
    return target.lines[: rng.randrange(len(target.lines))], target.signed


def duplicate(target: LogTarget, rng: random.Random) -> Changed:
    """An entry twice."""
    at, to = (rng.randrange(len(target.lines)) for _ in range(2))
    return [*target.lines[:to], target.lines[at], *target.lines[to:]], target.signed


def reorder(target: LogTarget, rng: random.Random) -> Changed:
    """Two entries change places."""
    first, second = rng.sample(range(len(target.lines)), 2)
    lines = list(target.lines)
    lines[first], lines[second] = lines[second], lines[first]
    return lines, target.signed


def flip_head(target: LogTarget, rng: random.Random) -> Changed:
    """The head's signature, root, size or time changed."""
    head, signature = target.signed.head, target.signed.signature
    what = rng.randrange(4)
    if what == 0:
        signature = flipped(signature, rng)
    elif what == 1:
        head = dataclasses.replace(head, root=flipped(head.root, rng))
    elif what == 2:
        head = dataclasses.replace(head, size=head.size + rng.choice([-1, 1]))
    else:
        head = dataclasses.replace(head, at=head.at + rng.choice([-1, 1]) * rng.uniform(1, 1e8))
    return target.lines, SignedHead(head, signature)


def roll_clock_as_insider(target: LogTarget, rng: random.Random) -> Changed:
    """From some entry on the clock is another, no entry says so, and the box signs it all anew."""
    entries = [Entry.from_bytes(line) for line in target.lines]
    free = [
        number
        for number in range(1, len(entries))
        if entries[number].kind != Kind.CLOCK_SET
        and entries[number].boot == entries[number - 1].boot
    ]
    at = rng.choice(free)
    by = rng.choice([-1, 1]) * rng.uniform(5, 1e7)
    for number in range(at, len(entries)):
        entries[number] = dataclasses.replace(entries[number], at=entries[number].at + by)
    lines = rechained(entries, target.key)
    return lines, headed(lines, target.key, max(entry.at for entry in entries) + 1)


def rewrite_as_insider(target: LogTarget, rng: random.Random) -> Changed:
    """An entry that was stamped is changed or left out, and the box signs the whole log anew."""
    entries = [Entry.from_bytes(line) for line in target.lines]
    at = rng.randrange(1, target.outside.size)
    if rng.random() < 0.5:
        del entries[at]
    else:
        entries[at] = dataclasses.replace(entries[at], facts={"changed": rng.random()})
    lines = rechained(entries, target.key)
    return lines, headed(lines, target.key, target.signed.head.at)


def roll_back_as_insider(target: LogTarget, rng: random.Random) -> Changed:
    """The log as it was before the stamp, rightly signed."""
    lines = target.lines[: rng.randrange(1, target.outside.size)]
    return lines, headed(lines, target.key, target.signed.head.at)


def replace_key(target: LogTarget, rng: random.Random) -> Changed:
    """The whole log under another key, or only its head."""
    lines = target.lines
    if rng.random() < 0.5:
        lines = rechained([Entry.from_bytes(line) for line in lines], target.thief)
    return lines, headed(lines, target.thief, target.signed.head.at)


CHANGES: tuple[Callable[[LogTarget, random.Random], Changed], ...] = (
    *(flip, delete, truncate, duplicate, reorder, flip_head, roll_clock_as_insider),
    *(rewrite_as_insider, roll_back_as_insider, replace_key),
)
