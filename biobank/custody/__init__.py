"""Custody: the table of steps, holds, discrepancies, and `record()`, the only writer of an item's state."""
