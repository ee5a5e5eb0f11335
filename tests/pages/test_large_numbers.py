"""Numbers that no database holds, as addresses and forms can tell them."""

import pytest


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/shipments?before={number}"),
        ("POST", "/kept-form/{number}/discard"),
        ("POST", "/visits/expected/{number}/remove"),
        ("POST", "/centrifuge/scan"),
    ],
)
def test_a_number_larger_than_any_is_no_fault_of_ours(seat, method, path):
    clinic, number = seat("clinic.here"), "9" * 30
    asked = path.format(number=number)
    answer = clinic.get(asked) if method == "GET" else clinic.post(asked, programme="9" * 5000, text="x")
    assert answer.status in (404, 422), answer.text
