"""Write a nation as the files that its organisations and publishers would send, with the day each arrives.

What arrives before the live window lies in one first-load file per feed, source and layout (yearly
publications stay one a year); afterwards there is one file per period, and late ones of their own.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from monitor.evaluation import layouts
from monitor.evaluation.arrivals import Arrival, Slot, arrives, slot, tardy
from monitor.evaluation.circumstances import Kind
from monitor.evaluation.documents import (
    arrivals_document,
    organisations_document,
    successions_document,
    truth_document,
    write_json,
)
from monitor.evaluation.eventfiles import covers, event_rows, late_exports
from monitor.evaluation.figures import Series
from monitor.evaluation.nation import Nation
from monitor.evaluation.official import Row, official_rows
from monitor.model import Period

LOCAL = {
    ("incident_reports", "weekly"): ("low_harm_reports",),
    ("incident_reports", "monthly"): ("staffing_risk_share", "anonymous_share", "report_delay"),
    ("incident_reports", "harm"): ("harm_share",),
    ("staff_sickness", "monthly"): ("stress_sickness_rate",),
    ("complaints", "monthly"): ("new_complaints", "conduct_complaints_share"),
    ("patient_feedback", "monthly"): ("negative_feedback_share", "staff_manner_negative_share"),
}
"""What comes in the plain extract layout, by file."""
HEADERS = {
    "sickness": layouts.SICKNESS,
    "ko41a": layouts.line(layouts.KO41A_COLUMNS),
    "survey": layouts.line(layouts.SURVEY_COLUMNS),
    "pulse": layouts.PULSE,
    "events": layouts.INCIDENTS,
}
"""First lines by layout; all other files are plain extracts."""
NEVER_SENT = 0.0005
"""Share of monthly figures that never come."""
CORRECTED = 0.03
"""Share of organisations that correct last month's new complaints in this month's file."""
COPIED_AFTER = timedelta(days=9)
Progress = Callable[[int], None]
DELAYED = frozenset({("complaints", "monthly"), ("patient_feedback", "monthly")})
DELAYED_BY = timedelta(days=6)
"""What those send later whose delays change, and by how much: after the others have been scored, mostly."""
Late = dict[tuple[str, Period], timedelta]


@dataclass(slots=True)
class File:
    """A file's rows as they gather, and the last day that they are about."""

    lines: list[str] = field(default_factory=list)
    through: date = date.min


def write(nation: Nation, folder: Path, progress: Progress | None = None) -> tuple[Arrival, ...]:
    """Write all files, the registry, the truth and the arrival plan; give the arrivals in order.

    Parameters
    ----------
    folder
        Taken as it is; feed folders of an earlier nation in it are replaced.
    progress
        Called with 1 for every file written.
    """
    late = late_exports(nation)
    files = gathered(_all_rows(nation, late), nation.live_until)
    sidecars = {into: lines for into, lines in covers(nation, late).items() if into.arrives <= nation.live_until}
    for into in sidecars:
        files.setdefault(into, File(through=into.arrives))  # an export without incidents is still an export
    for feed in {into.feed for into in files}:
        shutil.rmtree(folder / feed, ignore_errors=True)
    for into, file in files.items():
        _write_lines(folder / into.path, _header(into), file.lines)
        if into in sidecars:
            _write_lines((folder / into.path).with_suffix(".coverage.csv"), layouts.COVERAGE, sidecars[into])
        if progress:
            progress(1)
    plan = sorted((*map(_arrival, files.items()), *_copied(files, folder)), key=lambda file: (file.arrives, file.path))
    write_json(folder / "organisations.json", organisations_document(nation.trusts))
    write_json(folder / "successions.json", successions_document(nation.trusts))
    write_json(folder / "truth.json", truth_document(nation))
    write_json(folder / "arrivals.json", arrivals_document(nation, plan))
    return tuple(plan)


def gathered(rows: Iterable[Row], until: date) -> dict[Slot, File]:
    """Sort rows into their files; what arrives after the end is not there yet."""
    files: dict[Slot, File] = {}
    for into, period, text in rows:
        if into.arrives > until:
            continue
        file = files.get(into)
        if file is None:
            file = files[into] = File()
        file.lines.append(text)
        file.through = max(file.through, period[1] - timedelta(days=1))
    return files


def _all_rows(nation: Nation, late: Late) -> Iterator[Row]:
    yield from official_rows(nation)
    yield from event_rows(nation, late)
    rng = np.random.default_rng([nation.seed, 1])
    steady = [
        code
        for code in nation.trusts.units
        if code not in {nation.silent, *nation.trusts.merged(), *nation.incidents.organisations}
    ]
    for feed, layout in LOCAL:
        yield from _extract(nation, feed, layout, rng, steady, late if layout == "weekly" else {})
    yield from _corrections(nation, rng)


def _extract(
    nation: Nation, feed: str, layout: str, rng: np.random.Generator, steady: Sequence[str], known_late: Late
) -> Iterator[Row]:
    """Give the rows of one feed's plain extracts; who sends single incidents adds only the bed days to them."""
    indicators = LOCAL[feed, layout]
    periods = nation.series[indicators[0]].periods
    live = [period for period in periods if arrives(feed, layout, period) >= nation.live_from]
    slow = _delayed(nation, live) if (feed, layout) in DELAYED else {}
    late = {**tardy(rng, layout, live, steady), **known_late, **slow}
    senders = frozenset(nation.incidents.organisations) if layout == "weekly" else frozenset()
    begin = nation.incidents.begin
    for indicator in indicators:
        for period, code, numerator, denominator in _sent(nation.series[indicator], rng):
            delay = late.get((code, period))
            day = arrives(feed, layout, period) + (delay or timedelta(0))
            if code != nation.silent or day < nation.silent_from:
                name = "delayed" if (code, period) in slow else code
                into = slot(feed, "local", layout, day, live_from=nation.live_from, late=name if delay else "")
                said = None if code in senders and period[0] >= begin else numerator
                yield into, period, layouts.extract_row(code, indicator, period, day, said, denominator)


def _delayed(nation: Nation, live: Sequence[Period]) -> Late:
    """Give the periods that come later since an organisation's delays have changed."""
    return {
        (one.organisation, period): DELAYED_BY
        for one in nation.those(Kind.DELAYS)
        for period in live
        if period[0] >= one.since
    }


def _sent(series: Series, rng: np.random.Generator) -> Iterator[tuple[Period, str, float, float]]:
    """Give a series' figures in order of time, but for the few that never come."""
    never = rng.random(series.numerator.shape) < (0 if series.calendar == "weekly" else NEVER_SENT)
    sent = np.isfinite(series.numerator) & ~never
    for column, period in enumerate(series.periods):
        numerators, denominators = series.numerator[:, column].tolist(), series.denominator[:, column].tolist()
        for row in np.flatnonzero(sent[:, column]).tolist():
            yield period, series.organisations[row], numerators[row], denominators[row]


def _corrections(nation: Nation, rng: np.random.Generator) -> Iterator[Row]:
    """Correct some new complaints of a month in the next month's file, with a higher revision."""
    series = nation.series["new_complaints"]
    for column, period in enumerate(series.periods[:-1]):
        day = arrives("complaints", "monthly", series.periods[column + 1])
        if day < nation.live_from:
            continue
        into = slot("complaints", "local", "monthly", day, live_from=nation.live_from)
        for row in np.flatnonzero(rng.random(len(series.organisations)) < CORRECTED).tolist():
            code, new = series.organisations[row], series.numerator[row, column]
            if np.isfinite(new) and code != nation.silent:
                more = new + int(rng.integers(1, 3))
                staff = series.denominator[row, column]
                yield into, period, layouts.extract_row(code, "new_complaints", period, day, more, staff, revision=1)


def _header(into: Slot) -> str:
    return next((header for layout, header in HEADERS.items() if f"_{layout}" in into.name), layouts.EXTRACT)


def _write_lines(path: Path, header: str, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")


def _arrival(entry: tuple[Slot, File]) -> Arrival:
    into, file = entry
    rows = len(file.lines)
    return Arrival(into.path, into.feed, into.source, into.arrives, into.published, file.through, into.kind, rows)


def _copied(files: dict[Slot, File], folder: Path) -> Iterator[Arrival]:
    """Send one file of patient feedback a second time under another name, as happens."""
    live = sorted(
        (into for into in files if into.feed == "patient_feedback" and into.kind == "period"),
        key=lambda into: into.arrives,
    )
    if len(live) < 2:
        return
    first, day = live[0], live[0].arrives + COPIED_AFTER
    copy = replace(first, name=f"{day}_monthly_copy", arrives=day, kind="copy")
    shutil.copyfile(folder / first.path, folder / copy.path)
    yield _arrival((copy, files[first]))
