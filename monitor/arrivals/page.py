"""Files that a publisher's web page links to, fetched politely.

One request at a time with a rest between two, a name that says who asks, and what the publisher said last time
(ETag, Last-Modified) given back: what has not changed is not sent again.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from email.message import Message
from functools import partial
from http.client import HTTPException, HTTPMessage, HTTPResponse, IncompleteRead
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import structlog

from monitor.arrivals.firsts import Firsts
from monitor.arrivals.links import links, visible
from monitor.arrivals.thing import Got, Seen, Thing
from monitor.errors import Outage
from monitor.feeds.delivery import Delivery
from monitor.feeds.places import Page, day_in
from monitor.keeping import turn

log = structlog.get_logger()
AGENT = "culture-monitor (reads official statistics; one request at a time)"
SECONDS = 60
WITHIN = timedelta(minutes=5)
"""For one whole answer, however steadily it comes: all other places wait meanwhile, and `land` has half an hour."""
LARGEST = 256 * 2**20
"""Bytes of a file or page; the largest that is published is a tenth of it."""
PART = 2**20
GONE = {404, 410}
LATER = {408, 425, 429}
"""Answers about the request and not about what was asked for: another try can help."""
FAILS = 500
"""From here on a publisher says that it fails itself (RFC 9110, 15.6): often at one address alone."""
UNCHANGED = 304


class Reach(NamedTuple):
    """What may be asked for on behalf of a page: what its connection names, and further hosts by HTTPS alone.

    A page's links and a publisher's redirects are strangers' words: they must not choose what this machine fetches.
    """

    base: str
    hosts: frozenset[str]

    def holds(self, url: str) -> bool:
        """Say whether an address may be asked for."""
        parts, own = urlsplit(url), urlsplit(self.base)
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return True
        is_usual = parts.scheme == "https" and parts.port in (None, 443)
        return is_usual and parts.hostname in {own.hostname, *self.hosts}


class Answer(NamedTuple):
    """What a request gave: bytes (None: unchanged since `version`), the version to name next time, and who gave it."""

    content: bytes | None
    version: str
    url: str


@dataclass
class Visitor:
    """Asks one publisher, one thing after the other, whoever else visits it from this home at the same time.

    `turns`: the folder whose turn a request waits for; a file there keeps, as its time of change, when the last ended.
    """

    pause: timedelta
    reach: Reach
    turns: Path
    within: timedelta = WITHIN
    missed: int = field(default=0, init=False)
    withheld: Outage | None = field(default=None, init=False)
    """What befell the first link to which the publisher answered that it failed itself; others may still be there."""

    def ask(self, url: str, seen: str | None, *, is_link: bool = True) -> Answer | None:
        """Fetch what has changed since the version seen; None: there is nothing there. `Outage`: try again later.

        `is_link`: a page named it, so one that the publisher withholds is as good as gone, and holds up no other; nor
        does one with which it fails itself, which is `withheld` from this look.
        """
        try:
            with self._turn():
                return _asked(url, seen, self.reach, self.within)
        except HTTPError as error:
            error.close()
            if error.code == UNCHANGED and seen is not None:
                return Answer(None, seen, url)
            if error.code in GONE or (is_link and 300 <= error.code < 500 and error.code not in LATER):
                self.missed += 1
                log.warning("a page or file is gone", url=url, answer=error.code)
                return None
            outage = Outage(f"{urlsplit(url).netloc} answers {error.code}")
            if is_link and error.code >= FAILS:
                self.withheld = self.withheld or outage
                return None
            raise outage from error
        except (OSError, HTTPException) as error:
            raise Outage(f"{urlsplit(url).netloc} cannot be read: {type(error).__name__}") from error

    @contextmanager
    def _turn(self) -> Iterator[None]:
        last = self.turns / "last"
        with turn(self.turns):
            pause = self.pause.total_seconds()
            since = time.time() - last.stat().st_mtime if last.exists() else pause
            time.sleep(min(max(pause - since, 0.0), pause))  # no longer where the clock was set back
            try:
                yield
            finally:
                last.touch(mode=0o600)
                os.utime(last, (now := time.time(), now))  # the kernel's own stamp lags by up to a tick of its clock


def things(page: Page, base: str, seen: Seen, firsts: Firsts, turns: Path) -> Iterator[Thing]:
    """Give the files that the page links to; each page is read when its turn comes.

    What has come to a page since its day was first read has no stated day. `turns`: a folder for the visits of all
    pages, in which each publisher has one of its own. `Outage` at the end where the publisher failed with one of them.
    """
    reach = Reach(base, frozenset(page.hosts))
    visitor = Visitor(page.pause, reach, turns / quote(f"page-{page.connection}", safe=""))
    pages, fitting = _pages(page, base, seen, visitor), 0
    for url in pages:
        held = _held(page, url, seen, visitor, is_link=page.through is not None)
        stated = date.fromisoformat(held["stated"]) if held.get("stated") else None
        since = firsts.since(url, held["stated"], held["links"]) if stated else ()
        for link in held["links"]:
            if not re.search(page.links, link):
                continue
            fitting += 1
            if reach.holds(link):
                yield Thing(link, partial(_fetch, visitor, link), None if link in since else stated)
            else:
                log.warning("a link leads to a host that the page's `hosts` do not name", url=link)
                visitor.missed += 1
    if not fitting:
        log.warning("no link fits the page's patterns: its layout may be another", page=page.path, read=len(pages))
    if visitor.missed:
        log.warning("links of the page lead nowhere", page=page.path, links=visitor.missed)
    if visitor.withheld:
        raise visitor.withheld


def _pages(page: Page, base: str, seen: Seen, visitor: Visitor) -> Sequence[str]:
    first = urljoin(base, page.path)
    if page.through is None:
        return [first]
    links = _held(page, first, seen, visitor, is_link=False)["links"]
    return [link for link in links if re.search(page.through, link) and visitor.reach.holds(link)][: page.newest]


def _held(page: Page, url: str, seen: Seen, visitor: Visitor, *, is_link: bool) -> Mapping[str, Any]:
    """Give the links of a page and the day it states, as it says now or, unchanged, as it said last time.

    Its day was found by the pattern of that time: by another one it is looked for anew.
    """
    before = seen.page(url)
    if before is not None and before.get("published") != page.published:
        before = None
    answer = visitor.ask(url, before["version"] if before else None, is_link=is_link)
    if answer is None:
        return {"links": []}
    if answer.content is None:
        assert before is not None, "unchanged since what?"
        held = before
    else:
        text = answer.content.decode(errors="replace")
        stated = day_in(visible(text), page.published)
        day = {"published": page.published, "stated": stated and stated.isoformat()}
        held = {"version": answer.version, "links": links(text, answer.url), **day}
    seen.note_page(url, held)
    return held


def _fetch(visitor: Visitor, link: str, seen: str | None) -> Got | None:
    answer = visitor.ask(link, seen)
    if answer is None:
        return None
    name = urlsplit(link).path.rpartition("/")[2]
    return Got(answer.version, None if answer.content is None else Delivery(name, answer.content))


class _Redirects(HTTPRedirectHandler):
    """Follows where an answer leads, as far as a link would be followed."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def redirect_request(  # the names are urllib's
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if not self._reach.holds(newurl):
            raise HTTPError(req.full_url, code, f"leads to {newurl}", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)

    def http_error_302(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage) -> Any:
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except ValueError as error:
            raise HTTPError(req.full_url, code, "leads to no address", headers, fp) from error

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _asked(url: str, seen: str | None, reach: Reach, within: timedelta) -> Answer:
    headers = {"User-Agent": AGENT}
    if seen:
        tag, _, modified = seen.partition("\n")
        headers |= {"If-None-Match": tag} if tag else {}
        headers |= {"If-Modified-Since": modified} if modified else {}
    opener = build_opener(_Redirects(reach))
    with opener.open(Request(url, headers=headers), timeout=SECONDS) as response:  # of http and https: see `address`
        return Answer(_whole(response, url, within), _version(response.headers), response.url)


def _whole(response: HTTPResponse, url: str, within: timedelta) -> bytes:
    """Read an answer to its end; the timeout of its connection is for each part alone."""
    content, until = bytearray(), time.monotonic() + within.total_seconds()
    while part := response.read1(PART):
        content += part
        if len(content) > LARGEST:
            raise Outage(f"{urlsplit(url).netloc} sends more than {LARGEST:,} bytes for one file")
        if time.monotonic() > until:
            raise TimeoutError
    if response.length:  # cut short: neither `read` of so many bytes nor `read1` says so
        raise IncompleteRead(bytes(content), response.length)
    return bytes(content)


def _version(headers: Message) -> str:
    """Give tag and instant, each on one line: a header may be folded (RFC 9112, 5.2), but none that asks."""
    return "\n".join(" ".join(headers.get(name, "").split()) for name in ("ETag", "Last-Modified"))
