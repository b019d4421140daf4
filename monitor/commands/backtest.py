"""`monitor backtest`: what the service would have said before things happened, and what it finds in real series."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from monitor.commands.output import Json, emit, say, stages
from monitor.errors import BadRequest
from monitor.evaluation.panels.asked import Asked, Worse
from monitor.model import Kind

if TYPE_CHECKING:
    from monitor.evaluation.backtest.laid import Laid

PANEL = "See it work"
_of_history = partial(typer.Option, rich_help_panel="With EVENTS")
_planted = partial(typer.Option, rich_help_panel="With --inject")
_DAY: dict[str, Any] = {"formats": ["%Y-%m-%d"], "metavar": "DATE"}
_FILE: dict[str, Any] = {"exists": True, "dir_okay": False}

Events = Annotated[
    Path | None, typer.Argument(help="CSV: organisation, date, kind, note.", show_default=False, **_FILE)
]
Output = Annotated[Path, typer.Option(help="Folder for JSON, tables and plots.")]
Registries = Annotated[
    list[Path] | None,
    typer.Option(help="Registry that goes with published files: peer groups and regions; again for each.", **_FILE),
]
Budget = Annotated[
    float | None, _of_history(min=0.001, max=100, help="Chance cases a month to try; without it, as set.")
]
Rate = Annotated[float, _of_history(min=1e-9, max=0.05, help="Signals that chance gives, per series and period.")]
Until = Annotated[datetime | None, _of_history(help="Last day that is lived through.", **_DAY)]
OfFiles = Annotated[
    list[str] | None,
    _of_history("--published", metavar="FEED=FILE[@DATE]", help="Relive files, not the home; again for each."),
]
Inject = Annotated[
    list[Path] | None, _planted(help="Plant worsenings in this panel, or with --feed in these publications.", **_FILE)
]
OfFeed = Annotated[str | None, _planted("--feed", help="Whose publications the files are; none: a panel.")]
OfIndicator = Annotated[str | None, _planted("--indicator", help="Which of theirs; the one with most figures.")]
OfCadence = Annotated[str, _planted("--cadence", help="Of a panel, as in monitor score.")]
OfKind = Annotated[Kind, _planted("--kind", help="Of a panel, as in monitor score.")]
WhichIsWorse = Annotated[Worse, _planted("--worse", help="Which way is worse.")]
Endings = Annotated[
    list[datetime] | None, _planted("--ending", help="Last day of three judged years; again for each.", **_DAY)
]
Seeds = Annotated[int, _planted(min=1, max=1_000, help="Plantings.")]


def backtest(
    events: Events = None,
    output: Output = Path("build/backtest"),
    organisations: Registries = None,
    budget: Budget = None,
    rate: Rate = 0.01,
    until: Until = None,
    published: OfFiles = None,
    inject: Inject = None,
    feed: OfFeed = None,
    indicator: OfIndicator = None,
    cadence: OfCadence = "monthly",
    kind: OfKind = Kind.RATE,
    worse: WhichIsWorse = Worse.HIGHER,
    ending: Endings = None,
    seeds: Seeds = 12,
    as_json: Json = False,
) -> None:
    """Hold history against outside events, or plant worsenings in real series, and see what is found, and when.

    With EVENTS, history is relived as it was known on each day, by the worker's
    own functions. EVENTS names what happened to organisations, a row each: a
    code and an ISO date; kind and note are free text. The year before each is
    searched for a case and for a signal, and so is the same year of up to five
    peers without an event that stood at the same level when it began:

      monitor backtest inspections.csv                     the home's history
      monitor backtest inspections.csv --budget 3          another budget
      monitor backtest inspections.csv --organisations trusts.csv
          --published staff_sickness=sickness.xlsx         of files

    It says which share of events had a first word within 3, 6 and 12 months
    before, which share of controls, and how many days before, with 95 %
    intervals over organisations. A home is read, never written.

    With --inject, steps and ramps of 10 to 40 % are planted in a quarter of the
    series, and found or not at exactly 1 % and 2 % false alarms on the others,
    beside a chart against the peers' median, XmR and EARS:

      monitor backtest --inject rates.csv --kind rate      a panel
      monitor backtest --inject sickness.xlsx --feed staff_sickness
          --organisations trusts.csv                       publications

    Both end with what guards the figures, and what they rest on.
    """
    if (events is None) == (not inject):
        raise BadRequest("name a CSV file of events, or --inject FILE, and not both; see monitor backtest --help")
    if events is not None:
        past = _Past(events, budget, rate, until, published or [], organisations or [])
        _tell(_history(past), output, as_json=as_json)
        return
    assert inject, "one of the two is there"
    asked = Asked(inject[0], output, cadence, kind, worse, 0.01, inject[0].stem)
    planting = _Planting(inject, asked, feed, indicator, organisations or [], ending or [], range(1, seeds + 1))
    _tell(_injected(planting), output, as_json=as_json)


class _Past(NamedTuple):
    """What is asked of history."""

    events: Path
    budget: float | None
    rate: float
    until: datetime | None
    published: list[str]
    registries: list[Path]


class _Planting(NamedTuple):
    """What is asked of real series."""

    files: list[Path]
    asked: Asked
    feed: str | None
    indicator: str | None
    registries: list[Path]
    endings: list[datetime]
    seeds: range


def _history(past: _Past) -> Laid:
    from monitor.evaluation.backtest.past import file_named
    from monitor.evaluation.backtest.report import laid
    from monitor.evaluation.backtest.run import backtest as run
    from monitor.settings import read_settings

    stated = read_settings() if past.budget is None else read_settings(chance_cases_per_month=past.budget)
    files = [file_named(text) for text in past.published]
    until = past.until.date() if past.until else None
    with stages() as stage:
        found = run(
            past.events, stated, rate=past.rate, until=until, files=files, registries=past.registries, stage=stage
        )
    return laid(found)


def _injected(planting: _Planting) -> Laid:
    from monitor.calendars import day_of
    from monitor.clock import SystemClock
    from monitor.evaluation.backtest.inject import Published, injected
    from monitor.evaluation.backtest.injection_report import laid
    from monitor.settings import read_settings

    published = None
    if planting.feed is not None:
        published = Published(planting.feed, read_settings().dags, planting.indicator, planting.registries)
    elif planting.registries or planting.indicator:
        raise BadRequest("--organisations and --indicator go with --feed; a panel has columns of its own")
    with stages() as stage:
        found = injected(
            planting.files, planting.asked, published, endings=[day.date() for day in planting.endings],
            seeds=planting.seeds, today=day_of(SystemClock().now()), stage=stage,
        )  # fmt: skip
    return laid(found)


def _tell(laid: Laid, output: Path, *, as_json: bool) -> None:
    """Leave everything in the folder, and say what answers first."""
    from monitor.commands.benchmarks import text_of
    from monitor.evaluation.backtest.laid import leave

    guards = "\n".join(["What guards these figures", *(f"- {guard}" for guard in laid.document["guards"])])
    leave(output, laid, "\n\n".join([*map(text_of, laid.tables), guards]))
    if as_json:
        emit(laid.document)
    else:
        typer.echo("\n\n".join([*map(text_of, laid.headlines), guards]))
    for note in laid.notes:
        say(note)
    say(f"everything is in {output}: backtest.json, backtest.txt and plots")


COMMANDS = (backtest,)
