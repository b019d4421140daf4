"""What a publisher's page links to is found whatever else stands on it, and asked for as a browser would."""

from __future__ import annotations

import dataclasses
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from monitor.arrivals.firsts import Firsts
from monitor.arrivals.page import Reach, Visitor, things
from monitor.arrivals.thing import Seen, Thing
from monitor.arrivals.words import Words, word
from monitor.errors import Outage
from monitor.feeds.places import Page, faults
from tests.publisher import Publisher

PAGE = Page("publisher", "/list", links=r"\.csv$", published=r"Published (\S+)", pause=timedelta(0))
TODAY = date(2026, 6, 1)
DAY = "<p>Published 2025-12-18</p>"


class Reader:
    """Looks at one page again and again, and remembers as a feed's run does."""

    def __init__(self, folder: Path, base: str, page: Page = PAGE) -> None:
        self.folder, self.base, self.page, self.turns = folder, base, page, folder.parent

    def forget(self, *, really: bool) -> None:
        """Lose what is only a cache."""
        if really:
            (self.folder / "seen.json").unlink()

    def look(self) -> dict[str, tuple[bytes, str | None]]:
        """Give what has newly come, by its path: the bytes, and the day on which they were published."""
        seen, came = Seen(self.folder / "seen.json", b"key"), {}
        words = Words(self.folder / "words", b"key")
        firsts = Firsts(self.folder / "firsts")
        for thing in things(self.page, self.base, seen, firsts, self.turns):
            got = thing.fetch(seen.version(thing.name))
            if got is None:
                continue
            if got.delivery is not None:
                new = word(words.last(thing), thing, got.delivery.content, TODAY)
                came[thing.name.removeprefix(self.base)] = got.delivery.content, new.published
                words.keep(thing, new)
            seen.note(thing, got)
        seen.keep(whole=True)
        return came


def linking(*links: str, text: str = "") -> bytes:
    return (text + "".join(f'<a href="{link}">x</a>' for link in links)).encode()


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("/new rates.csv", "/new%20rates.csv"),
        ("/2025–26.csv", "/2025%E2%80%9326.csv"),
        ("/x%20y.csv", "/x%20y.csv"),
        ("/q?name=é&file=b.csv", "/q?name=%C3%A9&file=b.csv"),
    ],
)
def test_a_link_is_asked_for_as_a_browser_would(tmp_path: Path, link: str, path: str) -> None:
    site = Publisher({"/list": linking(link, "/good.csv"), path: b"1", "/good.csv": b"2"})
    with site.serving() as base:
        assert {name: content for name, (content, _) in Reader(tmp_path, base).look().items()} == {
            path: b"1",
            "/good.csv": b"2",
        }


@pytest.mark.parametrize(
    "link", ["http://[foo/a.csv", "http://publisher.example:x/a.csv", "http:///a.csv", "http://é..é/a.csv"]
)
def test_what_is_no_address_holds_up_no_other(tmp_path: Path, link: str) -> None:
    site = Publisher({"/list": linking(link, "/good.csv"), "/good.csv": b"2"})
    with site.serving() as base:
        assert list(Reader(tmp_path, base).look()) == ["/good.csv"]


@pytest.mark.parametrize("answer", [400, 401, 403, 451])
def test_a_file_that_is_withheld_holds_up_no_other(tmp_path: Path, answer: int) -> None:
    site = Publisher({"/list": linking("/bad.csv", "/good.csv"), "/good.csv": b"2"}, instead={"/bad.csv": answer})
    with site.serving() as base:
        assert list(Reader(tmp_path, base).look()) == ["/good.csv"]
    assert ("/bad.csv", answer) in site.asked


@pytest.mark.parametrize(("path", "answer"), [("/bad.csv", 429), ("/bad.csv", 500), ("/list", 403)])
def test_a_publisher_that_is_busy_or_withholds_the_page_itself_is_away(tmp_path: Path, path: str, answer: int) -> None:
    site = Publisher({"/list": linking("/bad.csv"), "/bad.csv": b"2"}, instead={path: answer})
    with site.serving() as base, pytest.raises(Outage, match=f"answers {answer}"):
        Reader(tmp_path, base).look()


@pytest.mark.parametrize("forgets", [False, True])
def test_a_file_whose_link_comes_to_a_page_of_an_old_day_was_published_since(tmp_path: Path, forgets: bool) -> None:
    """Whether what was seen last is remembered or lost: it is a cache."""
    site = Publisher({"/list": linking("/A/rates.csv", text=DAY), "/A/rates.csv": b"1", "/B/rates.csv": b"2"})
    with site.serving() as base:
        reader = Reader(tmp_path, base)
        assert reader.look() == {"/A/rates.csv": (b"1", "2025-12-18")}
        site.pages["/list"] = linking("/B/rates.csv", text=DAY)
        reader.forget(really=forgets)
        assert reader.look() == {"/B/rates.csv": (b"2", None)}
        site.pages["/list"] += b"<p>a note</p>"
        site.pages["/B/rates.csv"] = b"3"
        reader.forget(really=forgets)
        assert reader.look() == {"/B/rates.csv": (b"3", None)}, "that the link is no longer new changes nothing"


@pytest.mark.parametrize(
    "held", [5, [], {}, {"version": "x"}, {"version": "x", "links": 5}, {"version": "x", "links": [], "stated": "y"}]
)
def test_a_page_of_which_nothing_readable_is_remembered_is_read_anew(tmp_path: Path, held: object) -> None:
    site = Publisher({"/list": linking("/a.csv", text=DAY), "/a.csv": b"1"})
    with site.serving() as base:
        (tmp_path / "seen.json").write_text(json.dumps({"pages": {f"{base}/list": held}}))
        assert Reader(tmp_path, base).look() == {"/a.csv": (b"1", "2025-12-18")}


@pytest.mark.parametrize("untaken", ["x", 5, None, "2026-01-01", "2026-01-01T12:00:00+00:00"])
def test_since_when_a_thing_cannot_be_taken_is_remembered_or_begins_anew(tmp_path: Path, untaken: object) -> None:
    now, thing = datetime(2026, 6, 1, tzinfo=UTC), Thing("a.csv", lambda _: None)
    seen = Seen(tmp_path / "seen.json", b"key")
    seen.untaken(thing, now)
    seen.keep(whole=True)
    said = json.loads((tmp_path / "seen.json").read_text())
    (kept,) = said["things"].values()
    kept["untaken"] = untaken
    (tmp_path / "seen.json").write_text(json.dumps(said))
    begins = datetime(2026, 1, 1, 12, tzinfo=UTC) if str(untaken).endswith("+00:00") else now
    assert Seen(tmp_path / "seen.json", b"key").untaken(thing, now) == begins


def test_a_page_that_states_a_new_day_states_it_of_its_new_files(tmp_path: Path) -> None:
    site = Publisher({"/list": linking("/a.csv", text=DAY), "/a.csv": b"1", "/b.csv": b"2"})
    with site.serving() as base:
        reader = Reader(tmp_path, base)
        reader.look()
        site.pages["/list"] = linking("/a.csv", "/b.csv", text=DAY.replace("18", "19"))
        assert reader.look() == {"/b.csv": (b"2", "2025-12-19")}


def test_the_day_of_a_page_that_has_not_changed_is_looked_for_by_the_pattern_of_now(tmp_path: Path) -> None:
    site = Publisher({"/list": linking("/a.csv", text=DAY), "/a.csv": b"1"})
    with site.serving() as base:
        reader = Reader(tmp_path, base, dataclasses.replace(PAGE, published=r"Publication date: (\S+)"))
        assert reader.look() == {"/a.csv": (b"1", None)}
        reader.page, site.pages["/a.csv"] = PAGE, b"2"
        assert reader.look() == {"/a.csv": (b"2", "2025-12-18")}
        site.asked.clear()
        assert reader.look() == {}
        assert {code for _, code in site.asked} == {304}


def test_a_link_or_a_redirect_to_another_host_of_this_network_is_not_followed(tmp_path: Path) -> None:
    inside = Publisher({"/secret.csv": b"1", "/list": b""})
    with inside.serving() as elsewhere:
        links = (f"{elsewhere}/secret.csv", "/moved.csv", "/odd.csv", "/here.csv")
        site = Publisher(
            {"/list": linking(*links), "/good.csv": b"2"},
            leads_to={
                "/moved.csv": f"{elsewhere}/secret.csv",
                "/odd.csv": "http://[foo",
                "/here.csv": "/good.csv",
                "/left": f"{elsewhere}/list",
            },
        )
        with site.serving() as base:
            assert Reader(tmp_path, base).look() == {"/here.csv": (b"2", None)}
            with pytest.raises(Outage, match="answers 302"):
                Reader(tmp_path, base, Page("publisher", "/left", links="x")).look()
    assert inside.asked == []


@pytest.mark.parametrize(
    ("url", "holds"),
    [
        ("https://publisher.example/a", True),
        ("https://files.example:443/a", True),
        ("http://publisher.example/a", False),
        ("http://files.example/a", False),
        ("https://files.example:8443/a", False),
        ("https://files.example.evil.example/a", False),
        ("https://127.0.0.1/a", False),
        ("file:///etc/hosts", False),
    ],
)
def test_what_is_asked_for_is_the_publisher_s_and_comes_by_https(url: str, holds: bool) -> None:
    assert Reach("https://publisher.example", frozenset({"files.example"})).holds(url) == holds


@pytest.mark.parametrize("host", ["https://files.example", "files.example/x", "localhost", "10.0.0.1", "a.example:80"])
def test_a_page_s_hosts_are_names(host: str) -> None:
    assert faults(Page("publisher", "/list", links="x", hosts=(host,)))
    assert not faults(Page("publisher", "/list", links="x", hosts=("files.digital.nhs.uk",)))


def test_two_looks_at_once_ask_a_publisher_one_thing_at_a_time_and_rest_between(tmp_path: Path) -> None:
    site = Publisher({"/list": linking("/a.csv", "/b.csv"), "/a.csv": b"1", "/b.csv": b"2"}, slow_seconds=0.05)
    page = dataclasses.replace(PAGE, pause=timedelta(seconds=0.2))
    with site.serving() as base:
        began = time.monotonic()
        with ThreadPoolExecutor() as looks:
            readers = [Reader(tmp_path / name, base, page) for name in ("complaints", "sickness")]
            found = list(looks.map(Reader.look, readers))
        took = time.monotonic() - began
    assert [sorted(each) for each in found] == [["/a.csv", "/b.csv"]] * 2
    assert (len(site.asked), site.most_at_once) == (6, 1)
    assert took > 6 * 0.05 + 5 * 0.2


def test_an_answer_that_drips_ends_as_an_outage_and_leaves_time_for_other_places(tmp_path: Path) -> None:
    site = Publisher({"/list": b"x" * 100}, drip_seconds=0.05)
    with site.serving() as base:
        visitor = Visitor(timedelta(0), Reach(base, frozenset()), tmp_path, within=timedelta(seconds=0.2))
        with pytest.raises(Outage, match="TimeoutError"):
            visitor.ask(f"{base}/list", None)


def test_a_file_that_is_cut_short_is_none(tmp_path: Path) -> None:
    site = Publisher({"/list": linking("/a.csv")}, cut_short=True)
    with site.serving() as base, pytest.raises(Outage, match="IncompleteRead"):
        Reader(tmp_path, base).look()


def test_a_link_with_which_the_publisher_fails_holds_up_no_other_and_is_told_in_the_end(tmp_path: Path) -> None:
    site = Publisher({"/list": linking("/bad.csv", "/good.csv"), "/good.csv": b"2"}, instead={"/bad.csv": 500})
    with site.serving() as base, pytest.raises(Outage, match="answers 500"):
        Reader(tmp_path, base).look()
    assert site.asked == [("/list", 200), ("/bad.csv", 500), ("/good.csv", 200)]


def test_links_begin_where_a_page_was_found_in_the_end_or_where_it_says(tmp_path: Path) -> None:
    based = b'<base href="/files/"><base href="/x/">' + linking("june.csv", "?y=1.csv")
    pages = {"/list/2026/": linking("july.csv"), "/list/2026/july.csv": b"1", "/files/june.csv": b"2", "/based": based}
    site = Publisher({**pages, "/files/?y=1.csv": b"3"}, leads_to={"/list": "/list/2026/"})
    with site.serving() as base:
        assert Reader(tmp_path, base).look() == {"/list/2026/july.csv": (b"1", None)}
        again = Reader(tmp_path, base, dataclasses.replace(PAGE, path="/based"))
        assert list(again.look()) == ["/files/june.csv", "/files/?y=1.csv"]


@pytest.mark.parametrize(("link", "through", "read"), [("/a.xlsx", None, 1), ("/a.csv", "/series/", 0)])
def test_a_page_on_which_nothing_fits_is_warned_of(tmp_path: Path, link: str, through: str | None, read: int) -> None:
    site = Publisher({"/list": linking(link)})
    with site.serving() as base, structlog.testing.capture_logs() as lines:
        assert Reader(tmp_path, base, dataclasses.replace(PAGE, through=through)).look() == {}
    (told,) = lines
    assert (told["log_level"], told["page"], told["read"]) == ("warning", "/list", read)
    assert told["event"].startswith("no link fits the page's patterns")


def test_a_tag_that_comes_folded_is_given_back_on_one_line(tmp_path: Path) -> None:
    site = Publisher({"/list": linking("/a.csv"), "/a.csv": b"1"}, folds=True)
    with site.serving() as base:
        reader = Reader(tmp_path, base)
        assert [list(reader.look()) for _ in range(2)] == [["/a.csv"], []]
    assert [code for _, code in site.asked] == [200, 200, 304, 304]
