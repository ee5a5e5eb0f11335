"""The embedded typefaces of labels, for documents as well: the only way to them from a feature."""

from labels.fonts import BOLD, MONO, MONO_BOLD, SANS, prints, register

__all__ = ["BOLD", "MONO", "MONO_BOLD", "SANS", "prints", "register"]
