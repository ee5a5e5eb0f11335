"""The Merkle tree of RFC 9162: hashing, growth, inclusion and consistency proofs and their verification.

A node is named by `(level, position)`: level 0 holds the leaf hashes, and node `(l, p)` covers the `2**l`
leaves from `p * 2**l` on. Only complete nodes are ever stored, so a stored node never changes.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from biobank.core.errors import Invalid

HASH_LENGTH = 32
EMPTY_ROOT = sha256(b"").digest()

NodeReader = Callable[[int, int], bytes]
"""Gives the hash of the complete node at `(level, position)`. A reader that only notes what it is asked for,
and answers with any bytes, tells which nodes a proof needs, so that they can be fetched at once."""


class ProofRefused(Invalid):
    title = "Proof refused"


class Node(NamedTuple):
    level: int
    position: int
    hash: bytes


class Growth(NamedTuple):
    """What appending made: the new size, the new frontier, and per level the hashes that became complete.

    The leaves are level 0; the first hash of level `l` stands at position `before >> l`.
    """

    size: int
    frontier: tuple[bytes, ...]
    levels: list[list[bytes]]
    before: int

    @property
    def nodes(self) -> list[Node]:
        return [
            Node(level, position, digest)
            for level, hashes in enumerate(self.levels)
            for position, digest in enumerate(hashes, self.before >> level)
        ]


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def frontier(size: int) -> list[tuple[int, int]]:
    """The `(level, position)` of the largest complete nodes that cover a tree of this size, left to right."""
    return _covering(0, size)


def root_of_frontier(hashes: Sequence[bytes]) -> bytes:
    """The root, from the hashes of the frontier in their order."""
    if not hashes:
        return EMPTY_ROOT
    digest = hashes[-1]
    for left in reversed(hashes[:-1]):
        digest = node_hash(left, digest)
    return digest


def root(size: int, node: NodeReader) -> bytes:
    return _hash_of_range(0, size, node)


def append(size: int, frontier_hashes: Sequence[bytes], leaf_hashes: Iterable[bytes]) -> Growth:
    """Adds leaves to a tree of `size` with this frontier; raises ValueError if the two do not fit."""
    if len(frontier_hashes) != size.bit_count():
        raise ValueError(f"a tree of {size} leaves has a frontier of {size.bit_count()} nodes")
    peaks = {level: digest for (level, _), digest in zip(frontier(size), frontier_hashes, strict=True)}
    levels: list[list[bytes]] = []
    hashes = list(leaf_hashes)
    after = size + len(hashes)
    while hashes:
        level = len(levels)
        levels.append(hashes)
        row = [peaks[level], *hashes] if size >> level & 1 else hashes
        pairs = zip(row[::2], row[1::2], strict=False)  # an odd one waits for its sibling
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    peaks |= {level: hashes[-1] for level, hashes in enumerate(levels)}
    return Growth(after, tuple(peaks[level] for level, _ in frontier(after)), levels, size)


def inclusion_proof(index: int, size: int, node: NodeReader) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root of the first `size` leaves (RFC 9162, 2.1.3.1)."""
    if not 0 <= index < size:
        raise ProofRefused(f"Leaf {index} is not in a tree of {size} leaves: ask for a later checkpoint.")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if index < middle:
            path.append(_hash_of_range(middle, end, node))
            end = middle
        else:
            path.append(_hash_of_range(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(first: int, second: int, node: NodeReader) -> list[bytes]:
    """The hashes that show that `second` leaves begin with the `first` ones (RFC 9162, 2.1.4.1)."""
    if not 0 < first <= second:
        raise ProofRefused(
            f"There is no consistency proof from {first} to {second} leaves: "
            "name two sizes above zero, the smaller one first."
        )
    path, start, end = [], 0, second
    while end > first:
        middle = start + _largest_power_below(end - start)
        if first <= middle:
            path.append(_hash_of_range(middle, end, node))
            end = middle
        else:
            path.append(_hash_of_range(start, middle, node))
            start = middle
    if start:  # the verifier holds the first root itself only when nothing lies to the left of it
        path.append(_hash_of_range(start, end, node))
    return path[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root_hash: bytes) -> None:
    """Raises ProofRefused unless the leaf hash is at `index` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofRefused(f"Leaf {index} cannot be in a tree of {size} leaves.")
    sides = _sibling_is_left(index, size - 1)
    _refuse_other_lengths(proof, len(sides))
    digest = leaf
    for sibling, is_left in zip(proof, sides, strict=True):
        digest = node_hash(sibling, digest) if is_left else node_hash(digest, sibling)
    if len(leaf) != HASH_LENGTH or digest != root_hash:
        raise ProofRefused(
            f"The inclusion proof does not lead from leaf {index} to the root of {size} leaves."
        )


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raises ProofRefused unless the first tree is the beginning of the second (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second:
        raise ProofRefused(
            f"Nothing can be shown from {first} to {second} leaves: the smaller tree comes first."
        )
    if first == second:
        older, newer = first_root, first_root
        _refuse_other_lengths(proof, 0)
    else:
        older, newer = _replayed_roots(first, second, first_root, proof)
    if older != first_root or newer != second_root:
        raise ProofRefused(f"The tree of {second} leaves does not begin with the tree of {first} leaves.")


def _replayed_roots(
    first: int, second: int, first_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    # The largest complete node at the right end of the older tree is where both trees begin to differ.
    level = (first & -first).bit_length() - 1
    position, last = (first - 1) >> level, (second - 1) >> level
    sides = _sibling_is_left(position, last)
    hashes = [first_root, *proof] if position == 0 else list(proof)
    _refuse_other_lengths(proof, len(sides) + len(proof) + 1 - len(hashes))
    older = newer = hashes[0]
    for sibling, is_left in zip(hashes[1:], sides, strict=True):
        if is_left:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
        else:
            newer = node_hash(newer, sibling)
    return older, newer


def _sibling_is_left(position: int, last: int) -> list[bool]:
    """For each sibling on the way to the root, whether it is the left one; `last` ends the node's level."""
    sides = []
    while last:
        if position & 1:
            sides.append(True)
        elif position < last:
            sides.append(False)
        position, last = position >> 1, last >> 1
    return sides


def _refuse_other_lengths(proof: Sequence[bytes], expected: int) -> None:
    if len(proof) != expected:
        raise ProofRefused(f"The proof has {len(proof)} hashes where the two sizes ask for {expected}.")
    if any(len(digest) != HASH_LENGTH for digest in proof):
        raise ProofRefused(f"A hash of the proof is not {HASH_LENGTH} bytes long.")


def _largest_power_below(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def _covering(start: int, end: int) -> list[tuple[int, int]]:
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def _hash_of_range(start: int, end: int, node: NodeReader) -> bytes:
    return root_of_frontier([node(level, position) for level, position in _covering(start, end)])
