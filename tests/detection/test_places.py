"""Facts about time zones, countries and local hours, and about addresses in MMDB files."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.detection.mmdb import write_mmdb
from visitors.detection.network_kinds import NETWORK_KINDS, kind_of_organisation
from visitors.detection.networks import NOWHERE, MmdbMetadata, Place, PlaceFileError, PlaceReader, verify_mmdb
from visitors.detection.places import country_of_time_zone, local_hour

BERLIN = {
    "country": {"iso_code": "DE"},
    "subdivisions": [{"names": {"en": "Land Berlin"}}],
    "city": {"names": {"en": "Berlin"}},
}
NOON_MS = int(datetime(2026, 7, 15, 12, 30, tzinfo=UTC).timestamp() * 1000)  # a Wednesday


@pytest.mark.parametrize(
    ("tz", "country"),
    [
        ("Europe/Berlin", "DE"),
        ("Europe/Amsterdam", "NL"),
        ("Asia/Kolkata", "IN"),
        ("Asia/Calcutta", "IN"),
        ("Europe/Kiev", "UA"),
        ("America/Buenos_Aires", "AR"),
        ("US/Pacific", "US"),
        ("Japan", "JP"),
        ("Iceland", "IS"),
        ("Atlantic/Reykjavik", "IS"),
        ("Pacific/Truk", "FM"),
        ("UTC", ""),
        ("Etc/GMT+3", ""),
        ("EST", ""),
        ("WET", ""),
        ("-300", ""),
        ("480", ""),
        ("Nowhere/Town", ""),
        ("", ""),
    ],
)
def test_a_time_zone_tells_its_country(tz: str, country: str) -> None:
    assert country_of_time_zone(tz) == country


def test_every_zone_with_a_place_has_a_country() -> None:
    continents = (
        "Africa/",
        "America/",
        "Antarctica/",
        "Arctic/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    )
    assert [
        zone for zone in available_timezones() if zone.startswith(continents) and not country_of_time_zone(zone)
    ] == []


@pytest.mark.parametrize(
    ("tz", "at"),
    [
        ("Europe/Berlin", (2, 14)),
        ("America/Los_Angeles", (2, 5)),
        ("Pacific/Auckland", (3, 0)),
        ("UTC", (2, 12)),
        ("0", (2, 12)),
        ("480", (2, 20)),
        ("+330", (2, 18)),
        ("-300", (2, 7)),
        ("-720", (2, 0)),
        ("840", (3, 2)),
        ("841", None),
        ("-721", None),
        ("America", None),
        ("../../etc/passwd", None),
        ("Nowhere/Town", None),
        ("", None),
    ],
)
def test_the_local_hour_follows_zone_names_and_minutes_east(tz: str, at: tuple[int, int] | None) -> None:
    assert local_hour(tz, NOON_MS) == at


@settings(deadline=None)
@given(st.text(max_size=80) | st.integers().map(str), st.integers())
def test_no_time_zone_and_no_time_raises(tz: str, at_ms: int) -> None:
    weekday, hour = local_hour(tz, at_ms) or (0, 0)
    assert (weekday in range(7), hour in range(24)) == (True, True)
    assert len(country_of_time_zone(tz)) in {0, 2}


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (BERLIN, Place("DE", "Land Berlin", "Berlin")),
        ({"registered_country": {"iso_code": "fr"}}, Place("FR")),
        ({"country": {"iso_code": "US"}, "subdivisions": [{"iso_code": "CA"}]}, Place("US", "CA")),
        ({"country": "GB", "region": "England", "city": "Leeds"}, Place("GB", "England", "Leeds")),
        (
            {"country": "Germany", "country_code": "DE", "as_name": "Example Bank AG"},
            Place("DE", network="Example Bank AG", network_kind="business"),
        ),
        (
            {"autonomous_system_number": 64500, "autonomous_system_organization": "Universität Beispiel"},
            Place(network="Universität Beispiel", network_kind="education"),
        ),
        ({"as_name": "Plain Name", "as_type": "hosting"}, Place(network="Plain Name", network_kind="hosting")),
        ({"country": {"iso_code": "<script>"}, "city": 7}, NOWHERE),
    ],
)
def test_the_layouts_of_geolite_dbip_and_ipinfo_are_read(tmp_path: Path, record: object, place: Place) -> None:
    path = write_mmdb(tmp_path / "places.mmdb", {"198.51.100.0/24": record})
    assert PlaceReader(city=path).lookup("198.51.100.7") == place


def test_city_country_and_network_files_complete_each_other(tmp_path: Path) -> None:
    country = write_mmdb(
        tmp_path / "country.mmdb",
        {"192.0.2.0/24": {"country": {"iso_code": "PL"}}, "198.51.100.0/24": {"country": {"iso_code": "US"}}},
    )
    city = write_mmdb(tmp_path / "city.mmdb", {"198.51.100.0/24": BERLIN})
    asn = write_mmdb(tmp_path / "asn.mmdb", {"198.51.100.0/24": {"autonomous_system_organization": "Example Telecom"}})
    reader = PlaceReader(country=country, city=city, asn=asn)
    assert reader.lookup("198.51.100.7") == Place("DE", "Land Berlin", "Berlin", "Example Telecom", "isp")
    assert reader.lookup("192.0.2.1") == Place("PL")


def test_the_operators_longest_prefix_wins_over_the_file(tmp_path: Path) -> None:
    asn = write_mmdb(tmp_path / "asn.mmdb", {"198.51.100.0/24": {"as_name": "Example Hosting"}})
    kinds = {"198.51.100.0/24": "business", "198.51.100.128/25": "vpn", "2001:db8::/32": "education"}
    reader = PlaceReader(asn=asn, network_kinds=kinds)
    found = [reader.lookup(ip).network_kind for ip in ("198.51.100.1", "198.51.100.200", "2001:db8::7", "203.0.113.1")]
    assert found == ["business", "vpn", "education", ""]


def test_an_ipv4_address_in_ipv6_clothes_is_the_same_address(tmp_path: Path) -> None:
    path = write_mmdb(tmp_path / "places.mmdb", {"198.51.100.0/24": BERLIN})
    assert PlaceReader(city=path).lookup("::ffff:198.51.100.7").country == "DE"


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_raises_in_place_of_an_address(ip: str) -> None:
    assert PlaceReader(network_kinds={"10.0.0.0/8": "business"}).lookup(ip).country == ""


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_replaced_file_is_read_again_within_seconds(tmp_path: Path) -> None:
    path, clock = tmp_path / "places.mmdb", Clock()
    write_mmdb(path, {"198.51.100.0/24": BERLIN})
    reader = PlaceReader(city=path, clock=clock)
    write_mmdb(tmp_path / "new.mmdb", {"198.51.100.0/24": {"country": {"iso_code": "SE"}}}).replace(path)
    assert reader.lookup("198.51.100.7").country == "DE"
    clock.now = 11.0
    assert reader.lookup("198.51.100.7").country == "SE"


def test_a_bad_replacement_is_logged_and_the_old_places_stay(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path, clock = tmp_path / "places.mmdb", Clock()
    write_mmdb(path, {"198.51.100.0/24": BERLIN})
    reader = PlaceReader(city=path, clock=clock)
    bad = tmp_path / "bad"
    bad.write_bytes(b"not a database")
    bad.replace(path)
    clock.now = 11.0
    with caplog.at_level(logging.WARNING):
        assert reader.lookup("198.51.100.7").country == "DE"
    assert "places.mmdb` must be an MMDB file" in caplog.text


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(PlaceFileError, match=r"`.*none.mmdb` must be a readable file: No such file or directory"):
        PlaceReader(country=tmp_path / "none.mmdb")


def test_a_folder_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(PlaceFileError):
        PlaceReader(country=tmp_path)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = write_mmdb(tmp_path / "places.mmdb", {"198.51.100.0/24": BERLIN})
    whole = path.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 40):
        path.write_bytes(whole[:length])
        with pytest.raises(PlaceFileError):
            verify_mmdb(path)


# The C reader of Python 3.11 calls a deprecated function for the types that damage can make of a record.
@pytest.mark.filterwarnings("ignore:PyUnicode_FromStringAndSize:DeprecationWarning")
@settings(deadline=None)
@given(at=st.integers(0, 4_000), flipped=st.integers(1, 255))
def test_a_damaged_file_is_refused_or_read_but_never_breaks_a_lookup(
    tmp_path_factory: pytest.TempPathFactory, at: int, flipped: int
) -> None:
    path = write_mmdb(tmp_path_factory.mktemp("mmdb") / "places.mmdb", {"198.51.100.0/24": BERLIN})
    damaged = bytearray(path.read_bytes())
    damaged[at % len(damaged)] ^= flipped
    path.write_bytes(damaged)
    try:
        reader = PlaceReader(city=path)
    except PlaceFileError:
        return
    assert isinstance(reader.lookup("198.51.100.7"), Place)


def test_a_verified_file_reports_its_age_and_what_it_tells(tmp_path: Path) -> None:
    path = write_mmdb(tmp_path / "places.mmdb", {"198.51.100.0/24": BERLIN | {"as_name": "Example Telecom"}})
    built = datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)
    assert verify_mmdb(path) == MmdbMetadata("Test-City", built, 6, 120, ("country", "region", "city", "network"))


def test_a_file_without_places_is_refused(tmp_path: Path) -> None:
    path = write_mmdb(tmp_path / "other.mmdb", {"198.51.100.0/24": {"is_proxy": "yes"}})
    with pytest.raises(PlaceFileError, match="must hold countries, cities or networks"):
        verify_mmdb(path)


@pytest.mark.parametrize(
    ("organisation", "kind"),
    [
        ("Deutsche Telekom AG", "isp"),
        ("COMCAST-7922", "isp"),
        ("T-Mobile USA, Inc.", "mobile"),
        ("Massachusetts College of Art", "education"),
        ("Verein zur Foerderung eines Deutschen Forschungsnetzes e.V. (DFN)", "education"),
        ("Hetzner Online GmbH", "hosting"),
        ("AMAZON-02", "hosting"),
        ("M247 Europe SRL", "vpn"),
        ("Mullvad VPN AB", "vpn"),
        ("Siemens AG", "business"),
        ("Hostile Takeovers Ltd", ""),
        ("Banksy Art", ""),
        ("", ""),
    ],
)
def test_the_words_of_an_organisation_tell_its_kind(organisation: str, kind: str) -> None:
    assert kind_of_organisation(organisation) == kind
    assert kind in (*NETWORK_KINDS, "")
