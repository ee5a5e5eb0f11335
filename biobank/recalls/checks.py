"""What must hold before a lot is recalled, a thing of it is found, a recall is lifted, or a kit is used."""

from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.core.personal_shapes import names_nobody
from biobank.custody.states import Kind
from biobank.custody.steps import Attempt, Flag, ItemNow
from biobank.items.identifiers import printed
from biobank.kits.checks import told_or_refused
from biobank.recalls.inputs import NewRecall
from biobank.recalls.models import Recall
from biobank.recalls.queries import standing_recalls_of_lots

LONGEST_LOT = 64
LONGEST_NOTICE = 120
LONGEST_REASON = 500


class RecallRefused(Invalid):
    title = "Recall refused"


class RecalledAlready(Conflict):
    title = "Recalled already"


class NotOfThisRecall(Conflict):
    title = "Not of this recall"


class LiftedAlready(Conflict):
    title = "Lifted already"


class LotRecalled(Conflict):
    """A kit of a lot that its maker calls back is neither sent out nor given to anybody."""

    title = "Recalled"


def can_be_recalled(work: Work, new: NewRecall) -> None:
    """Raises `RecallRefused`, `RecalledAlready`, `NamesSomebody`."""
    if not new.lot or len(new.lot) > LONGEST_LOT or not new.lot.isprintable():
        raise RecallRefused(f"Type the lot as it is printed, up to {LONGEST_LOT} characters.", field="lot")
    if new.notice and len(new.notice) > LONGEST_NOTICE:
        raise RecallRefused(f"The notice has at most {LONGEST_NOTICE} characters.", field="notice")
    names_nobody("notice", new.notice or "")
    question = select(Recall).where(
        Recall.lot == new.lot, Recall.specification == new.specification, Recall.lifted_at.is_(None)
    )
    found = work.session.scalar(question)
    if found is not None:
        raise RecalledAlready(f"Lot {new.lot} is recalled already: recall {found.id}.", recall=found.id)


def can_be_lifted(recall: Recall, reason: str) -> None:
    """Raises `LiftedAlready`, `RecallRefused`, `NamesSomebody`."""
    still_stands(recall)
    if not reason:
        raise RecallRefused("Say why the recall is lifted.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise RecallRefused(f"The reason has at most {LONGEST_REASON} characters.", field="reason")
    names_nobody("reason", reason)


def still_stands(recall: Recall) -> None:
    if recall.lifted_at is not None:
        raise LiftedAlready(
            f"Recall {recall.id} was lifted by {recall.lifted_by}; nothing of it is looked for any more."
        )


def is_listed(item: ItemNow, recall: Recall, *, listed: bool) -> None:
    if not listed:
        raise NotOfThisRecall(
            f"{printed(item.identifier)} is not of lot {recall.lot}; put it back where it was.",
            item=item.identifier,
        )


def lot_is_not_recalled(work: Work, attempt: Attempt) -> list[Flag]:
    """Wired before a kit is issued or assigned: one that was made of the lot later is under no hold yet."""
    if attempt.item.kind is not Kind.KIT:
        return []
    found = standing_recalls_of_lots(work, attempt.item.id)
    if not found:
        return []
    refusal = LotRecalled(
        f"{printed(attempt.item.identifier)} is of lot {found[0].lot}, which is recalled; take another kit "
        "and put this one aside.",
        item=attempt.item.identifier,
        recall=found[0].id,
    )
    return told_or_refused(attempt, "lot_recalled", refusal)
