"""The main job on a simulated nation: files in, cases out, and how well it did.

The files go through the readers, the bus, the worker and the relay that real ones go through; only the
clock is moved by hand, to each day on which something arrives. Only the scorecard reads the truth.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from monitor.alerts import relay
from monitor.calendars import calendar
from monitor.cases import CONCERN
from monitor.clock import HandClock
from monitor.evaluation.arrivals import Arrival
from monitor.evaluation.scorecard import scorecard
from monitor.evaluation.simulate import simulate
from monitor.evaluation.told import Told
from monitor.feeds.folder import feeds
from monitor.feeds.publish import publish
from monitor.feeds.readers.organisations import read_organisations
from monitor.landing import deliver
from monitor.model import Feed, Period
from monitor.overview import around, known, row
from monitor.pages import gathered
from monitor.report import report
from monitor.settings import Receiver, read_settings
from monitor.store.cases import list_cases
from monitor.store.registry import load_organisations
from monitor.tally import MONTH
from monitor.wiring import Service, opened
from monitor.worker import Worker, settle, worker

ONE_DAY = timedelta(days=1)
NOON = time(12, tzinfo=UTC)
RECEIVER = "demo"
BATCH = 5_000
"""Messages a turn: nobody waits for the lock of a demo."""
MESSAGES = "messages.txt"
Stage = Callable[[str, int | None], Callable[[int], None]]
"""Begins a stage of so many steps (None: unknown) and gives what to call as they are done."""


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


def demo(output: Path, *, seed: int, organisations: int = 220, years: int = 5, stage: Stage) -> Demo:
    """Run the main job on the nation of this seed and write files, cases, scorecard and report.

    Parameters
    ----------
    output
        Replaced: `files/`, `home/`, `report/`, `truth.json`, `cases.json`, `scorecard.json`, and `messages.txt`,
        which holds every word that receivers were told.
    """
    shutil.rmtree(output, ignore_errors=True)
    arrivals = simulate(output / "files", seed, organisations, years, stage("writing the nation's files", None))
    truth = _moved(output, "truth.json")
    plan = json.loads((output / "files" / "arrivals.json").read_text())
    live_from, live_until = date.fromisoformat(plan["live_from"]), date.fromisoformat(plan["live_until"])
    told = Told(output / MESSAGES)
    with _service(output, live_from, told) as (service, clock):
        _register(service, output / "files" / "organisations.json")
        _live(service, clock, output / "files", arrivals, live_from, live_until, stage)
        one = known(service)
        cases = [row(service, one, case) for case in list_cases(service.engine)]
        months = (live_until - live_from) / MONTH
        expected = service.settings.chance_cases_per_month * months
        score = scorecard(
            truth, cases, expected_chance_cases=expected, live_from=live_from, live_until=live_until
        )  # fmt: skip
        _write(output / "cases.json", cases)
        _write(output / "scorecard.json", score)
        _report(service, output / "report", score, stage)
    return Demo(output, score, cases, told.messages, told.digest)


def _moved(output: Path, name: str) -> Any:
    return json.loads((output / "files" / name).rename(output / name).read_text())


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@contextmanager
def _service(output: Path, live_from: date, told: Told) -> Iterator[tuple[Service, HandClock]]:
    """Open a service of the demo's own, with a clock that is moved by hand."""
    stated = read_settings(home=output / "home", database_url=None, batch_messages=BATCH)
    settings = stated.model_copy(update={"receivers": (Receiver(name=RECEIVER),)})
    clock = HandClock(datetime.combine(live_from, NOON))
    with opened(settings, clock) as service:
        yield replace(service, notifiers={RECEIVER: told}), clock


def _register(service: Service, path: Path) -> None:
    found = read_organisations(path.read_bytes())
    load_organisations(
        service.engine, found.organisations, found.successions, by="monitor demo", at=service.clock.now()
    )


def _live(
    service: Service,
    clock: HandClock,
    files: Path,
    arrivals: Iterable[Arrival],
    live_from: date,
    live_until: date,
    stage: Stage,
) -> None:
    """Let every file arrive on its day; the first load ends before the first live day."""
    contracts = {feed.key: feed for feed in feeds(service.settings.dags)}
    by_day: dict[date, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        by_day[max(arrival.arrives, live_from)].append(arrival)
    loaded = stage("loading the years before", len(by_day[live_from]))
    for arrival in by_day.pop(live_from):
        _publish(service, contracts[arrival.feed], files, arrival)
        loaded(1)
    first = stage("scoring the years before", len(service.bus.feeds()))
    for key in service.bus.feeds():
        settle(service, key)
        first(1)
    one = worker(service)
    for begin, end in _months(live_from, live_until):
        step = stage(f"{begin:%B %Y}, {_standing(service)}", (end - begin).days)
        _days(service, clock, one, files, contracts, by_day, begin, end, step)


def _months(live_from: date, live_until: date) -> Iterator[Period]:
    months = calendar("monthly")
    for number in range(months.number(live_from), months.number(live_until - ONE_DAY) + 1):
        yield max(months.start(number), live_from), min(months.start(number + 1), live_until)


def _standing(service: Service) -> str:
    cases = [case for case in list_cases(service.engine) if case.kind == CONCERN]
    still = sum(case.closed is None for case in cases)
    return f"{len(cases)} cases so far, {still} open"


def _days(
    service: Service,
    clock: HandClock,
    one: Worker,
    files: Path,
    contracts: Mapping[str, Feed],
    by_day: Mapping[date, Sequence[Arrival]],
    begin: date,
    end: date,
    step: Callable[[int], None],
) -> None:
    """Go through the days: publish what arrives, work on it that day and the next, on everything once a week."""
    yesterday = {arrival.feed for arrival in by_day.get(begin - ONE_DAY, ())}
    day = begin
    while day < end:
        clock.move(datetime.combine(day, NOON))
        today = by_day.get(day, [])
        for arrival in today:
            _publish(service, contracts[arrival.feed], files, arrival)
        touched = {arrival.feed for arrival in today}
        weekly = set(service.bus.feeds()) if day.weekday() == 0 else set()
        for key in sorted(touched | yesterday | weekly):
            while one.turn(key, clock.now()):
                pass
        relay.digests(service.outbox, clock.now(), around=lambda: around(service))
        relay.turn(service.outbox, service.notifiers, clock.now())
        yesterday, day = touched, day + ONE_DAY
        step(1)


def _publish(service: Service, contract: Feed, files: Path, arrival: Arrival) -> None:
    publish(
        contract,
        deliver(files / arrival.path),
        bus=service.bus,
        landing=service.landing,
        now=service.clock.now(),
        source=arrival.source,
        published=arrival.published,
    )


def _report(service: Service, folder: Path, score: Mapping[str, Any], stage: Stage) -> None:
    pages = gathered(service, title="A simulated nation", scorecard=score)
    step = stage("drawing the report", None)
    report(folder, pages, lambda done, total: step(1))
