"""Organisations as a directory on the network states them: the ORD API of the organisation data service, or its like.

`GET SOURCE/organisations?PrimaryRoleId=…&Limit=…` lists codes with the day of their last change, page by page (a
`next-page` header, or `Offset`); `GET SOURCE/organisations/CODE` gives a record (domain.md §1.6). No address is built
in: NHS England had announced to withdraw this API in September 2026 (developer.community.nhs.uk, thread 8594).

Asked politely: one request at a time, at most so many a second, and no sooner than it says itself (Retry-After). A
record is kept once it has come: whoever was stopped goes on from there, and the next time asks for what has changed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urljoin, urlsplit
from urllib.request import Request, urlopen

import structlog

from monitor.errors import BadRequest, Outage
from monitor.feeds.cells import looks_like_a_code
from monitor.feeds.readers.organisations import TRUST_ROLES
from monitor.keeping import replace

log = structlog.get_logger()
AGENT = "culture-monitor (synchronises a registry of organisations; one request at a time)"
LIMIT = 1_000
"""Entries asked for in one page: the most that the ORD API gives."""
SECONDS = 60
LARGEST = 64 * 2**20
"""Bytes of one answer; a page of a thousand entries is a hundredth of it."""
TRIES = 6
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=5)
TOO_MANY, GONE = 429, {404, 410}
TRUSTED_FOR = timedelta(weeks=4)
"""After which a kept record is fetched again though no change was listed: the list is known to miss some."""


@dataclass(frozen=True, slots=True)
class Found:
    """One listed organisation: its record (None: there was none), and whether it was fetched just now."""

    code: str
    record: Mapping[str, Any] | None
    is_fetched: bool


@dataclass
class Directory:
    """A directory at this address, and the folder in which its records are kept.

    Parameters
    ----------
    rate
        Requests a second at most. More is quicker and ruder.
    """

    source: str
    kept: Path
    rate: float = 5.0
    rest: Callable[[float], None] = time.sleep
    _free_at: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Hold the form of an address: a file, say, is no directory."""
        parts = urlsplit(self.source)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise BadRequest(f"--source {self.source} is no address of a directory; write https://HOST/PATH")

    def found(self, now: datetime, *, anew: bool = False) -> Iterator[Found]:
        """Give every trust that is listed, in code order; `anew`: no kept record is good enough.

        `Outage` where the directory does not answer after all tries: run it again, it goes on from there.
        """
        for code, changed in sorted(self._listed().items()):
            held = None if anew else self._held(code, changed, now)
            yield Found(code, held or self._fetched(code, changed, now), held is None)

    def _listed(self) -> dict[str, str]:
        """Give the codes of all trusts with the day of their last change."""
        listed: dict[str, str] = {}
        for role in sorted(TRUST_ROLES):
            for entry in self._entries(role):
                code, changed = str(entry.get("OrgId", "")), str(entry.get("LastChangeDate", ""))
                if looks_like_a_code(code):  # it names a file here, and an address there
                    listed[code] = changed
        return listed

    def _entries(self, role: str) -> Iterator[Mapping[str, Any]]:
        base, offset = f"{self.source.rstrip('/')}/organisations", 0
        url: str | None = f"{base}?{urlencode({'PrimaryRoleId': role, 'Limit': LIMIT})}"
        seen: set[str] = set()
        while url is not None and url not in seen:
            seen.add(url)
            answer, headers = self._asked(url)
            entries = answer.get("Organisations") or []
            yield from entries
            offset += len(entries)
            following = f"{base}?{urlencode({'PrimaryRoleId': role, 'Limit': LIMIT, 'Offset': offset})}"
            total = headers.get("X-Total-Count", "")
            is_more = offset < int(total) if total.isdecimal() else len(entries) == LIMIT
            url = self._next(url, headers, following if is_more and entries else None)

    def _next(self, url: str, headers: Message, otherwise: str | None) -> str | None:
        """Give the next page as the directory names it, as long as that is the directory."""
        named = headers.get("next-page")
        if named is None:
            return otherwise
        found = urljoin(url, named)
        return found if urlsplit(found)[:2] == urlsplit(self.source)[:2] else otherwise

    def _held(self, code: str, changed: str, now: datetime) -> Mapping[str, Any] | None:
        path = self.kept / f"{code}.json"
        if not path.exists():
            return None
        held = json.loads(path.read_text(encoding="utf-8"))
        is_good = held["changed"] == changed and datetime.fromisoformat(held["fetched"]) + TRUSTED_FOR > now
        record: Mapping[str, Any] | None = held["record"] if is_good else None
        return record

    def _fetched(self, code: str, changed: str, now: datetime) -> Mapping[str, Any] | None:
        try:
            record, _ = self._asked(f"{self.source.rstrip('/')}/organisations/{quote(code)}")
        except HTTPError as error:
            log.warning("an organisation is listed and has no record", code=code, answer=error.code)
            return None
        kept = {"changed": changed, "fetched": now.isoformat(), "record": record}
        replace(self.kept / f"{code}.json", json.dumps(kept).encode())
        return record

    def _asked(self, url: str) -> tuple[Mapping[str, Any], Message]:
        """Ask, and ask again after a rest where that can help; `HTTPError` where there is nothing at this address."""
        wait = FIRST_WAIT
        for left in reversed(range(TRIES)):
            self.rest(max(0.0, self._free_at - time.monotonic()))
            self._free_at = time.monotonic() + 1 / self.rate
            try:
                return _answer(url)
            except HTTPError as error:
                if error.code in GONE:
                    raise
                asked, why = _retry_after(error.headers), f"answers {error.code}"
                if left == 0 or (error.code < 500 and error.code != TOO_MANY):
                    raise self._away(why) from error
            except (OSError, HTTPException, ValueError) as error:
                asked, why = None, f"cannot be read ({type(error).__name__})"
                if left == 0:
                    raise self._away(why) from error
            pause = wait if asked is None else asked
            if pause > LONGEST_WAIT:
                raise self._away(f"asks to be left alone for {pause}")
            log.info("waiting for the directory", why=why, seconds=pause.total_seconds())
            self.rest(pause.total_seconds())
            wait = min(2 * wait, LONGEST_WAIT)
        raise AssertionError("the last try has returned or raised")

    def _away(self, why: str) -> Outage:
        remedy = "run it again later: it goes on where it was"
        return Outage(f"{urlsplit(self.source).netloc} {why}", remedy=remedy)


def _answer(url: str) -> tuple[Mapping[str, Any], Message]:
    request = Request(url, headers={"User-Agent": AGENT, "Accept": "application/json"})
    with urlopen(request, timeout=SECONDS) as response:
        content = response.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ValueError("too long for an answer")
        answer = json.loads(content)
        if not isinstance(answer, dict):
            raise ValueError("no answer of a directory")
        return answer, response.headers


def _retry_after(headers: Message) -> timedelta | None:
    """Give how long a directory asks to be left alone (RFC 9110, 10.2.3: seconds, or an instant); None: it does not."""
    said = headers.get("Retry-After")
    if said is None:
        return None
    if said.strip().isdecimal():
        try:
            return timedelta(seconds=int(said))
        except (OverflowError, ValueError):  # more than a timedelta holds, or more digits than Python reads
            return timedelta.max
    try:
        return max(parsedate_to_datetime(said) - datetime.now(UTC), timedelta(0))
    except (TypeError, ValueError):
        return None
