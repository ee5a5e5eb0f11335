"""Parcels as pages: what a sender hears of one that has left, and what is asked before one leaves."""


def started(clinic) -> str:
    """An empty parcel; gives its page."""
    return clinic.post("/shipments", origin="clinic-1", destination="biobank-1").leads_to


def test_a_parcel_is_asked_about_before_it_goes_and_takes_nothing_after(programme, seat):
    _, tubes = programme.collected_kit()
    clinic = seat("clinic.here")
    parcel = started(clinic)
    told = {"carrier": "courier", "un3373": "yes"}
    asked = clinic.post(f"{parcel}/dispatch", **told)
    assert "is empty: nothing is packed into it" in asked.answer[1]
    assert "Nothing is recorded yet" in asked.text
    assert "Dispatch it all the same" in asked.text
    clinic.sent(f"{parcel}/dispatch", **told, confirmation="ice packs go back")

    late = clinic.post(f"{parcel}/scan", text=tubes[0])
    assert late.answer[0] == "This parcel has left"
    assert "is in transit, so nothing more goes into it; start another parcel" in late.answer[1]
    assert "Why does this barcode not work?" not in late.text
