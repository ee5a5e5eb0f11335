"""Sites and stations: added once, refused by name, found again."""

import pytest

from biobank.core.moments import NotAMoment
from biobank.sites import checks, operations, queries

CLINIC = {"code": "clinic-1", "name": "Clinic One", "kind": "clinic", "zone": "America/Chicago"}


def test_a_site_is_added_and_found(work):
    operations.add_site(work, by="setup", **CLINIC)
    operations.add_site(work, by="setup", **{**CLINIC, "code": "biobank", "kind": "biobank"})
    site = queries.site_named(work, "clinic-1")
    assert (site.name, site.kind, site.zone, site.created_by) == (
        "Clinic One",
        "clinic",
        "America/Chicago",
        "setup",
    )
    assert [site.code for site in queries.sites(work)] == ["biobank", "clinic-1"]


def test_a_site_that_is_not_there_is_named(work):
    with pytest.raises(queries.SiteUnknown, match="clinic-9"):
        queries.site_named(work, "clinic-9")


def test_a_code_is_never_used_again(work):
    operations.add_site(work, by="setup", **CLINIC)
    with pytest.raises(checks.SiteExists):
        operations.add_site(work, by="setup", **CLINIC)


@pytest.mark.parametrize(
    ("field", "value"),
    [("code", ""), ("code", "a b"), ("code", "x" * 65), ("name", " "), ("name", "x" * 121), ("kind", "ship")],
)
def test_what_is_no_site_is_refused_with_its_field(work, field, value):
    with pytest.raises(checks.SiteRefused) as refusal:
        operations.add_site(work, by="setup", **{**CLINIC, field: value})
    assert refusal.value.extra == {"field": field}


def test_a_zone_has_to_exist(work):
    with pytest.raises(NotAMoment, match="Middle/Earth"):
        operations.add_site(work, by="setup", **{**CLINIC, "zone": "Middle/Earth"})


def test_a_station_is_known_by_its_token_alone(work):
    operations.add_site(work, by="setup", **CLINIC)
    station, token = operations.register_station(work, by="admin", site="clinic-1", name="bench-2")
    assert station.code == "clinic-1/bench-2"
    assert token not in station.token_sha256
    assert queries.station_of_token(work, token).code == "clinic-1/bench-2"
    with pytest.raises(queries.StationUnknown):
        queries.station_of_token(work, token + "x")


def test_a_station_is_registered_once_at_a_site_that_is_there(work):
    operations.add_site(work, by="setup", **CLINIC)
    operations.register_station(work, by="admin", site="clinic-1", name="bench-2")
    with pytest.raises(checks.StationExists):
        operations.register_station(work, by="admin", site="clinic-1", name="bench-2")
    with pytest.raises(checks.StationRefused):
        operations.register_station(work, by="admin", site="clinic-1", name="bench 2")
    with pytest.raises(queries.SiteUnknown):
        operations.register_station(work, by="admin", site="clinic-9", name="bench-2")
