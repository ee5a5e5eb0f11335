"""The log nobody can rewrite: entries, Merkle tree, signed checkpoints, proofs, offline verifier."""
