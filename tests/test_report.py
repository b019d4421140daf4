import re
import subprocess
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.alerts.digest import WatchItem
from monitor.alerts.message import compose
from monitor.casefile import Act, ActKind, CaseKind, Outcome
from monitor.catalogue import COMPLAINTS
from monitor.drawn import MANY
from monitor.model import Family, Feed, Source
from monitor.renewal import AWAITS_ANSWER
from monitor.report import CasePage, FeedPage, Run, Step, case_file, report
from monitor.tally import Share, Tally
from tests.exhibits import AT, RIVERSIDE, change_of, disclosed_of, exhibit_of, suppressed_voice

ACCOUNTING = {
    "rows": 120, "observations": 100, "merged": 5, "out_of_scope": {"not a trust": 9}, "suppressed": 2,
    "dead_lettered": {"bad date": 4}, "accepted": 100, "applied": 90, "unchanged": 10, "pending": 0, "difference": 0,
}  # fmt: skip
FEED = Feed(
    "complaints", "Written complaints", Family.PATIENTS, COMPLAINTS,
    {
        "local": Source({"new_complaints": "monthly"}, timedelta(30)),
        "official": Source({"new_complaints": "months:4"}, timedelta(210)),
    },
    (), "patient experience", "OGL 3.0",
)  # fmt: skip
ACKNOWLEDGED = Act("C-7", ActKind.ACKNOWLEDGE, "ICB quality team", AT + timedelta(hours=2), "calls on Monday")

TALLY = Tally(1, 12, 12.0, 14, 10, {"faded": 10, "open": 4}, 0.002, 220, [Share("desk", 4, 1)], 3080)


def case_page(number: int = 1, *, acts: tuple[Act, ...] = (), **changes: object) -> CasePage:
    change = change_of(**({"id": f"RXX-{number}"} | changes))
    disclosed = suppressed_voice()
    message = compose(change, disclosed, RIVERSIDE)
    return CasePage(change.case, RIVERSIDE, message, disclosed, [Step(AT, "opened", change.reason)], acts)


def data_page() -> CasePage:
    change = change_of(
        id="RXX-d", kind=CaseKind.DATA, families={}, patterns=(), against=(), because="silent", signals=()
    )
    return CasePage(change.case, RIVERSIDE, compose(change, None, RIVERSIDE))


def run_of(*cases: CasePage) -> Run:
    return Run(
        "Culture monitor", AT, 220, cases, [FeedPage(FEED, ACCOUNTING, date(2026, 11, 12), None, [RIVERSIDE], 1)],
        [WatchItem("RYY", "Hillside", "close to a case")], {Family.STAFF_VOICE: 12}, TALLY,
        {"planted": 24, "misses": [{"organisation": "RZZ"}], "lead_days": None},
    )  # fmt: skip


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give the text of each page of a report with everything in it."""
    folder = tmp_path_factory.mktemp("run") / "report"
    report(folder, run_of(case_page(acts=(ACKNOWLEDGED,)), data_page()))
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


class Outline(HTMLParser):
    """Collects what the rules of accessible pages speak of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.attributes.append((tag, found))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if found.get("id"):
            self.ids.append(str(found["id"]))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.attributes if name == tag]


def test_there_is_a_page_for_the_run_each_case_and_each_feed(pages: dict[str, str]) -> None:
    assert sorted(pages) == ["case-RXX-1.html", "case-RXX-d.html", "feed-complaints.html", "index.html"]


def test_every_link_leads_somewhere(pages: dict[str, str]) -> None:
    links = {str(link["href"]) for page in pages.values() for link in Outline(page).all("a")}
    assert links <= set(pages)
    assert set(pages) <= links


def test_pages_need_nothing_from_elsewhere(pages: dict[str, str]) -> None:
    for page in pages.values():
        outline = Outline(page)
        assert not outline.all("script")
        assert not outline.all("link")
        assert not outline.all("img")
        assert not re.search(r"@import|url\((?!#)", page)


def test_pages_can_be_read_with_ears_and_keys(pages: dict[str, str]) -> None:
    for page in pages.values():
        outline = Outline(page)
        assert outline.all("html")[0]["lang"] == "en-GB"
        assert outline.headings[0] == 1
        assert outline.headings.count(1) == 1
        assert all(later <= earlier + 1 for earlier, later in pairwise(outline.headings))
        assert all("scope" in heading for heading in outline.all("th"))
        assert all(svg.get("role") == "img" and svg.get("aria-label") for svg in outline.all("svg"))
        assert [name for name, times in Counter(outline.ids).items() if times > 1] == []


def test_each_chart_has_its_sentence_and_its_table(pages: dict[str, str]) -> None:
    page = pages["case-RXX-1.html"]
    assert page.count("<svg") == page.count("<figcaption>") == page.count("<details>") == 3
    assert "36.3 reports per 1,000 bed days on average" in page


def test_a_case_shows_who_has_taken_it_up(pages: dict[str, str]) -> None:
    assert "Open, acknowledged by ICB quality team" in pages["case-RXX-1.html"]
    assert "calls on Monday" in pages["case-RXX-1.html"]


def test_the_first_page_never_claims_assurance_and_shows_what_chance_does(pages: dict[str, str]) -> None:
    chance = [
        "expected by chance",
        "12.0",
        "at most once in 500",
        "0.83",
        "how 3,080 organisation-months",
        "desk has had 1 of 4 messages",
    ]
    for words in ["No alert is not assurance.", *chance, "close to a case", "RZZ"]:
        assert words in pages["index.html"]


def test_a_fault_of_data_stands_apart(pages: dict[str, str]) -> None:
    cases, faults = pages["index.html"].split('id="faults"')
    assert "case-RXX-d.html" not in cases
    assert "case-RXX-d.html" in faults


def test_a_feed_tells_each_row_and_each_remedy(pages: dict[str, str]) -> None:
    page = pages["feed-complaints.html"]
    for words in [
        "Put aside: bad date",
        "Correct the date in the file",
        "Out of scope: not a trust",
        "from the first of April",
    ]:
        assert words in page


def test_cases_are_never_ordered_by_how_sure(tmp_path: Path) -> None:
    surer = case_page(1, p=1e-9)
    later = case_page(2, p=1e-3, opened=AT + timedelta(days=1))
    closed = case_page(3, outcome=Outcome.NO_CONCERN, opened=AT + timedelta(days=2))
    page = report(tmp_path / "report", run_of(closed, surer, later)).read_text(encoding="utf-8")
    assert re.findall(r'href="(case-[^"]+)"', page) == [case_file(f"RXX-{number}") for number in (2, 1, 3)]


def test_a_page_says_that_its_case_waits_for_an_answer_until_there_is_one() -> None:
    early, late = (replace(ACKNOWLEDGED, at=AT + timedelta(days=days)) for days in (0, 200))
    watched = replace(late, kind=ActKind.WATCH)
    asked = AT + timedelta(days=190)
    assert case_page(asked=asked).state == f"open, nobody has taken it up; {AWAITS_ANSWER}"
    assert case_page(asked=asked, acts=(early,)).state == f"open, acknowledged by ICB quality team; {AWAITS_ANSWER}"
    assert case_page(asked=asked, acts=(early, late)).state.endswith(AWAITS_ANSWER)
    assert AWAITS_ANSWER not in case_page(asked=asked, acts=(early, watched)).state


def test_names_and_notes_are_text_and_never_markup(tmp_path: Path) -> None:
    nasty = "<script>alert(1)</script>"
    organisation = replace(RIVERSIDE, name=nasty)
    disclosed = suppressed_voice()
    page = CasePage(
        change_of().case, organisation, compose(change_of(), disclosed, organisation), disclosed, (),
        [replace(ACKNOWLEDGED, text=nasty, by=nasty)],
    )  # fmt: skip
    report(tmp_path / "report", run_of(page))
    assert not [path for path in (tmp_path / "report").iterdir() if "<script" in path.read_text(encoding="utf-8")]


def test_hidden_figures_are_nowhere_on_a_page(tmp_path: Path) -> None:
    """A bare count of people: 3 and 7 are hidden, 23 is shown as 25."""
    disclosed = disclosed_of(exhibit_of("new_complaints", [(23, 1000.0)] * 8 + [(3, 1000.0), (7, 1000.0)], usual=20.0))
    page = CasePage(change_of().case, RIVERSIDE, compose(change_of(), disclosed, RIVERSIDE), disclosed)
    report(tmp_path / "report", run_of(page))
    table = (
        (tmp_path / "report" / "case-C-7.html").read_text(encoding="utf-8").split("<details>")[1].split("</table>")[0]
    )
    assert re.findall(r'"number">([\d.*]+)</td><td class="number">', table) == ["*", "*", *["25.0"] * 8]


def test_pages_are_private_and_stale_ones_go(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    report(folder, run_of(case_page(1)))
    report(folder, run_of(case_page(2)))
    assert sorted(path.name for path in folder.glob("case-*")) == ["case-RXX-2.html"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_an_empty_run_is_a_page_too(tmp_path: Path) -> None:
    page = report(tmp_path / "report", Run("Culture monitor", AT, 0)).read_text(encoding="utf-8")
    assert "No case has been opened." in page


def test_a_browser_draws_a_case(chromium: str, tmp_path: Path) -> None:
    folder, picture = tmp_path / "report", tmp_path / "page.png"
    report(folder, run_of(case_page(1)))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    quiet = ["--disable-background-networking", "--disable-component-update", "--window-size=1200,2000"]
    url = (folder / "case-RXX-1.html").as_uri()
    subprocess.run(
        [chromium, *flags, *quiet, f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={picture}", url],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    assert picture.stat().st_size > 50_000  # an empty page of this size has 10 kB


def test_a_page_shows_its_evidence_in_the_order_in_which_it_is_told(pages: dict[str, str]) -> None:
    """Sickness agrees with no other family: it stands last, and under a heading of its own."""
    page = pages["case-RXX-1.html"]
    shown = re.findall(r'<h3 id="e\d">([^<]+) <', page)
    told = re.findall(r'<tr><th scope="row">([^<]+)</th>\n<td data-label="Since">', page)

    assert len(told) == len(shown) == 3
    assert all(name[1:] in said for name, said in zip(shown, told, strict=True))
    assert shown[-1].startswith("Sickness absence")
    also = page.index("Also, beside what the case rests on")
    assert page.index(told[1]) < also < page.index(told[2])


def test_on_a_narrow_page_each_figure_of_a_signal_has_its_heading(pages: dict[str, str]) -> None:
    page = pages["case-RXX-1.html"]
    row = page.split('<table class="stacked">')[1].split("</table>")[0].split("<tr>")[2]

    headings = re.findall(
        r'<th scope="col">([^<]+)</th>', page.split('<table class="stacked">')[1].split("</thead>")[0]
    )
    assert re.findall(r'data-label="([^"]+)"', row) == headings[1:]
    assert "@media (max-width: 700px)" in page


def test_charts_that_other_processes_draw_are_those_that_this_one_draws(tmp_path: Path) -> None:
    one = case_page()
    many = [case_page(number) for number in range(1, 1 + MANY // len(one.exhibits) + 1)]
    report(tmp_path / "few", run_of(one))
    report(tmp_path / "many", run_of(*many))
    few, page = ((tmp_path / name / case_file("RXX-1")).read_text() for name in ("few", "many"))
    assert "<svg" in few
    assert page == few
