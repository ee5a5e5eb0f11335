"""What each step asks of the features, and what follows from it: checks before and reactions after, as data.

Installed alike for the service, the commands and the worker; `custody.record` takes no step without it.
"""

from biobank.custody.rules import Rules, install
from biobank.custody.states import Action
from biobank.kits import checks as kit_checks
from biobank.kits import reactions as kit_reactions

RULES = Rules(
    before={
        Action.ISSUE: (
            kit_checks.goes_to_a_known_site,
            kit_checks.goes_with_its_kit,
            kit_checks.kit_not_expired,
        ),
        Action.ASSIGN: (
            kit_checks.participant_may_give,
            kit_checks.goes_with_its_kit,
            kit_checks.kit_not_expired,
        ),
        Action.VOID: (kit_checks.reason_for_giving_up_is_known,),
        Action.COLLECT: (
            kit_checks.kit_is_assigned,
            kit_checks.kit_was_not_expired,
            kit_checks.participant_could_give,
            kit_checks.fill_is_understood,
        ),
        Action.MARK_NOT_COLLECTED: (kit_checks.reason_for_not_collecting_is_known,),
        Action.LINK: (kit_checks.participant_to_link_is_known,),
    },
    after={
        Action.ISSUE: (kit_reactions.tubes_go_with_their_kit,),
        Action.ASSIGN: (kit_reactions.tubes_go_with_their_kit, kit_reactions.site_is_noted),
        Action.VOID: (kit_reactions.tubes_go_with_their_kit,),
        Action.COLLECT: (kit_reactions.doubtful_tube_is_held,),
        Action.LINK: (kit_reactions.tubes_are_linked_with_their_kit,),
    },
    derived={
        Action.ISSUE: (kit_reactions.site_of_issue,),
        Action.ASSIGN: (kit_reactions.participant_told,),
        Action.COLLECT: (kit_reactions.what_was_collected,),
        Action.LINK: (kit_reactions.participant_told,),
    },
)


def install_rules() -> None:
    install(RULES)
