"""Changes to a bundle. Each takes the bundle's files, and gives other bytes of a zip."""

from __future__ import annotations

import hashlib
import io
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from firmware.evidence.bundle import container
from firmware.evidence.bundle.container import of_bytes
from firmware.evidence.head import Head
from firmware.evidence.key import BoxKey
from firmware.evidence.merkle import Frontier, leaf_hash, prove_inclusion

UNLISTED = ("SHA256SUMS", "SHA256SUMS.sig", "PAGE.sha256", "PAGE.sha256.sig", "verify.html")
Files = dict[str, bytes]


@dataclass(frozen=True)
class Target:
    """An honest bundle; `key` is the box's own, `thief` somebody else's."""

    raw: bytes
    files: Files
    key: BoxKey
    thief: BoxKey


def zipped(files: Files, order: list[str] | None = None) -> bytes:
    """The zip as the box would write it."""
    out = io.BytesIO()
    names = sorted(files) if order is None else order
    container.write(out, [of_bytes(name, files[name]) for name in names])
    return out.getvalue()


def relisted(files: Files, key: BoxKey) -> Files:
    """With lists and signatures of `key` that fit the files."""
    names = sorted(name for name in files if name not in UNLISTED)
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in names]
    sums = "".join(lines).encode()
    page = f"{hashlib.sha256(files.get('verify.html', b'')).hexdigest()}  verify.html\n".encode()
    made = {"SHA256SUMS": sums, "PAGE.sha256": page}
    return {**files, **made, **{f"{name}.sig": key.sign(data) for name, data in made.items()}}


def flipped(data: bytes, rng: random.Random) -> bytes:
    """One bit of it changed."""
    changed = bytearray(data)
    changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _some(files: Files, rng: random.Random, like: str = "") -> str:
    return rng.choice(sorted(name for name in files if re.search(like, name) and files[name]))


def flip_zip(target: Target, rng: random.Random) -> bytes:
    """Any bit of the zip."""
    return flipped(target.raw, rng)


def cut_or_grow_zip(target: Target, rng: random.Random) -> bytes:
    """Bytes taken from the zip, put into it, or doubled."""
    at = rng.randrange(len(target.raw))
    length = rng.randint(1, 64)
    rest = target.raw[at + length :]
    put = rng.choice([b"", rng.randbytes(length), target.raw[at : at + length] * 2])
    return target.raw[:at] + put + rest


def flip_file(target: Target, rng: random.Random) -> bytes:
    """Any bit of any file, in a zip that is made anew around it."""
    name = _some(target.files, rng)
    return zipped({**target.files, name: flipped(target.files[name], rng)})


def truncate_file(target: Target, rng: random.Random) -> bytes:
    """A file made shorter."""
    name = _some(target.files, rng)
    return zipped({**target.files, name: target.files[name][: -rng.randint(1, 40)]})


def delete_file(target: Target, rng: random.Random) -> bytes:
    """A file less."""
    name = _some(target.files, rng)
    return zipped({key: data for key, data in target.files.items() if key != name})


def duplicate_file(target: Target, rng: random.Random) -> bytes:
    """A file more: a copy under another name."""
    name = _some(target.files, rng)
    other = rng.choice(["calls/009/recording.flac", "log/entry-000000009999.json", "x.txt"])
    return zipped({**target.files, other: target.files[name]})


def swap_files(target: Target, rng: random.Random) -> bytes:
    """Two files change places."""
    first, second = _some(target.files, rng), _some(target.files, rng)
    files = {**target.files, first: target.files[second], second: target.files[first]}
    return zipped(files)


def reorder_zip(target: Target, rng: random.Random) -> bytes:
    """The same files in another order."""
    names = sorted(target.files)
    rng.shuffle(names)
    return zipped(target.files, names)


def delete_entry(target: Target, rng: random.Random) -> bytes:
    """An entry of the log taken out, the lists signed anew by the box itself."""
    name = _some(target.files, rng, r"entry.*json$")
    gone = {name, name.replace(".json", ".proof")}
    left = {key: data for key, data in target.files.items() if key not in gone}
    return zipped(relisted(left, target.key))


def reorder_entries(target: Target, rng: random.Random) -> bytes:
    """Two entries change places, the lists signed anew by the box itself."""
    first, second = (_some(target.files, rng, r"entry.*json$") for _ in range(2))
    files = {**target.files, first: target.files[second], second: target.files[first]}
    if rng.random() < 0.5:
        one, two = (name.replace(".json", ".proof") for name in (first, second))
        files |= {one: target.files[two], two: target.files[one]}
    return zipped(relisted(files, target.key))


def duplicate_entry(target: Target, rng: random.Random) -> bytes:
    """An entry put in once more as another number, the lists signed anew by the box itself."""
    name = _some(target.files, rng, r"entry.*json$")
    other = f"log/entry-{rng.randint(0, 99):012d}"
    files = {**target.files, f"{other}.json": target.files[name]}
    files[f"{other}.proof"] = target.files[name.replace(".json", ".proof")]
    return zipped(relisted(files, target.key))


def change_as_insider(target: Target, rng: random.Random) -> bytes:
    """Any bit of what the log covers, the lists signed anew by the box itself."""
    like = r"^(log|calls|stamps/.*/(head|token|growth))"
    name = _some(target.files, rng, like)
    return zipped(relisted({**target.files, name: flipped(target.files[name], rng)}, target.key))


def swap_calls_as_insider(target: Target, rng: random.Random) -> bytes:
    """Recording or record put in another call's place, signed anew by the box itself."""
    name = _some(target.files, rng, r"^calls/.*(flac|record\.json)$")
    other = _some(target.files, rng, name.rsplit("/", 1)[1])
    files = {**target.files, name: target.files[other], other: target.files[name]}
    if name == other:
        files[name] = target.files[name][:-1]
    return zipped(relisted(files, target.key))


def roll_clock(target: Target, rng: random.Random) -> bytes:
    """Years, days or hours changed wherever a time is told, with or without the box's signature."""
    name = _some(target.files, rng, r"(entry.*json|head\.txt|record\.json)$")
    text = target.files[name].decode()
    times = list(re.finditer(r"\d{4}-\d\d-\d\dT\d\d", text))
    if not times:
        return target.raw
    found = rng.choice(times)
    other = f"20{rng.randint(10, 60)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}T05"
    files = {**target.files, name: (text[: found.start()] + other + text[found.end() :]).encode()}
    if name == "log/head.txt" and rng.random() < 0.5:
        files["log/head.sig"] = target.thief.sign(files[name])
    return zipped(relisted(files, target.key) if rng.random() < 0.5 else files)


def replace_key(target: Target, rng: random.Random) -> bytes:
    """Another key, with more and more signed by it; at last a whole new log of one's own."""
    files = {**target.files, "box.pem": target.thief.public.pem}
    depth = rng.randrange(4)
    if depth >= 1:
        head = Head.parse(files["log/head.txt"])
        text = Head(target.thief.public.box, head.size, head.root, head.at).text()
        files |= {"log/head.txt": text, "log/head.sig": target.thief.sign(text)}
    if depth >= 2:
        files = {name: data for name, data in files.items() if not name.startswith("stamps/")}
    if depth == 3:
        files = _forged_log(files, target)
    return zipped(relisted(files, target.thief))


def _forged_log(files: Files, target: Target) -> Files:
    """The thief's own log with the same entries under his name."""
    names = sorted(name for name in files if re.search(r"entry.*json$", name))
    box, thief = target.key.public.box.encode(), target.thief.public.box.encode()
    frontier, nodes = Frontier(), {}
    lines = {name: files[name].replace(box, thief) for name in names}
    numbers = {int(name[10:22]): line for name, line in lines.items()}
    for number in range(max(numbers) + 1):
        for level, index, digest in frontier.append(leaf_hash(numbers.get(number, b"x"))):
            nodes[level, index] = digest
    head = Head.parse(files["log/head.txt"])
    made = Head(target.thief.public.box, frontier.size, frontier.root(), head.at)
    files = {**files, **lines, "log/head.txt": made.text()}
    files["log/head.sig"] = target.thief.sign(made.text())
    for number in numbers:
        path = prove_inclusion(number, frontier.size, lambda *node: nodes[node])
        steps = "".join(step.hex() + "\n" for step in path)
        text = f"tipring inclusion proof 1\nentry {number}\nsize {frontier.size}\n{steps}"
        files[f"log/entry-{number:012d}.proof"] = text.encode()
    return files


CHANGES: tuple[Callable[[Target, random.Random], bytes], ...] = (
    *(flip_zip, cut_or_grow_zip, flip_file, truncate_file, delete_file, duplicate_file),
    *(swap_files, reorder_zip, delete_entry, reorder_entries, duplicate_entry),
    *(change_as_insider, swap_calls_as_insider, roll_clock, replace_key),
)
