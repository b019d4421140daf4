"""A directory on the network is asked politely, page by page, and goes on where it was stopped."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.directory import LONGEST_WAIT, TRIES, TRUSTED_FOR, Directory
from monitor.errors import BadRequest, Outage
from tests.directory import Site, record, serving

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
CODES = [f"R{number:02d}" for number in range(7)]


def site(**more: object) -> Site:
    return Site({code: record(code) for code in CODES}, **more)  # type: ignore[arg-type]


def found(source: Site, kept: Path, rests: list[float] | None = None, **more: object) -> list[tuple[str, bool]]:
    directory = Directory(source.url, kept, rate=1e6, rest=(rests if rests is not None else []).append)
    return [(one.code, one.is_fetched) for one in directory.found(NOW, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize("names_next", [True, False])
def test_every_page_is_read_whether_the_directory_names_the_next_or_not(tmp_path: Path, names_next: bool) -> None:
    with serving(site(page=3, names_next=names_next)) as source:
        source.records["RF0"] = record("RF0", role="RO57")
        source.records["site"] = record("RTGKC", role="RO198")
        assert found(source, tmp_path) == [(code, True) for code in [*CODES, "RF0"]]
    assert all("culture-monitor" in agent for agent in source.agents)


def test_only_what_has_changed_is_asked_for_again_unless_it_is_asked_for_anew(tmp_path: Path) -> None:
    with serving(site()) as source:
        found(source, tmp_path)
        source.records["R03"] = record("R03", changed="2024-05-01", name="RENAMED")
        assert [code for code, is_fetched in found(source, tmp_path) if is_fetched] == ["R03"]
        assert not any(is_fetched for _, is_fetched in found(source, tmp_path))
        assert all(is_fetched for _, is_fetched in found(source, tmp_path, anew=True))
        later = Directory(source.url, tmp_path, rate=1e6).found(NOW + TRUSTED_FOR)
        assert all(one.is_fetched for one in later), "the list is not trusted for ever"


def test_a_directory_that_asks_for_rest_or_fails_once_is_asked_again_no_sooner_than_it_says(tmp_path: Path) -> None:
    rests: list[float] = []
    with serving(site(instead={1: (429, {"Retry-After": "7"}), 5: (500, {}), 6: (502, {})})) as source:
        assert len(found(source, tmp_path, rests)) == len(CODES)
    assert [rest for rest in rests if rest >= 1] == [7.0, 1.0, 2.0]


def test_one_that_stays_away_is_an_outage_and_the_next_run_goes_on_from_there(tmp_path: Path) -> None:
    rests: list[float] = []
    with serving(site(down_from=7)) as source:
        with pytest.raises(Outage, match="answers 503"):
            found(source, tmp_path, rests)
        first = source.records_asked()[:3]
        assert len(source.asked) == 6 + TRIES
        source.down_from = None
        assert [code for code, is_fetched in found(source, tmp_path) if is_fetched] == [*CODES[3:]]
    assert first == CODES[:3]


@pytest.mark.parametrize(
    "instead",
    [*((429, {"Retry-After": said}) for said in ("86400", "9" * 20, "9" * 5_000)), (403, {}), (400, {})],
)
def test_one_that_wants_to_be_left_alone_is(tmp_path: Path, instead: tuple[int, dict[str, str]]) -> None:
    rests: list[float] = []
    with serving(site(instead={1: instead})) as source, pytest.raises(Outage):
        found(source, tmp_path, rests)
    assert len(source.asked) == 1
    assert max(rests) < LONGEST_WAIT.total_seconds()


def test_no_more_than_so_many_requests_a_second(tmp_path: Path) -> None:
    rests: list[float] = []
    with serving(site()) as source:
        list(Directory(source.url, tmp_path, rate=2.0, rest=rests.append).found(NOW))
    # nobody has really rested, so each request waits for what the ones before have left it
    assert len(source.asked) == 3 + len(CODES)
    assert all(rest > 0.3 for rest in rests[1:])


@pytest.mark.parametrize("address", ["file:///etc/hosts", "directory.example", "ftp://directory.example/x", ""])
def test_what_is_no_address_of_a_directory_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(BadRequest, match="is no address of a directory"):
        Directory(address, tmp_path)


def test_a_next_page_of_somebody_else_is_not_followed(tmp_path: Path) -> None:
    with serving(site()) as other, serving(site(page=3)) as source:
        source.next_at = other.url.removesuffix("/ORD")
        assert len(found(source, tmp_path)) == len(CODES), "its own pages are read all the same"
        assert other.asked == []
