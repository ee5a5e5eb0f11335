"""Tracking numbers are read as the carriers print them, and conditions fit the kind of tube."""

import pytest

from biobank.shipments.choices import (
    CARRIER_NAMES,
    Carrier,
    Condition,
    TrackingNumberRefused,
    possible_conditions,
    read_tracking_number,
)

BARCODE = "96" + "1" * 18


@pytest.mark.parametrize(
    ("carrier", "text", "number"),
    [
        ("fedex", "794612345678", "794612345678"),
        ("fedex", "7946 1234 5678", "794612345678"),
        ("fedex", "12345678901234", "12345678901234"),
        ("fedex", BARCODE + "00794612345678", "794612345678"),
        ("fedex", BARCODE + "07946123456789", "7946123456789"),
        ("fedex", BARCODE + "17946123456789", "17946123456789"),
        ("fedex", BARCODE + "00094612345678", "094612345678"),
        ("ups", "1z 999 aa1 01 2345 6784", "1Z999AA10123456784"),
        ("usps", "(92)055901755477000000", "92055901755477000000"),
        ("usps", "[94]00111899223100012345", "9400111899223100012345"),
        ("courier", "", None),
        ("courier", None, None),
        ("courier", "van-7/12", "VAN7/12"),
    ],
)
def test_a_number_is_read_as_the_carrier_knows_it(carrier, text, number):
    assert read_tracking_number(Carrier(carrier), text) == number


@pytest.mark.parametrize(
    ("carrier", "text"),
    [
        ("fedex", None),
        ("fedex", "79461234567"),
        ("fedex", "123456789012345"),
        ("fedex", "7946123456AB"),
        ("fedex", BARCODE + "0079461234567"),
        ("ups", "1Z999AA1012345678"),
        ("ups", "1Z999AA101234567840"),
        ("usps", "9205590175547700000"),
        ("usps", "92055901755477000000123"),
        ("courier", "x" * 41),
        ("courier", "van 7; left at the door"),
        ("courier", "Testa Participant"),
    ],
)
def test_a_number_of_another_shape_is_not_this_carriers(carrier, text):
    with pytest.raises(TrackingNumberRefused, match=f"A {CARRIER_NAMES[carrier]} tracking number has "):
        read_tracking_number(Carrier(carrier), text)


def test_only_blood_clots_and_only_a_gel_fails():
    every = frozenset(Condition)
    of_blood = {Condition.HAEMOLYSED, Condition.CLOTTED}
    assert possible_conditions(specimen="blood", additive="serum gel") == every
    assert possible_conditions(specimen="blood", additive="EDTA") == every - {Condition.FAILED_GEL}
    assert possible_conditions(specimen="urine", additive="none") == every - of_blood - {Condition.FAILED_GEL}
    assert possible_conditions(specimen=None, additive=None) == every
