"""The Merkle tree of RFC 6962 (section 2.1): hashes, inclusion and consistency proofs.

Nodes are addressed by level and index: node (0, i) is leaf i; node (l, k) covers the leaves from
k * 2**l up to (k + 1) * 2**l and exists once they are all there. Verification follows RFC 9162,
sections 2.1.3.2 and 2.1.4.2, and trusts nothing but the hashes it is given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()
Node = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 of 0x00 and the entry's exact bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the complete subtrees of a growing tree, largest first: enough to append."""

    def __init__(self, size: int = 0, nodes: Sequence[bytes] = ()) -> None:
        self.size = size
        self._nodes = list(nodes)

    @classmethod
    def of(cls, size: int, node: Node) -> Frontier:
        """The frontier of the first `size` leaves."""
        return cls(size, [node(level, index) for level, index in _covering(0, size)])

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Take the next leaf hash; the nodes (level, index, hash) that are complete now."""
        made = [(0, self.size, leaf)]
        level, index = 0, self.size
        while index & 1:
            leaf = node_hash(self._nodes.pop(), leaf)
            level, index = level + 1, index >> 1
            made.append((level, index, leaf))
        self._nodes.append(leaf)
        self.size += 1
        return made

    def root(self) -> bytes:
        """The tree's root hash; of no leaves, SHA-256 of nothing."""
        if not self._nodes:
            return EMPTY_ROOT
        found = self._nodes[-1]
        for node in reversed(self._nodes[:-1]):
            found = node_hash(node, found)
        return found


def _covering(first: int, end: int) -> list[tuple[int, int]]:
    """The complete subtrees that cover the leaves from `first` to `end`, left to right.

    `first` is a multiple of the largest power of two that is less than `end - first`.
    """
    found = []
    while first < end:
        level = (end - first).bit_length() - 1
        found.append((level, first >> level))
        first += 1 << level
    return found


def subtree(first: int, end: int, node: Node) -> bytes:
    """The root of the leaves from `first` to `end` as a tree of its own."""
    parts = [node(level, index) for level, index in _covering(first, end)]
    found = parts[-1]
    for part in reversed(parts[:-1]):
        found = node_hash(part, found)
    return found


def _split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << (count - 1).bit_length() - 1


def prove_inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """PATH(index, D[size]), lowest first."""
    path = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            path.append(subtree(middle, end, node))
            end = middle
        else:
            path.append(subtree(first, middle, node))
            first = middle
    return path[::-1]


def prove_consistency(old: int, size: int, node: Node) -> list[bytes]:
    """PROOF(old, D[size]); empty where there is nothing to prove."""
    if old in (0, size):
        return []
    path = []
    first, end, whole = 0, size, True
    while old != end:
        middle = first + _split(end - first)
        if old <= middle:
            path.append(subtree(middle, end, node))
            end = middle
        else:
            path.append(subtree(first, middle, node))
            first, whole = middle, False
    if not whole:
        path.append(subtree(first, end, node))
    return path[::-1]


def root_of_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that the proof leads to; None where it has not the right length."""
    if not 0 <= index < size:
        return None
    inner, last = index, size - 1
    found = leaf
    for step in path:
        if last == 0:
            return None
        if inner & 1 or inner == last:
            found = node_hash(step, found)
            while not inner & 1 and inner:
                inner, last = inner >> 1, last >> 1
        else:
            found = node_hash(found, step)
        inner, last = inner >> 1, last >> 1
    return found if last == 0 else None


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Whether the leaf hash stands at `index` in the tree of that size and root."""
    return root_of_inclusion(leaf, index, size, path) == root


def verify_consistency(
    old: int, size: int, path: Sequence[bytes], old_root: bytes, root: bytes
) -> bool:
    """Whether the tree of `old` leaves is the beginning of the tree of `size` leaves."""
    if not 0 <= old <= size:
        return False
    if old == size:
        return not path and old_root == root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    steps = list(path) if old & (old - 1) else [old_root, *path]
    if not steps:
        return False
    inner, last = old - 1, size - 1
    while inner & 1:
        inner, last = inner >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if inner & 1 or inner == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not inner & 1 and inner:
                inner, last = inner >> 1, last >> 1
        else:
            second = node_hash(second, step)
        inner, last = inner >> 1, last >> 1
    return last == 0 and first == old_root and second == root
