"""What a button calls a step; a sentence that speaks of the step calls it the same."""

from collections.abc import Mapping

from biobank.custody.states import Action

A = Action
ASKED: Mapping[str, str] = {
    A.BREAK: "Report broken",
    A.SUBSTITUTE: "Replace from the shelf",
    A.REPORT_ASTRAY: "Tell its site that it is here",
    A.MARK_NOT_COLLECTED: "Not collected",
    A.REPORT_MISSING: "Not in the parcel",
    A.RECEIVE: "Receive",
    A.OPEN: "Open the parcel",
    A.PUT_IN_WASTE: "Put it in waste",
    A.RETURN: "Return",
    A.SEND_OUT: "Send out",
    A.DISTRIBUTE: "Hand over for good",
    A.GIVE_BACK: "Give back for good",
    A.ACCEPT_ATTESTATION: "Accept its attestation",
    A.LINK: "Link to participant",
    A.LABEL: "Add its maker's code",
    A.REPLACE_CODE: "Give it another code",
    A.REFIT: "Rename or refit",
    A.CORRECT: "Take back the last step",
}
"""What a button says, where it is not the action's own name."""


def step_word(action: str) -> str:
    return ASKED.get(action) or action.replace("_", " ").capitalize()
