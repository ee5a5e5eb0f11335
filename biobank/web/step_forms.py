"""Which fields the form of each step has, and what was typed into them as `record` takes it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from biobank.core.quantities import THOUSAND, NotAnAmount, plainly, thousandths
from biobank.custodians.choices import GivenTo, Purpose
from biobank.custody.hold_checks import PLACED_BY_A_STEP
from biobank.custody.states import Action, HoldKind, Kind, Placing
from biobank.custody.steps import Source
from biobank.custody.transitions import Transition
from biobank.kits.choices import Fill, NotCollectedReason, ReplacedReason, ReturnReason, VoidReason
from biobank.processing.choices import MOST_CHILDREN, SPECIFICATION, Rotor
from biobank.processing.measures import MEASURES, Measure
from biobank.shipments.choices import Carrier
from biobank.web.told_times import time_told
from biobank.web.typed_fields import (
    FieldRefused,
    Form,
    choices,
    codes_typed,
    millilitres_typed,
    thousandths_typed,
    whole_typed,
)


@dataclass(frozen=True)
class Field:
    """One field as `items/step.html` draws it; `name` is also the name in the step's details."""

    name: str
    label: str
    type: str = "text"
    hint: str | None = None
    required: bool = True
    options: tuple[Mapping[str, str | None], ...] = ()
    unit: str | None = None
    unknown: bool = False


A = Action
PLACED = [hold for hold in HoldKind if hold in PLACED_BY_A_STEP]
REASON = Field("reason", "Why", "area", "One sentence about the item, nothing about a person.")
CHILDREN = (
    Field("count", "How many", "number"),
    Field("volume", "How much in each", "number", unit="mL", unknown=True),
    Field("issuer", "Maker of the tubes", hint="If they bear codes of their own.", required=False),
    Field("codes", "Codes on the tubes", "area", "One a line, as many as were made.", required=False),
)
DETAILS: Mapping[tuple[Kind | None, Action], tuple[Field, ...]] = {
    (Kind.KIT, A.ISSUE): (Field("site", "To which site", hint="The code of the clinic that gets the kit."),),
    (Kind.KIT, A.ASSIGN): (
        Field("participant", "Participant code", hint="A letter and nine digits, such as A123456789."),
    ),
    (None, A.VOID): (Field("reason", "Why", "choice", options=choices(VoidReason)),),
    (Kind.KIT, A.RETURN): (Field("reason", "Why", "choice", options=choices(ReturnReason)),),
    (None, A.COLLECT): (
        Field("fill", "How full is it", "choice", options=choices(Fill)),
        Field("volume", "About how much, if short", "number", required=False, unit="mL"),
    ),
    (None, A.MARK_NOT_COLLECTED): (
        Field("reason", "Why not", "choice", options=choices(NotCollectedReason)),
    ),
    (None, A.SUBSTITUTE): (
        Field("reason", "Why", "choice", options=choices(ReplacedReason)),
        Field("lot", "Lot on the tube from the shelf", required=False),
        Field("expires_on", "Expires on", "date", required=False),
        Field("issuer", "Maker of the tube", hint="If it bears a code of its own.", required=False),
        Field("code", "The maker's code", "scan", "Scan it.", required=False),
    ),
    (None, A.CENTRIFUGE): (
        Field("rotor", "Rotor", "choice", required=False, options=choices(Rotor)),
        Field("g", "Force", "number", required=False, unit="g"),
        Field("minutes", "For how long", "number", required=False, unit="minutes"),
    ),
    (None, A.ALIQUOT): (
        Field("specification", "What was made", hint="Serum, plasma, buffy coat and so on."),
        *CHILDREN,
    ),
    (None, A.DISTRIBUTE): (Field("request", "Number of the study's request"),),
    (None, A.DERIVE): (
        Field("specification", "What was made", hint="DNA, RNA, protein and so on."),
        *CHILDREN,
        *(
            Field(each.name, each.label, "number", required=False, unit=each.unit.value or None)
            for each in MEASURES
        ),
    ),
    (None, A.POOL): (REASON,),  # a page of its own
    (None, A.SEND_OUT): (
        Field("custodian", "To which custodian", hint="The code of the custodian, such as LAB-1."),
        Field("purpose", "What for", "choice", options=choices(Purpose)),
    ),
    (None, A.GIVE_BACK): (
        Field("given_to", "To whom", "choice", options=choices(GivenTo)),
        Field("receiver", "Code of who gets it", hint="Such as TRIBE-7, never a name."),
    ),
    (None, A.LABEL): (
        Field("issuer", "Whose code it is", hint="The maker of the tube or box, such as FluidX."),
        Field("code", "The maker's code", "scan", "Scan it."),
    ),
    (None, A.QUARANTINE): (
        Field("hold", "Because of", "choice", options=choices(PLACED)),
        REASON,
    ),
    (None, A.RELEASE): (REASON,),
    (None, A.BREAK): (REASON,),
    (None, A.REPORT_LOST): (REASON,),
    (None, A.LINK): (Field("participant", "Participant code"),),
    (None, A.CORRECT): (REASON,),
    (Kind.PARCEL, A.DISPATCH): (
        Field("carrier", "Who carries it", "choice", options=choices(Carrier)),
        Field(
            "tracking_number",
            "Tracking number",
            "scan",
            "Scan the carrier's barcode. A courier may have none.",
            required=False,
        ),
        Field("seal", "Number of the seal", required=False),
        Field("logger", "Number of the temperature logger", required=False),
    ),
}
TAKES_PLACES: Mapping[Action, str] = {
    A.PACK: "Scan the parcel.",
    A.PUT_IN_WASTE: "Scan the waste bag.",
}
WITHOUT_POSITION = frozenset({A.PACK, A.PUT_IN_WASTE, A.ARRIVE})


def fields_of(row: Transition, kind: Kind, zone: str) -> list[Field]:
    """What a step asks: what is special to it, where it goes, when it was, and by whom."""
    action = row.action
    special = DETAILS.get((kind, action)) or DETAILS.get((None, action), ())
    return [*_place_fields(row), *special, *_always(zone)]


def _place_fields(row: Transition) -> list[Field]:
    if row.placing not in (Placing.MAY, Placing.MUST):
        return []
    must = row.placing is Placing.MUST
    hint = TAKES_PLACES.get(row.action, "Scan the box, rack or place.")
    fields = [Field("place", "Where it goes", "scan", hint, required=must)]
    if row.action not in WITHOUT_POSITION:
        fields.append(Field("position", "Position", hint="Such as A1.", required=False))
    return fields


def _always(zone: str) -> tuple[Field, ...]:
    when = f"Leave it empty for now. In the time of {zone}."
    return (
        Field("occurred_at", "When it happened", "moment", when, required=False, unknown=True),
        Field(
            "performed_by",
            "Done by",
            hint="Leave it empty if it was you, else their user name.",
            required=False,
        ),
        Field("form_number", "Paper form", hint="Its number, if this comes from paper.", required=False),
    )


def is_quick(row: Transition, kind: Kind) -> bool:
    """A step that asks nothing and ends nothing is recorded by its button alone."""
    return not (
        DETAILS.get((kind, row.action))
        or DETAILS.get((None, row.action))
        or row.placing is Placing.MUST
        or row.action in NEVER_QUICK
    )


NEVER_QUICK = frozenset(
    {
        *(A.CONSUME, A.REPORT_NEVER_RECEIVED, A.REPORT_MISSING, A.TAKE_OUT_OF_WASTE, A.FIND),
        A.REFIT,  # a page of its own
    }
)


def shown(fields: Iterable[Field]) -> list[dict[str, Any]]:
    return [asdict(field) for field in fields]


def read_step(form: Form, row: Transition, zone: str) -> dict[str, Any]:
    """The arguments of `record` that a form gives. Raises `FieldRefused`, `NotAMoment`."""
    paper = form.get("form_number", "").strip()
    read = READERS.get(row.action, _plain_details)
    return {
        "at": time_told(form, zone),
        "performed_by": form.get("performed_by", "").strip().lower() or None,
        "source": Source("paper", paper) if paper else Source("scan"),
        "place": form.get("place", "").strip() or None,
        "position": form.get("position", "").strip() or None,
        "details": read(form),
    }


DETAIL_NAMES = tuple(
    dict.fromkeys(field.name for fields in DETAILS.values() for field in fields if field.type != "number")
)


def _plain_details(form: Form) -> dict[str, Any]:
    return {name: form[name].strip() for name in DETAIL_NAMES if form.get(name, "").strip()}


def _collected(form: Form) -> dict[str, Any]:
    volume = thousandths_typed(form, "volume")
    return {"fill": form.get("fill", "")} | ({"volume_microlitres": volume} if volume else {})


def _spun(form: Form) -> dict[str, Any]:
    programme = {name: whole_typed(form, name) for name in ("g", "minutes") if form.get(name, "").strip()}
    rotor = {"rotor": form["rotor"]} if form.get("rotor") else {}
    return rotor | ({"programme": programme} if programme else {})


def _aliquoted(form: Form) -> dict[str, Any]:
    child: dict[str, Any] = {"specification": form.get("specification", "").strip()}
    if not SPECIFICATION.fullmatch(child["specification"]):
        raise FieldRefused(
            "Say what was made, such as plasma, in at most 64 letters and digits; also spaces and . _ -.",
            field="specification",
        )
    volume = millilitres_typed(form, "volume")
    if volume:
        child["volume_microlitres"] = volume
    child |= _measured(form)
    count, codes = whole_typed(form, "count", most=MOST_CHILDREN), codes_typed(form)
    if codes and len(codes) != count:
        raise FieldRefused(
            f"There are {len(codes)} codes and {count} were made; scan each once.", field="codes"
        )
    told = {"issuer": form.get("issuer", "").strip()}
    return {"children": [child | (told | {"code": code} if codes else {}) for code in codes or [""] * count]}


def _measured(form: Form) -> dict[str, int]:
    """What was measured of a derivative; `derive` judges the numbers."""
    typed = ((each, form.get(each.name, "").strip()) for each in MEASURES)
    return {each.name: _in_small_units(each, text) for each, text in typed if text}


def _in_small_units(measure: Measure, text: str) -> int:
    try:
        number = thousandths(text) * measure.per // THOUSAND
    except NotAnAmount as problem:
        raise FieldRefused(problem.detail, field=measure.name) from problem
    if not measure.least <= number <= measure.most:
        least, most = (plainly(limit * THOUSAND // measure.per) for limit in (measure.least, measure.most))
        raise FieldRefused(
            f"Type a number from {least} to {most}, or leave the field empty.", field=measure.name
        )
    return number


def _taken_back(form: Form) -> dict[str, Any]:
    return {"undo": "newest step", "reason": form.get("reason", "").strip()}


READERS: Mapping[Action, Callable[[Form], dict[str, Any]]] = {
    A.COLLECT: _collected,
    A.CENTRIFUGE: _spun,
    A.ALIQUOT: _aliquoted,
    A.DERIVE: _aliquoted,
    A.CORRECT: _taken_back,
}
