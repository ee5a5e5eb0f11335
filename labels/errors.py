"""The one error of this package: a label that cannot be printed, and why, in one sentence."""


class LabelError(ValueError):
    """A label, a stock or an output that cannot be made, in one sentence for the person who asked."""
