"""The sheet that every picture is drawn on: its style, its size, how days and lines are named on it.

Colours are from Okabe and Ito (2008), Color Universal Design.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from typing import Any, Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure

from monitor.model import Period

Form = Literal["svg", "png"]
Frame = tuple[float, float, float, float]
"""Left, bottom, width and height of the axes, as shares of the sheet."""
INK, BLUE, VERMILION = "#222222", "#0072b2", "#d55e00"
INCHES = 7.6, 2.8
_STYLE: Any = {  # Any: the keys' type is a list of hundreds (matplotlib 3.11)
    "svg.fonttype": "none",  # text stays text: small files, read by screen readers, searched
    "svg.hashsalt": "monitor",  # the same chart gives the same bytes
    "font.size": 9.0,
    "font.family": "sans-serif",
    "text.parse_math": False,  # a name with two dollar signs is a name
}


@contextmanager
def sheet(inches: tuple[float, float], frame: Frame, form: Form = "svg") -> Iterator[tuple[Axes, BytesIO]]:
    """Give axes to draw on, and what holds the picture once they are drawn."""
    data = BytesIO()
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=inches)
        axes = figure.add_axes(frame)
        axes.spines[["top", "right"]].set_visible(False)
        yield axes, data
        figure.savefig(data, format=form, dpi=150, metadata={"Date": None} if form == "svg" else None)


def name_days(axes: Axes, *, ticks: tuple[int, int]) -> None:
    """Write dates along the lower axis, so many of them at least and at most."""
    locator = AutoDateLocator(minticks=ticks[0], maxticks=ticks[1])  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def name_lines(axes: Axes) -> None:
    """Say beside the axes what is what."""
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)


def place_of(day: date) -> float:
    """Give where a day lies on the lower axis."""
    return float(date2num(day))  # type: ignore[no-untyped-call]


def middle(period: Period) -> float:
    """Give where the middle of a period lies."""
    return (place_of(period[0]) + place_of(period[1])) / 2
