"""Decisions of participants, and what they set in motion in one transaction."""
