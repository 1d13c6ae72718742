"""The tree of RFC 6962: its own test vectors, and the laws of its proofs."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.evidence.merkle import (
    EMPTY_ROOT,
    Frontier,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)

# The leaves and roots that the reference implementation of RFC 6962 is tested with.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
LEAVES.append("606162636465666768696a6b6c6d6e6f")
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(by_definition(leaves[:k]), by_definition(leaves[k:]))


class Tree:
    def __init__(self, count: int) -> None:
        self.leaves = [b"entry %d" % index for index in range(count)]
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.frontier = Frontier()
        for leaf in self.leaves:
            for level, index, digest in self.frontier.append(leaf_hash(leaf)):
                self.nodes[level, index] = digest

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    def root(self, size: int) -> bytes:
        return by_definition(self.leaves[:size])


TREE = Tree(70)


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_the_roots_are_those_of_the_reference_implementation(size: int, root: str) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf_hash(bytes.fromhex(leaf)))
    assert frontier.root().hex() == root


def test_an_empty_tree_is_the_hash_of_nothing() -> None:
    assert Frontier().root() == hashlib.sha256(b"").digest()


def test_every_entry_of_every_tree_is_proved_and_no_other_place_is() -> None:
    for size in range(1, 41):
        root = TREE.root(size)
        assert Frontier.of(size, TREE.node).root() == root
        for index in range(size):
            path = prove_inclusion(index, size, TREE.node)
            leaf = leaf_hash(TREE.leaves[index])
            assert verify_inclusion(leaf, index, size, path, root)
            for other in range(size):
                assert verify_inclusion(leaf, other, size, path, root) == (other == index)


def test_every_growth_of_every_tree_is_proved_and_no_other_is() -> None:
    for size in range(1, 41):
        for old in range(size + 1):
            path = prove_consistency(old, size, TREE.node)
            assert verify_consistency(old, size, path, TREE.root(old), TREE.root(size))
            other = TREE.root(old + 1)
            assert not verify_consistency(old, size, path, other, TREE.root(size))


@given(st.data())
def test_a_proof_with_one_changed_bit_or_step_proves_nothing(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 70))
    index = data.draw(st.integers(0, size - 1))
    path = prove_inclusion(index, size, TREE.node)
    leaf, root = leaf_hash(TREE.leaves[index]), TREE.root(size)
    harm = data.draw(st.sampled_from(["bit", "drop", "twice", "more"]))
    step = data.draw(st.integers(0, len(path) - 1))
    if harm == "bit":
        bit = data.draw(st.integers(0, 255))
        changed = int.from_bytes(path[step]) ^ 1 << bit
        path[step] = changed.to_bytes(32)
    elif harm == "drop":
        del path[step]
    elif harm == "twice":
        path.insert(step, path[step])
    else:
        path.append(bytes(32))
    assert not verify_inclusion(leaf, index, size, path, root)


@given(st.integers(-3, 80), st.integers(-3, 80), st.lists(st.binary(min_size=32, max_size=32)))
def test_made_up_proofs_are_refused_and_never_fail(
    first: int, second: int, path: list[bytes]
) -> None:
    assert not verify_inclusion(bytes(32), first, second, path, b"no root")
    assert not verify_consistency(first, second, path, b"no root", b"another")
