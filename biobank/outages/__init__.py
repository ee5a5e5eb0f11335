"""A freezer that fails: where its racks may go, what was moved at night, what a lead decides in bulk."""
