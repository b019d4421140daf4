"""The text twin of a chart: one sentence and one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.alerts.correction import named
from monitor.alerts.message import in_words, since
from monitor.disclosure import DisclosedExhibit, DisclosedPoint
from monitor.spc import variation, xmr

HEADER = ("Period", "Seen", "Expected", "Usual range")


@dataclass(frozen=True, slots=True)
class Twin:
    """All that the chart of one series shows, in words; rows oldest first."""

    title: str
    sentence: str
    notes: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def twin(exhibit: DisclosedExhibit, who: str) -> Twin:
    """Write the chart of a series of this organisation in words."""
    return Twin(
        f"{sentence_case(exhibit.indicator.name)}: {who}",
        _sentence(exhibit),
        tuple(_notes(exhibit)),
        (HEADER[0], f"{HEADER[1]}, {exhibit.indicator.unit}", *HEADER[2:]),
        tuple(_row(point) for point in exhibit.points),
    )


def is_outside(point: DisclosedPoint) -> bool:
    """Say whether a shown figure lies beyond its usual range."""
    value = point.shown.value
    if value is None or point.low is None or point.high is None:
        return False
    return not point.low <= value <= point.high


def sentence_case(text: str) -> str:
    """Begin with a capital and leave the rest, where names and codes stand."""
    return text[:1].upper() + text[1:]


def _sentence(exhibit: DisclosedExhibit) -> str:
    start = sentence_case(f"{in_words(exhibit)} since {since(exhibit.since)}")
    window = exhibit.window
    if window is None:
        return f"{start}; too few people to show a figure."
    unit = exhibit.indicator.unit
    return f"{start}: {window.seen} {unit} on average, where {window.low} to {window.high} would be usual."


def _notes(exhibit: DisclosedExhibit) -> Sequence[str]:
    hidden = sum(point.shown.is_hidden for point in exhibit.points)
    notes = [f"{sentence_case(exhibit.peers_moved)} ({exhibit.peers} peers)."]
    if exhibit.shock:
        notes.append(f"In the last period {exhibit.shock}.")
    if hidden:
        notes.append(f"{hidden} of {len(exhibit.points)} {exhibit.calendar} are hidden (*): too few people.")
    icon = _icon(exhibit)
    return [*notes, f"On an XmR chart the last point reads: {icon} (for display only)."] if icon else notes


def _icon(exhibit: DisclosedExhibit) -> str | None:
    chart = xmr([point.shown.value for point in exhibit.points if point.shown.value is not None])
    return variation(chart, worse=exhibit.indicator.worse).value if chart else None


def _row(point: DisclosedPoint) -> tuple[str, ...]:
    decimals = len(point.shown.text.partition(".")[2])
    limits = [None if limit is None else f"{limit:,.{decimals}f}" for limit in (point.expected, point.low, point.high)]
    expected, low, high = limits
    usual = f"{low} to {high}" if low is not None and high is not None else ""
    return named(point.period), point.shown.text, expected or "", usual
