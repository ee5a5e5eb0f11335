"""The withdrawal journal: every decision once more, in a file outside the database."""
