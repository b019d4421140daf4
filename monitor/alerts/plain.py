"""A message as plain lines: the text twin of whatever a receiver draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from textwrap import fill
from typing import Any

from monitor.calendars import LONDON

WIDTH = 100
MOST_UNASSESSED = 1


def plain(message: Mapping[str, Any]) -> str:
    """Write a message or a digest, most important first, in lines of at most 100 characters."""
    return "\n".join(
        fill(line, WIDTH, subsequent_indent="    ") if len(line) > WIDTH else line for line in lines(message)
    )


def lines(message: Mapping[str, Any]) -> Sequence[str]:
    """Give the lines of a message or a digest, each as long as it is."""
    return _digest(message) if message["kind"] == "digest" else _case(message)


def facts(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give the labelled sentences of a case's message, in reading order, empty ones left out."""
    if message["kind"] == "data":
        return _why(message)
    rows = [
        ("How sure", message["how_sure"]),
        *_why(message),
        ("Voices", ", ".join(message["evidence"])),
        ("Compared", message["compared_with"]),
        ("One reading", message["reading"]),
        ("An innocent one", message["innocent"]),
        ("Against", "; ".join(message["against"]) or _nothing(message)),
    ]
    return [(label, str(text)) for label, text in rows if text]


def _nothing(message: Mapping[str, Any]) -> str:
    """Say that nothing speaks against the case, or against its signals alone, which say it themselves."""
    if any(signal["against"] for signal in message["signals"]):
        return "nothing but what stands with its signals"
    return "nothing found that speaks against it"


def _why(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Say why it is told now, and why the case had opened where that is something else."""
    because, reason = message["because"], message["reason"]
    if message["what"] == "opened" or not because:
        return [("Why now", because or reason)]
    return [("Why now", reason), ("Why it opened", because)]


def leads(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give the signals that say what the case is about."""
    return [signal for signal in message["signals"] if signal["leads"]]


def also(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give the signals beside them, which neither name nor date the case."""
    return [signal for signal in message["signals"] if not signal["leads"]]


def seen(signal: Mapping[str, Any]) -> str:
    """Say what was seen and what is usual, in the unit of people."""
    if signal["seen"] is None:
        return "too few people to show a figure"
    text = f"{signal['seen']} on average, usually {signal['usual']} {signal['unit']}"
    calendar = str(signal["calendar"])
    named = calendar.removesuffix("s") if signal["periods"] == 1 else calendar
    counted = f"{text} ({signal['periods']} {named})" if signal["periods"] else text
    return f"{counted}: {signal['within']}" if signal["within"] else counted


def said(signal: Mapping[str, Any]) -> str:
    """Say what a series did and since when, news apart from what still holds."""
    return f"{'still ' if signal['standing'] != 'new' else ''}{signal['said']}, since {signal['since']}"


def grounds(signal: Mapping[str, Any]) -> list[str]:
    """Say how often chance does as much, how old the figure is, and what speaks against it."""
    against = ", ".join(signal["against"])
    texts = (signal["often"], age(signal), f"against it: {against}" if against else None)
    return [str(text) for text in texts if text]


def unassessed(message: Mapping[str, Any]) -> str | None:
    """Say which combinations nobody can see here; None: all can be seen."""
    texts = "; ".join(message["unassessed"])
    return f"Cannot be assessed here for want of figures, which is no absence: {texts}." if texts else None


def unassessed_in_short(message: Mapping[str, Any]) -> str | None:
    """Say it in a line where there are many: they are much alike in every case, and its page names them."""
    many = len(message["unassessed"])
    if many <= MOST_UNASSESSED:
        return unassessed(message)
    return (
        f"{many} combinations cannot be assessed here for want of figures, which is no absence; the report names them."
    )


def age(signal: Mapping[str, Any]) -> str:
    """Say how old the newest figure of a signal is."""
    weeks = round(signal["data_age_days"] / 7)
    last = date.fromisoformat(signal["last_day"])
    return f"data to {last.day} {last:%B %Y}, {weeks} week{'' if weeks == 1 else 's'} old"


def corrections(message: Mapping[str, Any]) -> list[str]:
    """Give the lines of a correction: then, now, and whether the case would still open."""
    correction = message["correction"]
    if not correction:
        return []
    told = [f"{row['name']}, {row['period']}: then {row['then']}, now {row['now']}" for row in correction["figures"]]
    if correction["still_opens"] is None:
        return told
    verdict = "would still open" if correction["still_opens"] else "would no longer open"
    return [*told, f"On the figures as they are now this case {verdict}."]


def instant(text: str) -> str:
    """Write an instant of a message as people say it, in London's time."""
    at = datetime.fromisoformat(text).astimezone(LONDON)
    return f"{at.day} {at:%B %Y, %H:%M}"


def _case(message: Mapping[str, Any]) -> Sequence[str]:
    return [
        message["headline"],
        *(f"  {line}" for line in corrections(message)),
        *(f"{label}: {text}" for label, text in facts(message)),
        *_signals(message),
        *([text] if (text := unassessed_in_short(message)) else []),
        *(["What to ask next:", *(f"  - {question}" for question in message["ask"])] if message["ask"] else []),
        f"Case {message['case']}, as known at {instant(message['as_known_at'])}. {message['footer']}",
    ]


def _signals(message: Mapping[str, Any]) -> Iterator[str]:
    """Give what the case rests on, then what moved beside it."""
    for title, some in (("What the data did:", leads(message)), ("Also:", also(message))):
        if some:
            yield title
        for signal in some:
            yield f"  - {said(signal)}: {seen(signal)}; {signal['peers_moved']}; {'; '.join(grounds(signal))}"


def _digest(message: Mapping[str, Any]) -> Sequence[str]:
    return [
        message["headline"],
        *(line for section in message["sections"] for line in _section(section)),
        message["assurance"],
        message["footer"],
    ]


def _section(section: Mapping[str, Any]) -> Sequence[str]:
    return [f"{section['title']}:", *(f"  - {line}" for line in section["lines"])]
