"""What is handed out about one participant: a statement in plain words, an audit pack with its proofs."""
