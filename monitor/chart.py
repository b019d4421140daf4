"""The SPC chart of one series: expected band, points, where the change began; every difference is also one of shape."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import Literal

from matplotlib.axes import Axes

from monitor.alerts.change import ends_the_other_way, is_outside, since, unseen
from monitor.disclosure import DisclosedExhibit, DisclosedPoint
from monitor.sheet import BLUE, INCHES, INK, VERMILION, middle, name_days, name_lines, place_of, sheet
from monitor.twin import sentence_case

BAND, LINE, OUTSIDE, QUIET = "#cfe3f1", BLUE, VERMILION, "#6b6b6b"
FRAME = 0.1, 0.15, 0.66, 0.65  # left, bottom, width, height: charts under each other stand in line


def chart(exhibit: DisclosedExhibit, who: str, *, form: Literal["svg", "png"] = "svg") -> bytes:
    """Draw a series for this organisation ("Riverside (RXX)")."""
    with sheet(INCHES, FRAME, form) as (axes, data):
        _draw(axes, exhibit)
        _name(axes, exhibit, who)
    return data.getvalue()


def _draw(axes: Axes, exhibit: DisclosedExhibit) -> None:
    days = [_middle(point) for point in exhibit.points]
    low, high, expected = (_column(exhibit.points, name) for name in ("low", "high", "expected"))
    seen = [_or_gap(point.shown.value) for point in exhibit.points]
    axes.fill_between(days, low, high, color=BAND, linewidth=0, label="usual range")
    axes.plot(days, expected, color=QUIET, linewidth=1, linestyle=(0, (4, 3)), label="expected")
    size = 4 if len(days) < 80 else 2.5
    axes.plot(days, seen, color=LINE, linewidth=1.1, marker="o", markersize=size, label="seen")
    _mark_hidden(axes, exhibit.points)
    if gone := unseen(exhibit):
        _say_unseen(axes, sentence_case(gone.partition(";")[0]))
    else:
        _mark_outside(axes, exhibit, size)
        _mark_onset(axes, exhibit)


def _mark_outside(axes: Axes, exhibit: DisclosedExhibit, size: float) -> None:
    beyond = [point for point in exhibit.points if is_outside(point)]
    if beyond:
        other = "\n(last: the other way)" if ends_the_other_way(exhibit) else ""
        axes.plot(
            [_middle(point) for point in beyond], [_or_gap(point.shown.value) for point in beyond],
            color=OUTSIDE, marker="D", markersize=size + 1.5, linestyle="none", label=f"outside the usual range{other}",
        )  # fmt: skip


def _mark_hidden(axes: Axes, points: Sequence[DisclosedPoint]) -> None:
    banded = [(_middle(point), point.shown.band) for point in points if point.shown.is_hidden]
    bars = [(day, band) for day, band in banded if band]
    if bars:
        axes.bar(
            [day for day, _ in bars], [high - low for _, (low, high) in bars], bottom=[low for _, (low, _) in bars],
            width=_width(points), facecolor="none", edgecolor=QUIET, hatch="////", linewidth=0.6, label="0-7, hidden",
        )  # fmt: skip
    unbanded = [day for day, band in banded if band is None]
    if unbanded:
        axes.plot(
            unbanded, [0.02] * len(unbanded), transform=axes.get_xaxis_transform(), color=QUIET, marker="x",
            markersize=4, linestyle="none", label="hidden: too few people", clip_on=False,
        )  # fmt: skip


def _mark_onset(axes: Axes, exhibit: DisclosedExhibit) -> None:
    day = place_of(exhibit.since)
    axes.axvline(day, color=INK, linewidth=1, linestyle=":")
    axes.annotate(
        f"since {since(exhibit.since)}", (day, 1), xycoords=("data", "axes fraction"), color=INK, fontsize=8,
        xytext=(0, 2), textcoords="offset points", ha="center", va="bottom",
    )  # fmt: skip


def _say_unseen(axes: Axes, text: str) -> None:
    """Say in place of the onset that what the signal speaks of is not drawn."""
    axes.annotate(
        text, (1, 1), xycoords="axes fraction", color=INK, fontsize=8, xytext=(0, 2), textcoords="offset points",
        ha="right", va="bottom",
    )  # fmt: skip


def _name(axes: Axes, exhibit: DisclosedExhibit, who: str) -> None:
    title = f"{sentence_case(exhibit.indicator.name)}\n{who}, {exhibit.calendar}"
    axes.set_title(title, loc="left", fontsize=10, pad=13, y=1.0)  # a stated y spares a search for a free place
    axes.set_ylabel(_wrapped(exhibit.unit), fontsize=8)
    name_days(axes, ticks=(4, 9))
    axes.margins(x=0.01)
    name_lines(axes)
    if exhibit.shock:
        axes.set_xlabel(f"Last period: {exhibit.shock}", fontsize=8, color=QUIET, loc="left")


def _wrapped(unit: str) -> str:
    return unit.replace(" per ", "\nper ")


def _middle(point: DisclosedPoint) -> float:
    return middle(point.period)


def _width(points: Sequence[DisclosedPoint]) -> float:
    return 0.8 * min((point.period[1] - point.period[0]).days for point in points)


def _column(points: Sequence[DisclosedPoint], name: Literal["low", "high", "expected"]) -> list[float]:
    return [_or_gap(getattr(point, name)) for point in points]


def _or_gap(value: float | None) -> float:
    return nan if value is None else value
