"""The main job on a simulated nation: files in, cases out, and how well it did.

The files go through the readers, the bus, the worker and the relay that real ones go through. The clock is moved by
hand, to each day on which something arrives; files are published ahead and shown on their day (`ahead.py`), and the
database does not wait for the disk (`hurry.py`). Only the scorecard reads the truth.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

from monitor import keeping
from monitor.alerts import relay
from monitor.bus.embedded import EmbeddedBus
from monitor.calendars import calendar
from monitor.casefile import CaseKind
from monitor.clock import HandClock
from monitor.errors import BadRequest
from monitor.evaluation.ahead import ahead
from monitor.evaluation.arrivals import LAGS, Arrival
from monitor.evaluation.byhand import ByHand, noon
from monitor.evaluation.hurry import hurried
from monitor.evaluation.scorecard import scorecard
from monitor.evaluation.simulate import simulate
from monitor.evaluation.told import Told
from monitor.feeds.folder import feeds
from monitor.feeds.readers.organisations import read_organisations
from monitor.model import Feed, Period
from monitor.overview import around, known, rows
from monitor.pages import gathered
from monitor.report import report
from monitor.settings import Receiver, read_settings
from monitor.store.cases import list_cases
from monitor.store.registry import load_organisations
from monitor.tally import MONTH
from monitor.wiring import Service, opened
from monitor.worker import Worker, settle, worker

ONE_DAY = timedelta(days=1)
RECEIVER = "demo"
BATCH = 5_000
"""Messages a turn: nobody waits for the lock of a demo."""
MESSAGES = "messages.txt"
WRITTEN = ("files", "home", "report", "truth.json", "cases.json", "scorecard.json")
Stage = Callable[[str, int | None], Callable[[int], None]]
"""Begins a stage of so many steps (None: unknown) and gives what to call as they are done."""


class Carrier(Protocol):
    """Brings the nation's files to their feeds' topics."""

    def bus(self, service: Service, arrivals: Sequence[Arrival]) -> EmbeddedBus:
        """Give the bus that the worker reads."""

    def load(self, service: Service, arrivals: Sequence[Arrival]) -> Iterator[tuple[str, int]]:
        """Bring all that came before the first live day; give each feed once all of it is there, and of how many."""

    def bring(self, service: Service, arrival: Arrival) -> None:
        """Bring one file on its day."""


Carried = Callable[[ByHand, Service, Sequence[Arrival]], AbstractContextManager[Carrier]]


@dataclass(frozen=True, slots=True)
class Demo:
    """What a demo left behind: the folder, the scorecard, its cases as they are listed, and what was told of them.

    `digest` is the last one that was sent, None: none was.
    """

    folder: Path
    scorecard: Mapping[str, Any]
    cases: Sequence[Mapping[str, Any]]
    messages: int
    digest: str | None


def demo(
    output: Path,
    *,
    seed: int,
    organisations: int = 220,
    years: int = 5,
    stage: Stage,
    carried: Carried = ahead,
) -> Demo:
    """Run the main job on the nation of this seed and write files, cases, scorecard and report.

    Parameters
    ----------
    output
        Replaced: `files/`, `home/`, `report/`, `truth.json`, `cases.json`, `scorecard.json`, and `messages.txt`,
        which holds every word that receivers were told.
    carried
        Gives who brings the files, in place of a process beside this one.
    """
    contracts = promised(read_settings().dags)
    for name in (*WRITTEN, MESSAGES):
        path = output / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    arrivals = simulate(output / "files", seed, organisations, years, stage("writing the nation's files", None))
    truth = _moved(output, "truth.json")
    plan = json.loads((output / "files" / "arrivals.json").read_text())
    live_from, live_until = date.fromisoformat(plan["live_from"]), date.fromisoformat(plan["live_until"])
    arrivals = tuple(one for one in arrivals if one.arrives < live_until)  # no day is lived on which others come
    told = Told(output / MESSAGES)
    with _service(output, live_from, told) as (service, clock):
        _register(service, output / "files" / "organisations.json")
        with carried(ByHand(output / "files", contracts), service, arrivals) as carrier:
            service = replace(service, bus=carrier.bus(service, arrivals))
            _live(service, clock, carrier, arrivals, live_from, live_until, stage)
        one = known(service)
        cases = rows(service, one, list_cases(service.engine))
        months = (live_until - live_from) / MONTH
        expected = service.settings.chance_cases_per_month * months
        score = scorecard(
            truth, cases, expected_chance_cases=expected, live_from=live_from, live_until=live_until
        )  # fmt: skip
        _write(output / "cases.json", cases)
        _write(output / "scorecard.json", score)
        _report(service, output / "report", score, stage)
    return Demo(output, score, cases, told.messages, told.digest)


def promised(dags: Path) -> dict[str, Feed]:
    """Read the contracts of the feeds that a nation's files are of; `BadRequest` where one is missing."""
    found = {feed.key: feed for feed in feeds(dags)}
    missing = sorted({feed for feed, _ in LAGS} - found.keys())
    if missing:
        raise BadRequest(
            f"there is no feed {', '.join(missing)} in {dags.absolute()}, and a demo needs them all: run it where the "
            "folder dags/ lies, or name that folder with MONITOR_DAGS"
        )
    return found


def _moved(output: Path, name: str) -> Any:
    document = json.loads((output / "files" / name).rename(output / name).read_text())
    _write(output / name, document)
    return document


def _write(path: Path, document: object) -> None:
    """Write a private file, as the report beside it is."""
    keeping.replace(path, f"{json.dumps(document, indent=1, ensure_ascii=False)}\n".encode())


@contextmanager
def _service(output: Path, live_from: date, told: Told) -> Iterator[tuple[Service, HandClock]]:
    """Open a service of the demo's own, with a clock that is moved by hand."""
    stated = read_settings(home=output / "home", database_url=None, batch_messages=BATCH)
    settings = stated.model_copy(update={"receivers": (Receiver(name=RECEIVER),)})
    clock = HandClock(noon(live_from))
    with opened(settings, clock) as service:
        hurried(service.engine)
        yield replace(service, notifiers={RECEIVER: told}), clock


def _register(service: Service, path: Path) -> None:
    found = read_organisations(path.read_bytes())
    load_organisations(
        service.engine, found.organisations, found.successions, by="monitor demo", at=service.clock.now()
    )


def _live(
    service: Service,
    clock: HandClock,
    carrier: Carrier,
    arrivals: Iterable[Arrival],
    live_from: date,
    live_until: date,
    stage: Stage,
) -> None:
    """Let every file arrive on its day; the first load ends before the first live day."""
    by_day: dict[date, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        by_day[max(arrival.arrives, live_from)].append(arrival)
    before = by_day.pop(live_from)
    first = stage("loading and scoring the years before", len(before))
    for key, files in carrier.load(service, before):
        settle(service, key)
        first(files)
    one = worker(service)
    for begin, end in _months(live_from, live_until):
        step = stage(f"{begin:%B %Y}, {_standing(service)}", (end - begin).days)
        _days(service, clock, one, carrier, by_day, begin, end, step)


def _months(live_from: date, live_until: date) -> Iterator[Period]:
    months = calendar("monthly")
    for number in range(months.number(live_from), months.number(live_until - ONE_DAY) + 1):
        yield max(months.start(number), live_from), min(months.start(number + 1), live_until)


def _standing(service: Service) -> str:
    cases = [case for case in list_cases(service.engine) if case.kind is CaseKind.CONCERN]
    still = sum(case.closed is None for case in cases)
    return f"{len(cases)} cases so far, {still} open"


def _days(
    service: Service,
    clock: HandClock,
    one: Worker,
    carrier: Carrier,
    by_day: Mapping[date, Sequence[Arrival]],
    begin: date,
    end: date,
    step: Callable[[int], None],
) -> None:
    """Go through the days: publish what arrives, work on it that day and the next, on everything once a week."""
    yesterday = {arrival.feed for arrival in by_day.get(begin - ONE_DAY, ())}
    day = begin
    while day < end:
        clock.move(noon(day))
        today = by_day.get(day, [])
        for arrival in today:
            carrier.bring(service, arrival)
        touched = {arrival.feed for arrival in today}
        weekly = set(service.bus.feeds()) if day.weekday() == 0 else set()
        for key in sorted(touched | yesterday | weekly):
            while one.turn(key, clock.now()):
                pass
        relay.digests(service.outbox, clock.now(), around=lambda: around(service))
        relay.turn(service.outbox, service.notifiers, clock.now())
        yesterday, day = touched, day + ONE_DAY
        step(1)


def _report(service: Service, folder: Path, score: Mapping[str, Any], stage: Stage) -> None:
    pages = gathered(service, title="A simulated nation", scorecard=score)
    step = stage("drawing the report", None)
    report(folder, pages, lambda done, total: step(1))
