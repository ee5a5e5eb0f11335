"""Kits: definitions, making, issuing, assigning, collecting."""
