"""What the receivers of a demo are told: every word in one file, so that the terminal keeps to the cases."""

from __future__ import annotations

from pathlib import Path

from monitor import keeping
from monitor.alerts.plain import plain
from monitor.casefile import Notification

DIGEST = "digest"


class Told:
    """Appends each message to a private text file as people read it, and remembers the last digest.

    Shows one id once; a demo begins its file anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._shown: set[str] = set()
        self.digest: str | None = None
        keeping.replace(path, b"")

    @property
    def messages(self) -> int:
        """How many were told so far, digests included."""
        return len(self._shown)

    def send(self, notification: Notification) -> None:
        if notification.id in self._shown:
            return
        text = plain(notification.body)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{notification.queued:%Y-%m-%d}\n{text}\n\n")
        self._shown.add(notification.id)
        if notification.body["kind"] == DIGEST:
            self.digest = text
