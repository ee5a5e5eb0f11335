"""What was given out about a participant and on which ground, legal demands, and what a breach exposed."""
