"""Registry files of four layouts, and what is none."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from monitor.errors import BadFile
from monitor.feeds.readers.organisations import read_organisations
from monitor.model import Organisation, PeerGroup, Succession
from monitor.organisations import registry, with_facts


def record(code: str, *, role: str = "RO197", **sections: object) -> dict[str, object]:
    return {
        "Name": f"Trust {code}",
        "OrgId": {"root": "2.16.840.1.113883.2.1.3.2.4.18.48", "extension": code},
        "Status": "Active",
        "Roles": {"Role": [{"id": role, "uniqueRoleId": 1, "primaryRole": True}]},
    } | sections


def succession(kind: str, other: str, start: str, role: str = "RO197") -> dict[str, object]:
    target = {"OrgId": {"extension": other}, "PrimaryRoleId": {"id": role}}
    return {"uniqueSuccId": 1, "Date": [{"Type": "Legal", "Start": start}], "Type": kind, "Target": target}


def read(document: object) -> tuple[tuple[Organisation, ...], tuple[Succession, ...]]:
    load = read_organisations(json.dumps(document).encode())
    return load.organisations, load.successions


def test_the_published_reference_files_give_the_counts_of_the_data_page(real_file: Callable[[str], Path]) -> None:
    etr = read_organisations(real_file("organisation_reference/etr.csv").read_bytes())
    dimension = read_organisations(real_file("organisation_reference/dim_*.csv").read_bytes())
    assert (len(etr.organisations), len(dimension.organisations)) == (218, 148)
    assert sum(one.end is not None for one in etr.organisations) == 6
    assert all(one.peer_group and one.region for one in dimension.organisations)


def test_both_reference_files_together_keep_types_and_dates(real_file: Callable[[str], Path]) -> None:
    etr = read_organisations(real_file("organisation_reference/etr.csv").read_bytes())
    dimension = read_organisations(real_file("organisation_reference/dim_*.csv").read_bytes())
    known = {one.code: one for one in dimension.organisations}
    known |= {one.code: with_facts(known.get(one.code), one) for one in etr.organisations}
    assert len(known) == 218
    manchester = known["R0A"]
    assert (manchester.peer_group, manchester.region) == (PeerGroup.ACUTE, "North West")
    assert manchester.start == date(2017, 10, 1)


def test_a_closing_day_is_the_last_one_and_ours_the_one_after() -> None:
    row = ["RXX", "A TRUST", "Y56", *[""] * 7, "20100401", "20200930", *[""] * 15]
    (found,) = read_organisations(",".join(row).encode()).organisations
    assert (found.start, found.end) == (date(2010, 4, 1), date(2020, 10, 1))


def test_a_windows_file_with_a_mark_in_front_is_read() -> None:
    text = (
        "OrganisationCode,CanonicalOrganisationName,OrganisationType,RegionName\r\nRXX,Côte Trust,Ambulance,London\r\n"
    )
    for content in (text.encode("utf-8-sig"), text.encode("cp1252")):
        (found,) = read_organisations(content).organisations
        assert (found.name, found.peer_group) == ("Côte Trust", PeerGroup.AMBULANCE)


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one], lambda one: {"Organisations": [one]}])
def test_records_come_alone_in_a_list_or_under_a_name(wrap: Callable[[object], object]) -> None:
    (found,), successions = read(wrap({"Organisation": record("RVV")}))
    assert found == Organisation("RVV", "Trust RVV", None, None)
    assert successions == ()


def test_bare_objects_stand_for_lists_and_words_for_booleans() -> None:
    bare = record(
        "RTG",
        Roles={"Role": {"id": "RO57", "primaryRole": "true"}},
        Date={"Type": "Legal", "Start": "1999-04-01", "End": "2018-06-30"},
        Succs={"Succ": succession("Predecessor", "RJF", "2018-07-01") | {"Date": {"Start": "2018-07-01"}}},
    )
    (found,), successions = read({"Organisation": bare})
    assert (found.start, found.end) == (date(1999, 4, 1), date(2018, 7, 1))
    assert successions == (Succession("RJF", "RTG", date(2018, 7, 1)),)


def test_both_ends_of_one_succession_are_one_in_the_registry() -> None:
    old = record("RJF", Status="Inactive", Succs={"Succ": [succession("Successor", "RTG", "2018-07-01")]})
    new = record("RTG", Succs={"Succ": [succession("Predecessor", "RJF", "2018-06-30")]})
    organisations, successions = read([{"Organisation": old}, {"Organisation": new}])
    assert len(successions) == 2
    assert registry(organisations, successions).successions == (Succession("RJF", "RTG", date(2018, 7, 1)),)


def test_sites_and_their_successions_are_left_out_and_counted() -> None:
    site = record("RTGKC", role="RO198")
    trust = record("RTG", Succs={"Succ": [succession("Predecessor", "RTGKC", "2018-07-01", role="RO198")]})
    load = read_organisations(json.dumps([site, trust]).encode())
    assert [one.code for one in load.organisations] == ["RTG"]
    assert (load.successions, load.out_of_scope) == ((), 1)


def test_our_own_form_says_all_at_once() -> None:
    organisations, successions = read(
        {
            "organisations": [
                {"code": "R01", "name": "One", "type": "acute", "region": "London", "start": None, "end": "2024-04-01"}
            ],
            "successions": [{"predecessor": "R01", "successor": "R02", "legal_date": "2024-04-01"}],
        }
    )
    assert organisations == (Organisation("R01", "One", PeerGroup.ACUTE, "London", None, date(2024, 4, 1)),)
    assert successions == (Succession("R01", "R02", date(2024, 4, 1)),)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xef\xbb\xbf",
        b"a,b\n1,2\n",
        b'{"Organisation": {"Name": "no id"}}',
        b'[{"Organisation": ',
        b"[1, 2]",
        b'{"organisations": [{"code": "R01"}]}',
        b'{"organisations": [{"code": "R01", "name": "x", "start": "April"}]}',
        b"OrganisationCode,CanonicalOrganisationName,OrganisationType,RegionName\nR01,cut",
        b"OrganisationCode,CanonicalOrganisationName,OrganisationType,RegionName,OrganisationCode\nR01,a,b,c,R02",
        b"PK\x03\x04 a workbook",
    ],
)
def test_what_is_no_registry_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(BadFile, match=r"registry|cut short|is not a day of|OrganisationCode stands twice"):
        read_organisations(content)


def own(*entries: dict[str, object], successions: tuple[object, ...] = ()) -> bytes:
    return json.dumps({"organisations": entries, "successions": successions}).encode()


def etr(code: str = "RXX", begins: str = "20100401", ends: str = "", name: str = "A TRUST") -> bytes:
    return ",".join([code, name, "Y56", *[""] * 7, begins, ends, *[""] * 15]).encode()


def dimension(code: str) -> bytes:
    columns = b"OrganisationCode,CanonicalOrganisationName,OrganisationType,RegionName"
    return columns + f"\nRXX,One,Acute,London\n{code},Two,Acute,London\n".encode()


def dated(start: str, end: str) -> dict[str, object]:
    return record("RXX", Date=[{"Type": "Legal", "Start": start, "End": end}])


@pytest.mark.parametrize("code", ["Jane Smith", "", "R1", "SMITH", "9434765919", "ß12"])
def test_what_is_no_code_refuses_the_file_by_its_place_and_is_not_repeated(code: str) -> None:
    good = {"code": "RXX", "name": "One"}
    contents = {
        "record 2": own(good, {"code": code, "name": "Two"}),
        "line 3": dimension(code),
        "line 1": etr(code),
        "record 1": json.dumps([record(code)]).encode(),
        "succession 1": own(good, successions=({"predecessor": code, "successor": "RXX", "legal_date": "2024-04-01"},)),
    }
    for where, content in contents.items():
        with pytest.raises(BadFile, match=f"^{where}: its code is no ODS code") as caught:
            read_organisations(content)
        assert not code or code not in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"code": None, "name": "One"}, "its code is no ODS code"),
        ({"code": 123, "name": "One"}, "its code is no ODS code"),
        ({"code": "RXX", "name": ["Jane Smith"]}, "is no text"),
        ({"code": "RXX", "name": "One", "type": 7}, "is no text"),
        ({"code": "RXX", "name": "One", "region": {}}, "is no text"),
        ({"code": "RXX", "name": "One", "start": "2024-04-01", "end": "2024-03-31"}, "would end before it begins"),
        ({"code": "RXX", "name": "One", "start": "0001-01-01"}, "not a day of 1948 to 2100"),
        ({"code": "RXX", "name": "One", "end": "9999-12-31"}, "not a day of 1948 to 2100"),
    ],
)
def test_a_record_that_cannot_be_refuses_the_file_by_its_place(entry: dict[str, object], what: str) -> None:
    with pytest.raises(BadFile, match=f"^record 2: .*{what}") as caught:
        read_organisations(own({"code": "RYY", "name": "Two"}, entry))
    assert "Jane" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [etr(begins="20240401", ends="20240330"), etr(begins="00010101"), json.dumps(dated("2024-04-01", "2020-01-01"))],
)
def test_days_that_cannot_be_refuse_every_layout(content: bytes | str) -> None:
    with pytest.raises(BadFile, match=r"^(line|record) 1: "):
        read_organisations(content if isinstance(content, bytes) else content.encode())


def test_a_body_of_one_day_is_one() -> None:
    (found,) = read_organisations(etr(begins="20240401", ends="20240401")).organisations
    assert (found.start, found.end) == (date(2024, 4, 1), date(2024, 4, 2))


def test_two_records_of_one_code_that_disagree_refuse_the_file_and_those_that_agree_are_one() -> None:
    one, more = {"code": "RXX", "name": "One"}, {"code": "RXX", "name": "One", "region": "London"}
    with pytest.raises(BadFile, match=r"^record 3 and record 1 say different things of one code"):
        read_organisations(own(one, more, {"code": "rxx", "name": "Jane Smith"}))
    with pytest.raises(BadFile, match=r"^line 2 and line 1 say different things of one code"):
        read_organisations(etr() + b"\n" + etr(name="ANOTHER"))
    (found,) = read_organisations(own(one, more, one)).organisations
    assert (found.name, found.region) == ("One", "London")


def test_a_record_without_a_name_goes_by_none() -> None:
    (found,) = read_organisations(own({"code": "RXX", "name": None, "region": "North\n West\ud800"})).organisations
    assert (found.name, found.region) == ("", "North West")


def test_who_hands_over_a_part_and_is_still_there_is_succeeded_by_nobody() -> None:
    part = succession("Successor", "R02", "2024-04-01")
    for facts, kept in (
        ({}, 0),
        ({"Status": "Inactive"}, 1),
        ({"Date": [{"Type": "Legal", "Start": "1999-04-01", "End": "2027-03-31"}]}, 1),
    ):
        old, new = record("R01", Succs={"Succ": [part]}, **facts), record("R02")
        load = read_organisations(json.dumps([old, new]).encode())
        assert (len(load.successions), load.left_out) == (kept, 1 - kept)
