"""`monitor feeds check`: what is missing in a feed's file, what a sample of it gives, what chance will make of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.output import Json, counted, emit, say, table, total
from monitor.errors import BadFile, BadRequest

if TYPE_CHECKING:
    from monitor.feeds.trial import Trial
    from monitor.model import Feed
    from monitor.wiring import Service

PARSED_SHOWN = 10
"""Figures shown to a person, who sees by these whether they were read as meant; `--json` has more."""
PARSED = ("row", "organisation", "indicator", "from", "through", "figure", "unit")
ASIDE = ("row", "field", "reason", "organisation", "remedy")


@dataclass(frozen=True, slots=True)
class Samples:
    """What a feed's samples give: a row of each that can be read, and what they show to mend and to think about."""

    rows: list[dict[str, Any]]
    faults: Sequence[str]
    advice: Sequence[str]


def check(
    path: Annotated[Path, typer.Argument(help="The feed's file, such as dags/complaints.py; or a feed's name.")],
    sample: Annotated[
        Path | None,
        typer.Option(help="A file to read as this feed's; samples/NAME.* beside it, if left out.", dir_okay=False),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Whose figures the sample holds: local or official.")] = None,
    organisations: Annotated[
        int | None,
        typer.Option(min=1, help="How many will send it; those that are watched, if left out, else the sample's."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what is missing or inconsistent in a feed's file; exit 1 where anything is.

    Nothing is published. The sample's rows are shown as they would be read (small figures hidden), what would be put
    aside and why, what it completes, and how much chance alone would make of the feed in a month.
    """
    from monitor.wiring import opened

    with opened() as service:
        found = _checked(service, _path(path, service.settings.dags), sample, source, organisations)
    emit(found) if as_json else _print(found)
    if found["faults"]:
        raise typer.Exit(1)


def _path(path: Path, folder: Path) -> Path:
    """Find the file; a feed's name stands for its file in the feeds folder."""
    named = path if path.suffix == ".py" else folder / f"{path.name}.py"
    if not named.is_file():
        raise BadRequest(f"there is no file {named}; monitor feeds new {named.stem} makes one")
    return named


def _checked(
    service: Service, path: Path, sample: Path | None, source: str | None, organisations: int | None
) -> dict[str, Any]:
    from monitor.feeds.contract import advice
    from monitor.feeds.folder import examined, samples
    from monitor.feeds.trial import shared
    from monitor.promises import REMEDY, unkept

    feed, faults = examined(path)
    found: dict[str, Any] = {"feed": feed and feed.key, "file": path.name, "faults": list(faults)}
    found |= {"advice": [], "sample": None, "further": [], "expected": None}
    if feed is None or faults:
        return found
    others = _others(path)
    sampled = _sampled(service, feed, [sample] if sample else samples(path), source)
    broken = [f"{each.said}; {REMEDY}" for each in unkept(feed, service.store)]
    found["faults"] += [*shared(feed, others), *broken, *sampled.faults]
    found["advice"] += [*advice(feed), *sampled.advice]
    found["sample"], found["further"] = next(iter(sampled.rows), None), sampled.rows[1:]
    named = organisations or len(_watched(service)) or _senders(found["sample"])
    if named:
        found["expected"] = _expected(service, feed, others, named)
    return found


def _others(path: Path) -> list[Feed]:
    """Read the feeds beside this one; what is broken there is not this one's fault."""
    from monitor.feeds.folder import examined

    beside = [each for each in sorted(path.parent.glob("*.py")) if each != path]
    return [feed for feed, faults in map(examined, beside) if feed and not faults]


def _sampled(service: Service, feed: Feed, files: Sequence[Path], source: str | None) -> Samples:
    from monitor.feeds.folder import SAMPLES

    if not files:
        return Samples([], [f"there is no sample: put an invented file at {SAMPLES}/{feed.key}.csv beside it"], [])
    told: dict[str, Trial] = {}
    faults: list[str] = []
    for file in files:
        try:
            told[file.name] = trial = _tried(service, feed, file, source)
            faults += (f"sample {file.name}: {fault}" for fault in trial.faults())
        except BadFile as bad:
            faults.append(f"sample {file.name}: {bad}")
    left_out = [list(trial.advice()) for trial in told.values()]  # by each; what another tells of is there
    advice = [line for line in next(iter(left_out), []) if all(line in lines for lines in left_out)]
    return Samples([{"file": name, **trial.row()} for name, trial in told.items()], faults, advice)


def _tried(service: Service, feed: Feed, file: Path, source: str | None) -> Trial:
    from monitor.calendars import day_of
    from monitor.feeds.trial import tried
    from monitor.handed import deliver

    registered, today = service.store.organisations()[0].keys(), day_of(service.clock.now())
    return tried(feed, deliver(file).content, today=today, source=source, registered=registered)


def _watched(service: Service) -> frozenset[str]:
    from monitor.overview import known

    return known(service).watched


def _senders(sample: dict[str, Any] | None) -> int:
    return int(sample["organisations"]) if sample else 0


def _expected(service: Service, feed: Feed, others: Sequence[Feed], organisations: int) -> dict[str, Any]:
    """Work out what chance gives beside the feeds that are live here, or beside all others where none is.

    And what came of its own history, where it is live here.
    """
    from monitor.feeds.volume import cadences, volume
    from monitor.overview import history

    live = [one for one in service.store.contracts().values() if one.key != feed.key and service.store.live(one.key)]
    beside = tuple(sorted({each for one in live or others for each in cadences(one)}))
    found = volume(feed, beside, organisations, service.settings.chance_cases_per_month).row()
    lived = history(service, feed)
    return found | {"history": lived and {"cases": lived[0], "months": round(lived[1], 1)}}


def _print(found: dict[str, Any]) -> None:
    sample, expected = found["sample"], found["expected"]
    for each in [sample, *found["further"]] if sample else ():
        _print_sample(each)
    if expected:
        _print_expected(expected)
    for line in found["advice"]:
        say(f"to think about: {line}")
    for line in found["faults"]:
        say(f"to mend: {line}")
    if not found["faults"]:
        say(f"{found['file']} is sound: monitor publish {found['feed']} FILE takes it from here")


def _print_sample(sample: dict[str, Any]) -> None:
    counts = ("rows", "observations", "merged", "suppressed")
    typer.echo(f"{sample['file']}, read as {sample['source']}")
    table(
        (*(name.replace("_", " ") for name in counts), "out of scope", "dead letters"),
        [(*(sample[name] for name in counts), total(sample["out_of_scope"]), total(sample["dead_lettered"]))],
        "",
    )
    typer.echo("\nits first rows, small figures hidden (*)")
    _listed(PARSED, sample["parsed"][:PARSED_SHOWN], "no row became an observation")
    if sample["dead_letters"]:
        typer.echo("\nput aside")
        _listed(ASIDE, sample["dead_letters"], "")
    typer.echo("\n" + "\n".join(_completed(sample)))


def _completed(sample: dict[str, Any]) -> Iterator[str]:
    """Say what a sample completes or, where that is less than all of it, why."""
    spans, withheld = sample["completes"], sample["withheld"]
    if spans:
        first, last = (pick(each[end] for each in spans) for pick, end in ((min, "from"), (max, "through")))
        yield f"it completes {first} to {last} for the organisations in it"
    if withheld:
        named = ", ".join(withheld)
        yield f"too many rows of {named} were put aside: nothing of these is complete until they are mended"
    if sample["has_events"]:
        yield "its events say what happened, not whom they cover: completeness needs --covers when it is published"
    if not (spans or withheld or sample["has_events"]):
        yield "it completes nothing: no row of it became a figure"


def _listed(columns: Sequence[str], lines: Sequence[dict[str, Any]], empty: str) -> None:
    table(columns, [tuple(line[name] for name in columns) for line in lines], empty)


def _print_expected(expected: dict[str, Any]) -> None:
    typer.echo(f"\nby chance alone, in a month, of {expected['organisations']:,} organisations")
    rows = [(line["source"], line["indicator"], f"{line['signals']:.1f}") for line in expected["signals_per_month"]]
    table(("source", "indicator", "signals"), rows, "")
    budget, cases = expected["chance_cases_per_month"], expected["cases_per_month"]
    part = expected["cases_per_month_with_this_family"]
    typer.echo(
        f"cases of all feeds: {cases:.2f} (the budget is {budget:g}), {part:.2f} of them with this feed's family"
    )
    if lived := expected["history"]:
        told = counted(lived["cases"], "case")
        typer.echo(f"its own history: {told} opened in {lived['months']:g} months here in which its figures took part")
