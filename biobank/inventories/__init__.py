"""Inventory checks: a box scanned against its map, and every difference a case."""
