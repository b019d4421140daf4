"""Pictures: the SPC chart of one series (expected band, points, where the change began), and lines of a benchmark.

Colours are from Okabe and Ito (2008), Color Universal Design, and every difference is also one of shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from math import nan
from typing import Any, Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure

from monitor.alerts.change import ends_the_other_way, is_outside, since, unseen
from monitor.disclosure import DisclosedExhibit, DisclosedPoint
from monitor.twin import sentence_case

INK, BAND, LINE, OUTSIDE, QUIET = "#222222", "#cfe3f1", "#0072b2", "#d55e00", "#6b6b6b"
INCHES = 7.6, 2.8
_COLORS = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222"
_DASHES = "-", "--", "-.", ":"
_MARKS = "o", "s", "D", "^", "v"
FRAME = 0.1, 0.15, 0.66, 0.65  # left, bottom, width, height: charts under each other stand in line
_STYLE: Any = {  # Any: the keys' type is a list of hundreds (matplotlib 3.11)
    "svg.fonttype": "none",  # text stays text: small files, read by screen readers, searched
    "svg.hashsalt": "monitor",  # the same chart gives the same bytes
    "font.size": 9.0,
    "font.family": "sans-serif",
    "text.parse_math": False,  # a name with two dollar signs is a name
}


def chart(exhibit: DisclosedExhibit, who: str, *, form: Literal["svg", "png"] = "svg") -> bytes:
    """Draw a series for this organisation ("Riverside (RXX)")."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=INCHES)
        axes = figure.add_axes(FRAME)
        _draw(axes, exhibit)
        _name(axes, exhibit, who)
        data = BytesIO()
        figure.savefig(data, format=form, dpi=150, metadata={"Date": None} if form == "svg" else None)
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
    day = _day(exhibit.since)
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
    axes.set_ylabel(_wrapped(exhibit.indicator.unit), fontsize=8)
    locator = AutoDateLocator(minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.01)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)
    if exhibit.shock:
        axes.set_xlabel(f"Last period: {exhibit.shock}", fontsize=8, color=QUIET, loc="left")


def _wrapped(unit: str) -> str:
    return unit.replace(" per ", "\nper ")


def _middle(point: DisclosedPoint) -> float:
    start, end = point.period
    return (_day(start) + _day(end)) / 2


def _day(day: date) -> float:
    return float(date2num(day))  # type: ignore[no-untyped-call]


def _width(points: Sequence[DisclosedPoint]) -> float:
    return 0.8 * min((point.period[1] - point.period[0]).days for point in points)


def _column(points: Sequence[DisclosedPoint], name: Literal["low", "high", "expected"]) -> list[float]:
    return [_or_gap(getattr(point, name)) for point in points]


def _or_gap(value: float | None) -> float:
    return nan if value is None else value


def heard(title: str, periods: Sequence[tuple[date, date]], shares: Sequence[float]) -> bytes:
    """Draw as SVG which share of those awaited has sent each period, oldest first; a text twin stands beside it."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(INCHES[0], 1.9))
        axes = figure.add_axes((0.08, 0.17, 0.9, 0.66))
        days = [(_day(start) + _day(end)) / 2 for start, end in periods]
        width = 0.8 * min((end - start).days for start, end in periods)
        axes.bar(days, shares, width=width, color=LINE)
        axes.set_ylim(0.0, 1.0)
        axes.set_yticks([0.0, 0.5, 1.0], ["0 %", "50 %", "100 %"])
        axes.set_title(title, loc="left", fontsize=10, y=1.0)
        locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
        axes.spines[["top", "right"]].set_visible(False)
        data = BytesIO()
        figure.savefig(data, format="svg", metadata={"Date": None})
    return data.getvalue()


def curves(
    lines: Mapping[str, Sequence[tuple[float, float]]],
    *,
    title: str,
    across: str,
    up: str,
    is_log: bool = False,
    form: Literal["svg", "png"] = "svg",
) -> bytes:
    """Draw one line a name through its points; `is_log` spaces the lower axis by factors.

    Lines differ in colour, dash and mark, so that they are told apart without colour too.
    """
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(8.6, 4.4))
        axes = figure.add_axes((0.07, 0.12, 0.65, 0.79))
        for place, (name, points) in enumerate(lines.items()):
            color, dash, mark = (some[place % len(some)] for some in (_COLORS, _DASHES, _MARKS))
            at, value = [point[0] for point in points], [point[1] for point in points]
            axes.plot(at, value, color=color, linestyle=dash, marker=mark, markersize=4, linewidth=1.3, label=name)
        axes.set_title(title, loc="left", fontsize=10, y=1.0)
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.set_ylim(0.0, 1.0)
        if is_log:
            axes.set_xscale("log")
            ticks = sorted({at for points in lines.values() for at, _ in points})
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
            axes.minorticks_off()
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)
        data = BytesIO()
        figure.savefig(data, format=form, dpi=150, metadata={"Date": None} if form == "svg" else None)
    return data.getvalue()
