"""Plain pictures: bars of who was heard, lines of a benchmark; a text twin stands beside each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.model import Period
from monitor.sheet import BLUE, INCHES, INK, VERMILION, Form, middle, name_days, name_lines, sheet

_COLORS = BLUE, VERMILION, "#009e73", "#cc79a7", "#e69f00", "#56b4e9", INK
_DASHES = "-", "--", "-.", ":"
_MARKS = "o", "s", "D", "^", "v"


def heard(title: str, periods: Sequence[Period], shares: Sequence[float]) -> bytes:
    """Draw as SVG which share of those awaited has sent each period, oldest first."""
    with sheet((INCHES[0], 1.9), (0.08, 0.17, 0.9, 0.66)) as (axes, data):
        width = 0.8 * min((end - start).days for start, end in periods)
        axes.bar([middle(period) for period in periods], shares, width=width, color=BLUE)
        axes.set_ylim(0.0, 1.0)
        axes.set_yticks([0.0, 0.5, 1.0], ["0 %", "50 %", "100 %"])
        axes.set_title(title, loc="left", fontsize=10, y=1.0)
        name_days(axes, ticks=(3, 8))
    return data.getvalue()


def curves(
    lines: Mapping[str, Sequence[tuple[float, float]]],
    *,
    title: str,
    across: str,
    up: str,
    is_log: bool = False,
    form: Form = "svg",
) -> bytes:
    """Draw one line a name through its points; `is_log` spaces the lower axis by factors.

    Lines differ in colour, dash and mark, so that they are told apart without colour too.
    """
    with sheet((8.6, 4.4), (0.07, 0.12, 0.65, 0.79), form) as (axes, data):
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
        name_lines(axes)
    return data.getvalue()
