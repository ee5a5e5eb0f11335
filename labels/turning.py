"""A quarter turn clockwise: what was laid out on a lying label, on the upright one."""

from dataclasses import replace

from labels.model import Block, Ink, Words


def turned(mark: Ink, height: int) -> Ink:
    """`height` is that of the lying label, in dots; it is how wide the upright one is."""
    match mark:
        case Words():
            return replace(mark, x=height - mark.baseline, baseline=mark.x, turned=True)
        case Block():
            return Block(height - mark.y - mark.height, mark.x, mark.height, mark.width)
        case _:
            x = height - mark.y - mark.height
            return replace(mark, x=x, y=mark.x, width=mark.height, height=mark.width, turned=True)
