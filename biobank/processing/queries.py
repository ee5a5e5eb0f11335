"""Questions about the bench: from which tubes a specimen stems, what the lab calls a spun tube."""

from sqlalchemy import select

from biobank.core.database import Work
from biobank.custody.states import Kind
from biobank.custody.steps import ItemNow
from biobank.items.models import Item, ItemParent
from biobank.kits.queries import specification_of_tube
from biobank.participants.choices import Scope
from biobank.processing.choices import Rotor


def tubes_behind(work: Work, item: ItemNow) -> list[Item]:
    """The tubes that a specimen was made from, at any depth; a tube is its own."""
    above = select(Item.id).where(Item.id == item.id).cte("above", recursive=True)
    above = above.union(select(ItemParent.parent_id).join(above, ItemParent.child_id == above.c.id))
    question = select(Item).where(Item.id.in_(select(above.c.id)), Item.kind == Kind.TUBE.value)
    return list(work.session.scalars(question.order_by(Item.id)))


def scopes_of(work: Work, item: ItemNow) -> list[Scope]:
    """What a consent has to cover for this material to be worked on; none where no definition knows it."""
    known = (specification_of_tube(work, tube) for tube in tubes_behind(work, item))
    return sorted({Scope(specification.scope) for specification in known if specification})


def spun_code(work: Work, tube: ItemNow, rotor: Rotor) -> str | None:
    """What the lab calls this tube after such a spin; it is the same tube."""
    specification = specification_of_tube(work, tube)
    if specification is None:
        return None
    swinging = rotor is Rotor.SWINGING_BUCKET
    return specification.code_swinging_bucket if swinging else specification.code_fixed_angle
