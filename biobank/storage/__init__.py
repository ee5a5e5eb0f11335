"""Freezer, shelf, rack, box, position: units with their grids, what lies where, what is free."""
