"""The text twin of a chart: one sentence and one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.alerts.change import ends_the_other_way, in_words, since, unseen, within
from monitor.alerts.correction import named
from monitor.disclosure import DisclosedExhibit, DisclosedPoint
from monitor.spc import variation, xmr

OTHER_WAY = "The last figure shown lies beyond its usual range the other way."
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
        (HEADER[0], f"{HEADER[1]}, {exhibit.unit}", *HEADER[2:]),
        tuple(_row(point) for point in exhibit.points),
    )


def sentence_case(text: str) -> str:
    """Begin with a capital and leave the rest, where names and codes stand."""
    return text[:1].upper() + text[1:]


def _sentence(exhibit: DisclosedExhibit) -> str:
    if gone := unseen(exhibit):
        return f"{sentence_case(in_words(exhibit))}: {gone}."
    start = sentence_case(f"{in_words(exhibit)} since {since(exhibit.since)}")
    window = exhibit.window
    if window is None:
        return f"{start}; what would be usual is not known."
    figures = f"{window.seen} {exhibit.unit} on average, where {window.low} to {window.high} would be usual"
    return f"{start}: {figures}{f': {usual}' if (usual := within(exhibit)) else ''}."


def _notes(exhibit: DisclosedExhibit) -> Sequence[str]:
    notes = [f"In the last period {exhibit.peers_moved} ({exhibit.peers} peers)."]
    if unseen(exhibit):
        return [*notes, *_hidden(exhibit)]  # what the last point shown reads like is no word on this signal
    if ends_the_other_way(exhibit):
        notes.append(OTHER_WAY)
    notes += _hidden(exhibit)
    icon = _icon(exhibit)
    return [*notes, f"On an XmR chart the last point reads: {icon} (for display only)."] if icon else notes


def _hidden(exhibit: DisclosedExhibit) -> Sequence[str]:
    hidden = sum(point.shown.is_hidden for point in exhibit.points)
    text = f"{hidden} of {len(exhibit.points)} {exhibit.calendar} are hidden (*): too few people."
    return [text] if hidden else []


def _icon(exhibit: DisclosedExhibit) -> str | None:
    chart = xmr([point.shown.value for point in exhibit.points if point.shown.value is not None])
    return variation(chart, worse=exhibit.indicator.worse).value if chart else None


def _row(point: DisclosedPoint) -> tuple[str, ...]:
    decimals = len(point.shown.text.partition(".")[2])
    limits = [None if limit is None else f"{limit:,.{decimals}f}" for limit in (point.expected, point.low, point.high)]
    expected, low, high = limits
    usual = f"{low} to {high}" if low is not None and high is not None else ""
    return named(point.period), point.shown.text, expected or "", usual
