"""Custody of every kit and tube of a research programme, and proof of its destruction on withdrawal."""

__version__ = "0.1.0"
