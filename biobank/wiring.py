"""What each step asks of the features, and what follows from it: checks before and reactions after, as data.

Installed alike for the service, the commands and the worker; `custody.record` takes no step without it.
"""

from biobank.custodians import checks as custodian_checks
from biobank.custodians import reactions as custodian_reactions
from biobank.custody import codes as custody_codes
from biobank.custody import free_text
from biobank.custody import reactions as custody_reactions
from biobank.custody.rules import Check, Reaction, Rules, install
from biobank.custody.states import Action
from biobank.destruction import attestation_checks, legal_holds
from biobank.destruction import checks as destruction_checks
from biobank.destruction import reactions as destruction_reactions
from biobank.disclosures.queries import lets_out
from biobank.discrepancies import checks as case_checks
from biobank.discrepancies import heirs
from biobank.discrepancies import reactions as case_reactions
from biobank.distribution import checks as distribution_checks
from biobank.distribution import reactions as distribution_reactions
from biobank.downtime import checks as downtime_checks
from biobank.downtime import reactions as downtime_reactions
from biobank.exchange import checks as exchange_checks
from biobank.identity import grounds
from biobank.identity.service_questions import is_name_of_one_of, is_own_name
from biobank.journal.choices import CERTIFICATE, DECISIVE, ORDER
from biobank.journal.following import note_entry
from biobank.kits import astray, substituting
from biobank.kits import checks as kit_checks
from biobank.kits import reactions as kit_reactions
from biobank.ledger.operations import follow_entries
from biobank.offline.checks import station_clock_is_right
from biobank.outages import checks as outage_checks
from biobank.outages.queries import units_failing, wait_for_outages
from biobank.participants import own_names
from biobank.processing import bench, freezing, plan_checks, pools, runs
from biobank.processing import checks as processing_checks
from biobank.processing import reactions as processing_reactions
from biobank.recalls import checks as recall_checks
from biobank.recalls import reactions as recall_reactions
from biobank.reports.choices import STEP_OF
from biobank.reports.milestones import milestones_follow, note_milestone
from biobank.retrieval import checks as retrieval_checks
from biobank.retrieval import reactions as retrieval_reactions
from biobank.shipments import checks as shipment_checks
from biobank.shipments import nesting, receipt_checks
from biobank.shipments import reactions as shipment_reactions
from biobank.shipments.queries import numbers_sent_in
from biobank.storage import checks as storage_checks
from biobank.storage import needs, out_of_service, refitting
from biobank.storage import reactions as storage_reactions
from biobank.storage.locking import place_holds_still
from biobank.supplies import reactions as supply_reactions
from biobank.temperatures import waiting_elsewhere
from biobank.visits import kit_checks as visit_checks
from biobank.visits import reactions as visit_reactions
from biobank.withdrawals import reactions as withdrawal_reactions

INTO_STORAGE: tuple[Check, ...] = (
    storage_checks.place_is_a_storage_unit,
    place_holds_still,
    storage_checks.place_is_of_this_site,
    storage_checks.place_is_in_use,
    outage_checks.unit_is_in_service,
    storage_checks.does_not_lie_in_itself,
    storage_checks.kind_may_lie_there,
    storage_checks.place_suits_it,
    storage_checks.position_is_in_the_grid,
    storage_checks.position_is_free,
    storage_reactions.make_room,  # the last: nothing is displaced for a step that is refused
)

MAKING_CHILDREN: tuple[Check, ...] = (
    processing_checks.children_are_told,
    plan_checks.making_is_understood,
    processing_checks.codes_are_on_nothing_else,
    processing_checks.consent_covers_it,
    processing_checks.enough_is_in_it,
)
BY_PLAN: tuple[Check, ...] = (
    *MAKING_CHILDREN,
    plan_checks.spun_before_it_is_aliquoted,
    plan_checks.aliquoted_in_time,
)

AFTER: dict[Action, tuple[Reaction, ...]] = {
    Action.ISSUE: (kit_reactions.tubes_go_with_their_kit,),
    Action.ASSIGN: (
        kit_reactions.tubes_go_with_their_kit,
        kit_reactions.site_is_noted,
        visit_reactions.kit_is_of_its_visit,
        recall_reactions.of_the_lot_is_held,
    ),
    Action.VOID: (kit_reactions.tubes_go_with_their_kit,),
    Action.COLLECT: (kit_reactions.doubtful_tube_is_held, recall_reactions.of_the_lot_is_held),
    Action.SUBSTITUTE: (substituting.substitute_is_born, recall_reactions.substitute_is_held),
    Action.REPORT_ASTRAY: (astray.its_site_is_told,),
    Action.LINK: (
        kit_reactions.tubes_are_linked_with_their_kit,
        kit_reactions.who_had_it_is_told,
        destruction_reactions.is_with_a_contractor,
    ),
    Action.DISPATCH: (shipment_reactions.parcel_is_on_its_way,),
    Action.ARRIVE: (
        shipment_reactions.parcel_is_here,
        shipment_reactions.line_is_found,
        recall_reactions.of_the_lot_is_held,
    ),
    Action.OPEN: (shipment_reactions.parcel_is_open,),
    Action.RECEIVE: (
        shipment_reactions.line_is_found,
        shipment_reactions.conditions_are_cases,
        shipment_reactions.rest_is_missing,
        recall_reactions.of_the_lot_is_held,
        supply_reactions.mailed_kit_is_here,
    ),
    Action.REPORT_MISSING: (shipment_reactions.line_is_missing,),
    Action.LABEL: (custody_codes.code_becomes_alias,),
    Action.REPLACE_CODE: (case_reactions.heir_is_born,),
    Action.REFIT: (refitting.unit_is_refitted,),
    Action.DISPLACE: (storage_reactions.displaced_is_looked_for,),
    **dict.fromkeys(
        (Action.ALIQUOT, Action.DERIVE),
        (processing_reactions.children_are_born, recall_reactions.made_of_it_is_listed),
    ),
    Action.POOL: (pools.pool_has_its_holds, recall_reactions.made_of_it_is_listed),
    Action.DISTRIBUTE: (
        distribution_reactions.where_it_went_is_noted,
        retrieval_reactions.study_numbers_it,
    ),
    Action.CENTRIFUGE: (processing_reactions.spin_is_noted,),
    **dict.fromkeys((Action.FREEZE, Action.THAW), (freezing.change_is_noted,)),
    Action.CORRECT: (
        shipment_reactions.parcel_is_as_before,
        shipment_reactions.line_follows_the_correction,
        shipment_reactions.conditions_are_cases,
        processing_reactions.spin_is_taken_back,
        freezing.change_is_taken_back,
    ),
}

NOTED: dict[Action, tuple[Reaction, ...]] = {
    **dict.fromkeys(STEP_OF, (note_milestone,)),
    Action.CORRECT: (milestones_follow,),
}
"""What reports are made of."""

PICKED: dict[Action, tuple[Reaction, ...]] = {
    Action.CHECK_OUT: (retrieval_reactions.picked_for_its_list,),
    **dict.fromkeys(
        (
            *(Action.CHECK_IN, Action.STORE, Action.RETURN, Action.SEND_OUT, Action.DISTRIBUTE),
            *(Action.GIVE_BACK, Action.CONSUME, Action.BREAK, Action.REPORT_LOST, Action.PUT_IN_WASTE),
            Action.CORRECT,
        ),
        (retrieval_reactions.line_follows,),
    ),
}
"""What pick lists are told of their pieces."""

AFTER_EVERY_STEP: tuple[Reaction, ...] = (
    custody_reactions.nobodys_specimen_is_held,
    distribution_reactions.what_is_here_again_is_noted,
    destruction_reactions.bag_is_counted_again,
    downtime_reactions.late_is_noted,
    withdrawal_reactions.recognise_withdrawn,  # the last: it sees what the others brought about
)

RULES = Rules(
    before={
        Action.ISSUE: (
            kit_checks.goes_to_a_known_site,
            kit_checks.goes_with_its_kit,
            kit_checks.kit_not_expired,
            recall_checks.lot_is_not_recalled,
        ),
        Action.ASSIGN: (
            kit_checks.participant_may_give,
            downtime_checks.what_the_paper_says,
            kit_checks.goes_with_its_kit,
            kit_checks.kit_not_expired,
            recall_checks.lot_is_not_recalled,
            visit_checks.fits_its_visit,
            exchange_checks.what_the_file_says,
        ),
        Action.VOID: (kit_checks.reason_for_giving_up_is_known, storage_checks.nothing_lies_in_it),
        Action.COLLECT: (
            kit_checks.kit_is_assigned,
            kit_checks.kit_was_not_expired,
            kit_checks.participant_could_give,
            kit_checks.fill_is_understood,
            downtime_checks.what_the_paper_says,
            visit_checks.blood_was_cleared,
            exchange_checks.what_the_file_says,
            station_clock_is_right,
        ),
        Action.MARK_NOT_COLLECTED: (
            kit_checks.reason_for_not_collecting_is_known,
            downtime_checks.what_the_paper_says,
            exchange_checks.what_the_file_says,
            station_clock_is_right,
        ),
        Action.BREAK: (station_clock_is_right,),
        Action.SUBSTITUTE: (substituting.substitution_is_told,),
        Action.LINK: (kit_checks.participant_to_link_is_known, pools.link_is_of_its_parts),
        Action.REPLACE_CODE: (case_checks.code_was_separated,),
        Action.REFIT: (refitting.refit_is_understood,),
        Action.LABEL: (custody_codes.code_is_told, custody_codes.code_is_on_nothing_else),
        Action.CENTRIFUGE: (
            processing_checks.spin_is_understood,
            processing_checks.spun_after_it_was_collected,
            processing_checks.spun_in_time,
            processing_checks.spun_once,
            processing_checks.spin_is_foreseen,
            runs.run_is_known,
        ),
        Action.PACK: (
            shipment_checks.place_is_a_parcel,
            place_holds_still,
            shipment_checks.parcel_is_not_in_itself,
            shipment_checks.parcel_is_being_packed,
            processing_checks.spun_before_it_is_packed,
            processing_checks.spin_is_over_when_it_is_packed,
        ),
        Action.DISPATCH: (
            shipment_checks.shipping_is_told,
            shipment_checks.parcel_holds_something,
            shipment_checks.is_packed_by_the_rules,
            shipment_checks.carrier_comes_in_time,
        ),
        Action.RETURN: (
            kit_checks.reason_for_giving_back_is_known,
            retrieval_checks.not_more_than_was_in_it,
            *INTO_STORAGE,
        ),
        Action.ARRIVE: (
            kit_checks.kit_came_where_it_was_sent,
            shipment_checks.was_sent,
            shipment_checks.is_on_the_manifest,
            *INTO_STORAGE,
        ),
        Action.RECEIVE: (
            shipment_checks.conditions_are_possible,
            shipment_checks.is_on_the_manifest,
            *INTO_STORAGE,
        ),
        Action.QUARANTINE: INTO_STORAGE,
        Action.FIND: INTO_STORAGE,
        Action.PUT_IN_WASTE: (
            destruction_checks.bag_takes_it,
            destruction_checks.destruction_is_ordered,
            destruction_checks.clinic_may_destroy_it,
        ),
        Action.RELEASE: (legal_holds.keeps_the_hold_of_its_order,),
        Action.TAKE_OUT_OF_WASTE: (destruction_checks.comes_out_before_the_count, *INTO_STORAGE),
        Action.DESTROY: (destruction_checks.batch_is_signed,),
        Action.STORE: INTO_STORAGE,
        Action.MOVE: INTO_STORAGE,
        Action.CHECK_IN: (retrieval_checks.not_more_than_was_in_it, *INTO_STORAGE),
        Action.CHECK_OUT: (
            retrieval_checks.participants_let_it_be_picked,
            retrieval_checks.is_on_its_list,
        ),
        Action.FREEZE: (freezing.frozen_in_time,),
        Action.THAW: (freezing.thawed_within_its_limit,),
        Action.ALIQUOT: BY_PLAN,
        Action.DERIVE: MAKING_CHILDREN,
        Action.POOL: (
            pools.goes_into_its_pool,
            processing_checks.consent_covers_it,
            pools.enough_is_left,
        ),
        Action.SEND_OUT: (
            custodian_checks.goes_to_a_custodian_in_use,
            attestation_checks.disposal_outside_is_ordered,
        ),
        Action.GIVE_BACK: (custodian_checks.who_gets_it_is_told,),
        Action.ACCEPT_ATTESTATION: (attestation_checks.attestation_is_accepted,),
        Action.DISTRIBUTE: (
            distribution_checks.participants_let_it_be_used,
            distribution_checks.request_covers_it,
        ),
        Action.CORRECT: (
            receipt_checks.parcel_is_as_it_came,
            shipment_checks.conditions_are_possible,
            exchange_checks.what_the_file_says,
        ),
    },
    after={
        action: (*AFTER.get(action, ()), *NOTED.get(action, ()), *PICKED.get(action, ()), *AFTER_EVERY_STEP)
        for action in Action
    },
    derived={
        Action.ISSUE: (kit_reactions.site_of_issue,),
        Action.ASSIGN: (kit_reactions.participant_told, kit_reactions.site_has_it),
        Action.RETURN: (
            kit_reactions.maker_gets_it,
            custodian_reactions.it_is_here_again,
            retrieval_reactions.what_is_left,
        ),
        Action.SEND_OUT: (custodian_reactions.custodian_takes_it,),
        Action.COLLECT: (kit_reactions.what_was_collected,),
        Action.LINK: (kit_reactions.participant_told,),
        Action.DISPATCH: (shipment_reactions.carrier_takes_custody,),
        Action.ARRIVE: (storage_reactions.finder_takes_custody, nesting.comes_out_of_its_parcel),
        Action.RECEIVE: (storage_reactions.finder_takes_custody,),
        Action.FIND: (storage_reactions.finder_takes_custody,),
        Action.TAKE_OUT_OF_WASTE: (storage_reactions.finder_takes_custody,),
        Action.REFIT: (refitting.new_name,),
        Action.STORE: (storage_reactions.facility_takes_custody,),
        Action.MOVE: (storage_reactions.facility_takes_custody,),
        Action.CHECK_IN: (storage_reactions.facility_takes_custody, retrieval_reactions.what_is_left),
        Action.ALIQUOT: (processing_reactions.what_is_left,),
        Action.DERIVE: (processing_reactions.what_is_left,),
        Action.POOL: (pools.what_is_left_of_it,),
    },
)


def install_rules() -> None:
    install(RULES)
    own_names.install(is_own_name, is_name_of_one_of)
    free_text.install(numbers_sent_in)
    heirs.install(freezing.thaws_to_inherit, freezing.thaws_are_inherited)
    out_of_service.install(units_failing)
    needs.install(bench.is_to_be_spun_first)
    waiting_elsewhere.install(wait_for_outages)
    grounds.install(lets_out)
    follow_entries(DECISIVE | {ORDER, CERTIFICATE}, note_entry)
