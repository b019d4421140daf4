"""The text of a new feed: its file, an invented sample and a test (pure).

What a person says stands in it only as Python writes a text; keys alone are repeated as they are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from monitor.calendars import calendar
from monitor.errors import BadRequest
from monitor.feeds.contract import KEY
from monitor.model import Family, Feed, Indicator, Kind, Period, Reading, SmallNumbers

COLUMNS = (
    *("source", "organisation", "indicator", "start", "end", "key", "revision", "published"),
    *("numerator", "denominator", "value", "respondents"),
)
INVENTED = ("ZZ001", "ZZ002", "ZZ003")
"""Codes that no body has."""
BEFORE = date(2025, 1, 1)
"""Samples tell of the last periods before this day: past for ever, so that they never become a future date."""
LONGEST = 100
"""Letters of a key: names of files, topics and DAGs end at about 250, and others are made of this one."""
SHOWN_PERIODS = 3
"""Of each invented organisation: enough to see that a row is one period, and read at a glance."""
MANY, OF = 40, 1_000
"""An invented count and an invented exposure: no figure made of them is small, or it would be hidden as it is shown."""
SHARE = 0.1  # of the range from low to high: an unremarkable figure

UNITS = {Kind.COUNT: "a period", Kind.RATE: "%", Kind.PROPORTION: "%", Kind.SCORE: "of 10"}
PER = {Kind.COUNT: 1, Kind.RATE: 100, Kind.PROPORTION: 100, Kind.SCORE: 1}
HIGH = {Kind.COUNT: 100_000, Kind.RATE: 100, Kind.PROPORTION: 100, Kind.SCORE: 10}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person says of a new feed with one indicator; the rest is filled in and can be changed in the file."""

    key: str
    name: str
    family: Family
    indicator: str
    indicator_name: str
    kind: Kind
    numerator: str
    denominator: str | None
    periods: str
    lateness_weeks: int
    higher_is_worse: bool
    owner: str
    licence: str

    def __post_init__(self) -> None:
        """Refuse what could name no file, or has no periods."""
        for what, key in (("NAME", self.key), ("--indicator", self.indicator)):
            if not (KEY.fullmatch(key) and len(key) <= LONGEST):
                raise BadRequest(
                    f"{what} {key[:LONGEST]!r}: use small letters, digits and _, at most {LONGEST} of them (it names a "
                    "file, a topic and a DAG)"
                )
        calendar(self.periods)

    @property
    def small_numbers(self) -> SmallNumbers:
        """Give the rule that is right where nobody has said otherwise."""
        return SmallNumbers.RESPONDENTS if self.kind is Kind.SCORE else SmallNumbers.PEOPLE


def feed_file(plan: Plan) -> str:
    """Write the feed's file."""
    worse, better = Reading.WORSENING.name, Reading.IMPROVING.name
    rise, fall = (worse, better) if plan.higher_is_worse else (better, worse)
    return f'''"""{_words(plan.key).capitalize()}: say here in one sentence what it tells whom."""

from datetime import timedelta

from monitor.airflow import feed_dag
from monitor.feeds.places import DATED, DropFolder
from monitor.model import Family, Feed, Indicator, Kind, Reading, SmallNumbers, Source

{plan.indicator.upper()} = Indicator(
    key="{plan.indicator}",
    name={_quoted(plan.indicator_name)},
    unit="{UNITS[plan.kind]}",
    kind=Kind.{plan.kind.name},  # count, rate, proportion or score decides which detector reads it
    numerator={_quoted(plan.numerator)},
    denominator={_quoted(plan.denominator)},
    rise=Reading.{rise},
    fall=Reading.{fall},
    small_numbers=SmallNumbers.{plan.small_numbers.name},
    per={PER[plan.kind]},
    high={HIGH[plan.kind]},  # beyond it a figure is a slip of unit and put aside
    ask={_quoted(f"What lies behind the change of {plan.indicator_name}?")},
)

FEED = Feed(
    key="{plan.key}",
    name={_quoted(plan.name)},
    family=Family.{plan.family.name},
    indicators=({plan.indicator.upper()},),
    sources={{
        "local": Source(
            calendars={{"{plan.indicator}": {_quoted(plan.periods)}}},
            lateness=timedelta(weeks={plan.lateness_weeks}),
            coverage="file per organisation",  # complete for whom it has rows; or "manifest", "all registered"
        ),
    }},
    readers=("extract",),
    owner={_quoted(plan.owner)},
    licence={_quoted(plan.licence)},
)

# Files come from MONITOR_DROPS/{plan.key}; a day before the name is the day of their publication.
# monitor/feeds/places.py has object stores, web pages and queries too.
dag = feed_dag(FEED, DropFolder(published=DATED))
'''


def test_of(plan: Plan) -> str:
    """Write the test that holds what is special about this feed; the shared ones pick its file up by themselves."""
    observations = len(INVENTED) * SHOWN_PERIODS
    return f'''"""What the sample of {_words(plan.key)} says, read as it will be."""

from collections import Counter

from monitor.feeds.folder import samples
from tests.feeds.samples import DAGS, contract, state


def test_every_row_of_the_sample_is_taken() -> None:
    (sample, *_) = samples(DAGS / "{plan.key}.py")
    told = state("{plan.key}", sample.read_bytes())
    figures = Counter(part.indicator for draft in told.drafts for part in draft.contributions)
    assert figures == {{"{plan.indicator}": {observations}}}
    assert not told.asides


def test_its_contract_says_when_it_is_late() -> None:
    assert contract("{plan.key}").sources["local"].lateness.days == {plan.lateness_weeks * 7}
'''


def sample(feed: Feed) -> str:
    """Write a plain extract with a few invented figures of each indicator, of the first source that promises it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(feed))
    return text.getvalue()


def _rows(feed: Feed) -> Iterator[dict[str, object]]:
    for indicator in feed.indicators:
        name = next(name for name, source in feed.sources.items() if indicator.key in source.calendars)
        for start, end in _last_periods(feed.sources[name].calendars[indicator.key]):
            for place, code in enumerate(INVENTED):
                row = {"source": name, "organisation": code, "indicator": indicator.key, "start": start, "end": end}
                yield row | _figure(indicator, place)


def _last_periods(name: str) -> list[Period]:
    periods = calendar(name)
    last = periods.last_before(BEFORE)
    return [periods.period(number) for number in range(last - SHOWN_PERIODS + 1, last + 1)]


def _figure(indicator: Indicator, place: int) -> dict[str, object]:
    """Invent an unremarkable figure, another one for each organisation."""
    usual = indicator.low + SHARE * (indicator.high - indicator.low)
    if indicator.kind is Kind.SCORE:
        return {"value": round(usual * 6 + 0.1 * place, 1), "respondents": 200 + 10 * place}
    if indicator.kind is Kind.COUNT:
        return {"numerator": MANY + place, "denominator": OF * (20 + place) if indicator.denominator else ""}
    if indicator.denominator is None:
        return {"value": round(usual + place, 1)}
    return {"numerator": round(usual * OF / indicator.per) + place, "denominator": OF + 10 * place}


def _quoted(text: str | None) -> str:
    """Write a text as Python does, with the quotes that this repository uses."""
    if text is None:
        return "None"
    plain = repr(text)
    return plain if '"' in text else f'"{plain[1:-1]}"'


def _words(key: str) -> str:
    """Give a key as words: what stands in a docstring can end none, whatever people call the feed."""
    return key.replace("_", " ").strip()
