"""What a study answers about what it was given, also after a certificate said what was known until then."""

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.destruction.choices import OrderState
from biobank.destruction.operations import reopen_for_an_answer
from biobank.destruction.outside_records import DISTRIBUTED
from biobank.destruction.queries import lines_of_item, locked_order
from biobank.distribution import operations
from biobank.distribution.inputs import HolderTold
from biobank.distribution.queries import Distributed


def holder_answered(work: Work, told: HolderTold, *, by: Actor) -> Distributed:
    """Note the answer; a closed order that says of the specimen that it was distributed is open again for it.

    Raises what `distribution.operations.holder_answered` raises.
    """
    found = operations.holder_answered(work, told, by=by)
    lines = [line for line in lines_of_item(work, found.item_id) if line.outcome in DISTRIBUTED]
    for number in sorted(line.order_id for line in lines):
        order = locked_order(work, number)
        if order.state == OrderState.CLOSED:
            reopen_for_an_answer(work, order, found.item, by=by)
    return found
