"""Scans taken without network, each applied once."""
