"""`monitor feeds new`: a feed's file, an invented sample and a test, to be changed from there."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.output import say
from monitor.errors import BadRequest
from monitor.feeds.unfilled import NOBODY, NOTHING_YET
from monitor.model import Family, Feed, Kind

if TYPE_CHECKING:
    from monitor.feeds.scaffold import Plan

PERIODS = "weekly, monthly, quarterly, yearly, or months:2,5,8 for periods from the first of these months"


class Direction(StrEnum):
    """Which way a change is the concern."""

    HIGHER = "higher"
    LOWER = "lower"


def new(
    name: Annotated[str, typer.Argument(help="The feed's key: small letters, digits and _; its file gets this name.")],
    title: Annotated[str | None, typer.Option(help="What people call it; its key with spaces, if left out.")] = None,
    family: Annotated[Family, typer.Option(help="What kind of voice it is.")] = Family.PATIENTS,
    indicator: Annotated[
        str | None, typer.Option(help="The key of what is measured; NAME_share or the like, if left out.")
    ] = None,
    indicator_name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    kind: Annotated[
        Kind, typer.Option(help="How its figures are distributed: events, amounts over exposure, some of all, scores.")
    ] = Kind.PROPORTION,
    numerator: Annotated[str, typer.Option(help="What is counted or summed.")] = NOTHING_YET,
    denominator: Annotated[str | None, typer.Option(help="Of what, or over what; a count may leave it out.")] = None,
    periods: Annotated[str, typer.Option(help=PERIODS)] = "monthly",
    lateness_weeks: Annotated[int, typer.Option(min=0, help="Weeks after a period until it is overdue.")] = 2,
    worse: Annotated[
        Direction | None, typer.Option(help="Which way is the concern; lower for scores and else higher, if left out.")
    ] = None,
    owner: Annotated[str, typer.Option(help="Whom to ask about it.")] = NOBODY,
    licence: Annotated[str, typer.Option(help="Under what agreement it may be used.")] = "data sharing agreement",
    folder: Annotated[Path | None, typer.Option(help="Folder of the feeds; MONITOR_DAGS, if left out.")] = None,
) -> None:
    """Write a new feed: dags/NAME.py, dags/samples/NAME.csv and tests/dags/test_NAME.py; none is ever overwritten.

    As it is written it passes `monitor feeds check` and the contract tests: change it until it says what you mean.
    """
    from monitor.feeds.scaffold import Plan
    from monitor.settings import read_settings

    key = indicator or f"{name}_{kind.value if kind is not Kind.PROPORTION else 'share'}"
    plan = Plan(
        name, title or name.replace("_", " "), family, key, indicator_name or key.replace("_", " "), kind, numerator,
        denominator or _denominator(kind), periods, lateness_weeks, _is_higher(worse, kind), owner, licence,
    )  # fmt: skip
    made = _written(plan, folder or read_settings().dags)
    for path in made:
        say(f"written: {path}")
    say(f"next: monitor feeds check {made[0]}")


def _is_higher(worse: Direction | None, kind: Kind) -> bool:
    return kind is not Kind.SCORE if worse is None else worse is Direction.HIGHER


def _denominator(kind: Kind) -> str | None:
    return {Kind.COUNT: None, Kind.SCORE: "respondents"}.get(kind, "all of them")


def _written(plan: Plan, folder: Path) -> list[Path]:
    """Put the files in their places, the feed's last: until it stands there, no other command sees any of them."""
    from monitor.feeds.folder import SAMPLES
    from monitor.feeds.scaffold import feed_file, sample, test_of

    path, beside = folder / f"{plan.key}.py", folder / SAMPLES / f"{plan.key}.csv"
    tests = folder.absolute().parent / "tests" / "dags"
    paths = [path, beside, *([tests / f"test_{plan.key}.py"] if tests.is_dir() else [])]
    if taken := next((each for each in paths if each.exists()), None):
        raise BadRequest(f"{taken} is there already; choose another name, or change it by hand")
    text = feed_file(plan)
    texts = [text, sample(_sound(path.name, text)), test_of(plan)]
    beside.parent.mkdir(parents=True, exist_ok=True)
    for each, content in reversed(list(zip(paths, texts, strict=False))):
        _create(each, content)
    return paths


def _sound(name: str, text: str) -> Feed:
    """Read the file of a feed aside, where it breaks no other; `BadRequest` says what is wrong with it."""
    from monitor.feeds.folder import examined

    with TemporaryDirectory() as aside:
        _create(Path(aside, name), text)
        feed, faults = examined(Path(aside, name))
    if feed is None or faults:
        raise BadRequest(f"nothing is written: {'; '.join(faults)}")
    return feed


def _create(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
