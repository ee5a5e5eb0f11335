"""The tree against the published vectors, a naive reading of RFC 9162, and every size from 1 to 130."""

import base64
import json
import random
from hashlib import sha256
from pathlib import Path

import pytest

from biobank.ledger import tree
from biobank.ledger.tree import Node, ProofRefused

VECTORS = [json.loads(line) for line in Path(__file__).with_name("rfc9162").joinpath("vectors.jsonl").open()]
LARGEST = 130
LEAVES = [tree.leaf_hash(b"entry %d" % number) for number in range(LARGEST)]
NODES = {(node.level, node.position): node.hash for node in tree.append(0, (), LEAVES).nodes}


def stored(level: int, position: int) -> bytes:
    return NODES[level, position]


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


ROOTS = [naive_root(LEAVES[:size]) for size in range(LARGEST + 1)]


def decoded(text: str) -> bytes:
    return base64.b64decode(text)


def verify_vector(vector: dict) -> None:
    proof = [decoded(each) for each in vector["proof"] or []]
    if vector["kind"] == "inclusion":
        leaf, root = decoded(vector["leafHash"]), decoded(vector["root"])
        tree.verify_inclusion(vector["leafIdx"], vector["treeSize"], leaf, proof, root)
    else:
        first_root, second_root = decoded(vector["root1"]), decoded(vector["root2"])
        tree.verify_consistency(vector["size1"], vector["size2"], first_root, second_root, proof)


def test_all_vectors_are_there():
    assert len(VECTORS) == 196
    assert {vector["kind"] for vector in VECTORS} == {"inclusion", "consistency"}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_published_vector(vector):
    if vector["wantErr"]:
        with pytest.raises(ProofRefused):
            verify_vector(vector)
    else:
        verify_vector(vector)


def test_leaves_and_nodes_are_hashed_apart():
    assert tree.leaf_hash(b"") == sha256(b"\x00").digest()
    assert tree.node_hash(b"a", b"b") == sha256(b"\x01ab").digest()
    assert tree.leaf_hash(b"\x01ab") != tree.node_hash(b"a", b"b")


@pytest.mark.parametrize("size", range(LARGEST + 1))
def test_roots(size):
    assert (
        tree.root(size, stored)
        == tree.root_of_frontier(tree.append(0, (), LEAVES[:size]).frontier)
        == ROOTS[size]
    )


@pytest.mark.parametrize("size", range(LARGEST + 1))
def test_growing_in_two_steps_makes_the_nodes_of_one(size):
    before = tree.append(0, (), LEAVES[:size])
    frontier = [stored(level, position) for level, position in tree.frontier(size)]
    assert list(before.frontier) == frontier
    after = tree.append(size, frontier, LEAVES[size:])
    assert after.size == LARGEST
    assert sorted(before.nodes + after.nodes) == sorted(Node(*at, digest) for at, digest in NODES.items())
    assert tree.root_of_frontier(after.frontier) == ROOTS[LARGEST]


def test_appending_nothing_changes_nothing():
    assert tree.append(1, [LEAVES[0]], []) == (1, (LEAVES[0],), [], 1)


def test_a_frontier_of_another_size_is_a_mistake():
    with pytest.raises(ValueError, match="a tree of 3 leaves has a frontier of 2 nodes"):
        tree.append(3, [LEAVES[0]], [])


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_inclusion(size):
    chance = random.Random(size)
    for index in range(size):
        proof = tree.inclusion_proof(index, size, stored)
        tree.verify_inclusion(index, size, LEAVES[index], proof, ROOTS[size])
        refused_when_changed(
            chance,
            [LEAVES[index], ROOTS[size], *proof],
            lambda leaf, root, *path, index=index: tree.verify_inclusion(index, size, leaf, path, root),
        )
        with pytest.raises(ProofRefused):
            tree.verify_inclusion((index + 1) % (size + 1), size, LEAVES[index], proof, ROOTS[size])
        with pytest.raises(ProofRefused):
            tree.verify_inclusion(index, size, LEAVES[index], [*proof, LEAVES[0]], ROOTS[size])


@pytest.mark.parametrize("second", range(1, LARGEST + 1))
def test_every_consistency(second):
    chance = random.Random(second)
    for first in range(1, second + 1):
        proof = tree.consistency_proof(first, second, stored)
        tree.verify_consistency(first, second, ROOTS[first], ROOTS[second], proof)
        refused_when_changed(
            chance,
            [ROOTS[first], ROOTS[second], *proof],
            lambda older, newer, *path, first=first: tree.verify_consistency(
                first, second, older, newer, path
            ),
        )
        with pytest.raises(ProofRefused):
            tree.verify_consistency(first, second, ROOTS[first], ROOTS[second], [*proof, LEAVES[0]])
        with pytest.raises(ProofRefused):
            tree.verify_consistency(first, second, ROOTS[first], ROOTS[second], proof[:-1] or [LEAVES[0]])


def refused_when_changed(chance: random.Random, hashes: list[bytes], verify) -> None:
    """Flips one bit of each hash in turn."""
    for position, digest in enumerate(hashes):
        bit = chance.randrange(256)
        flipped = bytes(byte ^ (1 << bit % 8 if at == bit // 8 else 0) for at, byte in enumerate(digest))
        with pytest.raises(ProofRefused):
            verify(*hashes[:position], flipped, *hashes[position + 1 :])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_inclusion_proof_outside_the_tree(index, size):
    with pytest.raises(ProofRefused, match="is not in a tree"):
        tree.inclusion_proof(index, size, stored)
    with pytest.raises(ProofRefused, match="cannot be in a tree"):
        tree.verify_inclusion(index, size, LEAVES[0], [], ROOTS[size])


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 3), (4, 3), (-1, 3)])
def test_no_consistency_proof_backwards_or_from_nothing(first, second):
    with pytest.raises(ProofRefused, match="There is no consistency proof"):
        tree.consistency_proof(first, second, stored)
    with pytest.raises(ProofRefused, match="Nothing can be shown"):
        tree.verify_consistency(first, second, ROOTS[0], ROOTS[3], [])


def test_a_proof_with_short_hashes_is_refused():
    proof = tree.inclusion_proof(2, 8, stored)
    with pytest.raises(ProofRefused, match="not 32 bytes"):
        tree.verify_inclusion(2, 8, LEAVES[2], [proof[0][:31], *proof[1:]], ROOTS[8])


def test_a_proof_asks_for_few_nodes():
    asked: list[tuple[int, int]] = []

    def reader(level: int, position: int) -> bytes:
        asked.append((level, position))
        return LEAVES[0]

    assert len(tree.inclusion_proof(123_456, 200_000, reader)) == 18
    assert len(asked) == len(set(asked)) <= 2 * 18
