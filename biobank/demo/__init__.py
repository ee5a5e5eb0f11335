"""The demonstration: an invented programme with invented people, and the story of one kit."""
