"""Lots taken back by their makers."""
