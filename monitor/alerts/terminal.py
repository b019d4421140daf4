"""Messages on a console, and as JSON lines in a file.

Both show one id once in a process; the file also remembers what earlier processes wrote.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from monitor.alerts.plain import (
    also,
    corrections,
    facts,
    grounds,
    instant,
    leads,
    lines,
    plain,
    said,
    seen,
    unassessed_in_short,
)
from monitor.casefile import Notification
from monitor.errors import Outage
from monitor.keeping import replace

PRIVATE = 0o600


class Terminal:
    """Shows messages on a console, drawn where it can draw and plain where its output is a file or a pipe."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: set[str] = set()

    def send(self, notification: Notification) -> None:
        if notification.id in self._shown:
            return
        self._console.print(
            rendered(notification.body) if self._console.is_terminal else Text(plain(notification.body))
        )
        self._shown.add(notification.id)


class Last:
    """Keeps the last message alone in a private file: the receiver of heartbeats. `Outage` where it cannot."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, notification: Notification) -> None:
        try:
            replace(self._path, json.dumps(dict(notification.body)).encode())
        except OSError as error:
            raise Outage(f"{self._path}: {error.strerror}; free space or rights, it is tried again") from error


class File:
    """Appends messages to a private file, one JSON object a line; raises `Outage` where it cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: set[str] | None = None

    def send(self, notification: Notification) -> None:
        try:
            self._send(notification)
        except OSError as error:
            raise Outage(f"{self._path}: {error.strerror}; free space or rights, it is tried again") from error

    def _send(self, notification: Notification) -> None:
        written = self._ids()
        if notification.id in written:
            return
        line = {
            "id": notification.id,
            "receiver": notification.receiver,
            "queued": notification.queued.isoformat(),
            "reason": notification.reason,
            "message": notification.body,
        }
        self._append(json.dumps(line, ensure_ascii=False))
        written.add(notification.id)

    def _ids(self) -> set[str]:
        if self._written is None:
            text = self._path.read_text(encoding="utf-8", errors="replace") if self._path.exists() else ""
            if text and not text.endswith("\n"):
                self._append("")  # a crash cut the last line: begin a new one
            self._written = set(_ids(text))
        return self._written

    def _append(self, line: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def _ids(text: str) -> Iterator[str]:
    for line in text.splitlines():
        try:
            yield json.loads(line)["id"]
        except ValueError:
            continue  # half a line, or none: its message is sent again


def rendered(message: Mapping[str, Any]) -> RenderableType:
    """Draw a message or a digest for a console."""
    if message["kind"] == "digest":
        return Panel(Text("\n".join(lines(message))), border_style="blue", padding=(1, 2))
    parts: list[RenderableType] = [Text(message["headline"], style="bold")]
    parts += [Text(line, style="yellow") for line in corrections(message)]
    parts.append(Padding(_facts(message), (1, 0)))
    if message["signals"]:
        parts.append(_signals(leads(message)))
    if rest := also(message):
        parts += [Text("Also:", style="dim"), _signals(rest)]
    if text := unassessed_in_short(message):
        parts.append(Text(text, style="dim"))
    parts += [Text(f"? {question}", style="cyan") for question in message["ask"]]
    return Panel(
        Group(*parts),
        title=Text(f"{message['what']} · case {message['case']}"),
        subtitle=Text(f"{message['footer']} As known at {instant(message['as_known_at'])}."),
        title_align="left",
        subtitle_align="left",
        border_style="blue",
        padding=(1, 2),
    )


def _facts(message: Mapping[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for label, text in facts(message):
        table.add_row(label, Text(text))
    return table


def _signals(signals: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 2, 1, 0), show_header=False)
    table.add_column(ratio=2)
    table.add_column(ratio=3)
    for signal in signals:
        figures = Text(seen(signal))
        figures.append(f"\n{signal['trend']}", style="blue")
        figures.append(f"\n{signal['peers_moved']}; {'; '.join(grounds(signal))}", style="dim")
        table.add_row(Text(said(signal)), figures)
    return table
