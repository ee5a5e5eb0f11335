"""What follows in destruction from a step of an item: a bag whose content changed is counted anew."""

from collections.abc import Iterable

from biobank.core.database import Work
from biobank.custody.queries import items_inside
from biobank.custody.states import State
from biobank.custody.steps import Alert, Done
from biobank.destruction.batches import forget_count
from biobank.destruction.choices import BatchState
from biobank.destruction.outside import is_handed_over
from biobank.destruction.queries import bag_of, batch_of_bag


def is_with_a_contractor(work: Work, done: Done) -> Iterable[Alert]:
    """Wired after `link`: it was sealed for the order of whose it is not, and can perhaps be had back."""
    item = done.item
    batch = batch_of_bag(work, item.container_id) if item.container_id is not None else None
    if batch is None or not is_handed_over(batch):
        return []
    sentence = f"{batch.contractor} has it in a sealed container, to be destroyed: tell compliance at once."
    return [Alert("waste", sentence)]


def bag_is_counted_again(work: Work, done: Done) -> Iterable[Alert]:
    """Wired after every fact that takes a piece out of a bag: its count, and its signatures, are undone.

    Those of a container that a contractor has stand while anything of it is with them.
    """
    before = done.attempt.item
    if before.state is not State.IN_WASTE or before.container_id is None:
        return []
    if done.item.state in (State.IN_WASTE, State.DESTROYED):
        return []
    batch = batch_of_bag(work, before.container_id, locked=True)
    if batch is None or batch.state != BatchState.COUNTED:
        return []
    if is_handed_over(batch) and items_inside(work, before.container_id):
        return [Alert("waste", f"{batch.contractor} was to have it in a sealed container: tell compliance.")]
    bag = bag_of(work, batch)
    forget_count(work, done.attempt.by, batch, bag)
    return [Alert("waste", "The bag has one piece fewer: count it again before anybody signs.")]
