"""HTML pages of a run, its cases and its feeds: self-contained, readable without scripts, printable.

The pages take only messages, disclosed evidence and counts of rows. They are rewritten whole: a page of an
earlier run that this one does not have is removed, so that no link leads to a stale one.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from monitor.alerts.correction import named
from monitor.alerts.digest import ASSURANCE, POWER, SECTIONS, WatchItem
from monitor.alerts.message import FOOTER
from monitor.alerts.plain import age, also, corrections, facts, instant, leads, seen, unassessed
from monitor.alerts.route import is_concern
from monitor.calendars import calendar
from monitor.casefile import Act, ActKind, Case, CaseKind
from monitor.cases import furthest
from monitor.chart import chart
from monitor.disclosure import Disclosed, DisclosedExhibit
from monitor.drawn import Draw, drawing, figure, inline
from monitor.errors import REMEDIES, Reason
from monitor.model import Family, Feed, Organisation, Period
from monitor.plots import heard
from monitor.renewal import AWAITS_ANSWER, awaits_answer
from monitor.tally import Tally
from monitor.twin import sentence_case, twin

FOLDER_MODE, FILE_MODE = 0o700, 0o600
_DONE = {
    ActKind.NOTE: "noted",
    ActKind.WATCH: "watched",
    ActKind.SNOOZE: "set aside for now",
    ActKind.ACKNOWLEDGE: "acknowledged",
    ActKind.ASK: "organisation asked",
    ActKind.ACCEPT: "accepted as the new normal",
    ActKind.ESCALATE: "escalated",
    ActKind.CLOSE: "closed",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a case's history: what changed, and why."""

    at: datetime
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class CasePage:
    """All that the page of one case shows; `message` is of its latest change, `disclosed` its frozen evidence.

    `places`: of each signal its series and newest period, and the run, file and row that its figure came from.
    """

    case: Case
    organisation: Organisation
    message: Mapping[str, Any]
    disclosed: Disclosed | None = None
    history: Sequence[Step] = ()
    acts: Sequence[Act] = ()
    places: Sequence[tuple[str, str]] = ()

    @property
    def state(self) -> str:
        """Say in words how the case stands: its outcome, or the furthest act and whose it was, and if it waits."""
        if self.case.outcome:
            return f"closed: {self.case.outcome}"
        waiting = f"; {AWAITS_ANSWER}" if awaits_answer(self.case, self.acts) else ""
        kind = furthest(self.acts)
        if kind is None:
            return f"open, nobody has taken it up{waiting}"
        return f"open, {_DONE[kind]} by {next(act.by for act in reversed(self.acts) if act.kind is kind)}{waiting}"

    @property
    def who(self) -> str:
        """Name the organisation with its code."""
        return f"{self.organisation.name} ({self.organisation.code})"

    @property
    def exhibits(self) -> list[DisclosedExhibit]:
        """Give the evidence in the order in which the message tells it."""
        told = [(signal["indicator"], signal["source"]) for signal in self.message["signals"]]
        found = self.disclosed.exhibits if self.disclosed else ()
        return sorted(found, key=lambda exhibit: told.index((exhibit.indicator.key, exhibit.source)))

    @property
    def story(self) -> list[Step]:
        """Give the case's changes and people's acts in one sequence, oldest first."""
        acts = [Step(act.at, f"{_DONE[act.kind]} by {act.by}", act.text or act.outcome or "") for act in self.acts]
        return sorted([*self.history, *acts], key=lambda step: step.at)


@dataclass(frozen=True, slots=True)
class Heard:
    """One indicator of one source: of each period that is due how many were awaited, and had sent it; oldest first."""

    source: str
    indicator: str
    periods: Sequence[tuple[Period, int, int]]

    @property
    def picture(self) -> Markup:
        """Draw it, named for screen readers; its table is the text twin."""
        shares = [sent / awaited if awaited else 0.0 for _, awaited, sent in self.periods]
        title = f"{sentence_case(self.indicator)} ({self.source}): who of those awaited has sent it"
        svg = heard(title, [period for period, _, _ in self.periods], shares)
        return inline(svg, "h" + re.sub(r"\W", "", f"{self.source}{self.indicator}"), self.sentence)

    @property
    def sentence(self) -> str:
        """Say in words what the picture shows."""
        whole = sum(sent == awaited for _, awaited, sent in self.periods)
        period, awaited, sent = self.periods[-1]
        start = sentence_case(f"{self.indicator} ({self.source})")
        return (
            f"{start}: {sent} of {awaited} awaited organisations have sent {named(period)}; "
            f"{whole} of the last {len(self.periods)} periods are whole."
        )


@dataclass(frozen=True, slots=True)
class FeedPage:
    """All that the page of one feed shows.

    `accounting` as `monitor accounting --json` gives it; `last_periods`: per source and indicator the last
    settled period; `awaited`: organisations whose figures are outstanding; `late`: how many periods are due;
    `fields`: the columns of each layout that it reads; `health`: what was looked at, whether it is well, in words.
    """

    feed: Feed
    accounting: Mapping[str, Any]
    newest: date | None = None
    last_periods: Mapping[tuple[str, str], Period] | None = None
    awaited: Sequence[Organisation] = ()
    late: int = 0
    history: Sequence[Heard] = ()
    fields: Sequence[tuple[str, Sequence[str]]] = ()
    health: Sequence[tuple[str, bool, str]] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """All that the first page shows."""

    title: str
    at: datetime
    organisations: int
    cases: Sequence[CasePage] = ()
    feeds: Sequence[FeedPage] = ()
    watch: Sequence[WatchItem] = ()
    unheard: Mapping[Family, int] | None = None
    budget: Tally | None = None
    scorecard: Mapping[str, Any] | None = None
    unassessed: Mapping[str, int] | None = None
    to_renew: Sequence[WatchItem] = ()

    @property
    def watched(self) -> dict[str, list[WatchItem]]:
        """Give the watch items under their headings."""
        named = {title: [item for item in self.watch if item.kind is kind] for kind, title in SECTIONS.items()}
        return {title: items for title, items in named.items() if items}


def report(folder: Path, run: Run, progress: Callable[[int, int], None] = lambda done, total: None) -> Path:
    """Write all pages into a folder of their own and give the first one; `progress` hears of each page."""
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    pages = _pages(run)
    asked = [(exhibit, page.who) for page in run.cases if page.disclosed for exhibit in page.exhibits]
    with drawing(asked) as draw:
        environment = _environment(draw)
        for done, (name, template, values) in enumerate(pages, start=1):
            _write(folder / name, environment.get_template(template).render(values))
            progress(done, len(pages))
    kept = {name for name, _, _ in pages}
    for stale in set(folder.glob("case-*.html")) | set(folder.glob("feed-*.html")):
        if stale.name not in kept:
            stale.unlink()
    return folder / "index.html"


def feed_page(folder: Path, page: FeedPage, at: datetime) -> Path:
    """Write the page of one feed by itself."""
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    values = {"run": Run(page.feed.name, at, 0), "page": page, "alone": True}
    path = folder / feed_file(page.feed.key)
    _write(path, _environment(chart).get_template("feed.html").render(values))
    return path


def case_file(case: str) -> str:
    """Name the page of a case."""
    return f"case-{re.sub(r'[^A-Za-z0-9_-]', '-', case)}.html"


def feed_file(feed: str) -> str:
    """Name the page of a feed."""
    return f"feed-{re.sub(r'[^A-Za-z0-9_-]', '-', feed)}.html"


def _pages(run: Run) -> list[tuple[str, str, dict[str, Any]]]:
    concerns = sorted((page for page in run.cases if is_concern(page.case)), key=_order)
    nation, faults = (
        [page for page in run.cases if page.case.kind is kind] for kind in (CaseKind.NATION, CaseKind.DATA)
    )
    first = {"concerns": concerns, "nation": nation, "faults": faults, "scores": _flat(run.scorecard or {})}
    return [
        ("index.html", "index.html", {"run": run, **first}),
        *((case_file(page.case.id), "case.html", {"run": run, "page": page}) for page in run.cases),
        *((feed_file(page.feed.key), "feed.html", {"run": run, "page": page, "alone": False}) for page in run.feeds),
    ]


def _order(page: CasePage) -> tuple[bool, float]:
    """Open cases first, the newest first: never by how sure, which would be a ranking."""
    return page.case.outcome is not None, -page.case.opened.timestamp()


def _write(path: Path, page: str) -> None:
    path.touch(mode=FILE_MODE)
    path.write_text(page, encoding="utf-8")


def _environment(draw: Draw) -> Environment:
    environment = Environment(
        loader=PackageLoader("monitor"), autoescape=select_autoescape(), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {
        "when": lambda at: instant(at.isoformat()),
        "day": lambda day: f"{day.day} {day:%B %Y}",
        "named": named, "case_file": case_file, "feed_file": feed_file, "figure": partial(figure, draw),
        "twin": twin, "facts": facts, "seen": seen, "age": age, "leads": leads, "also": also, "unassessed": unassessed,
        "corrections": corrections, "remedy": _remedy,
        "sentence": sentence_case, "calendar": _calendar,
    }  # fmt: skip
    environment.globals |= {"assurance": ASSURANCE, "power": POWER, "footer": FOOTER}
    return environment


def _calendar(name: str) -> str:
    """Say in words which periods a calendar has."""
    months = calendar(name).months
    if months is None or not name.startswith("months:"):
        return name
    return f"from the first of {', '.join(month_name[month] for month in months)}"


def _remedy(reason: str) -> str:
    return REMEDIES[Reason(reason)] if reason in set(Reason) else ""


def _flat(scorecard: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Give a scorecard's figures by name; lists as one line an entry."""
    rows: list[tuple[str, str]] = []
    for key, value in scorecard.items():
        name = f"{prefix}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            rows += _flat(value, f"{name}: ")
        elif isinstance(value, list | tuple):
            rows += [(name, _line(item)) for item in value] or [(name, "none")]
        else:
            rows.append((name, _line(value)))
    return rows


def _line(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key.replace('_', ' ')} {_line(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_line(item) for item in value)
    if isinstance(value, float):
        return f"{value:.3g}"
    return "not known" if value is None else str(value)
