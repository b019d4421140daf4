"""The landing: files by content hash, the register of them, and the key of this home's hashes.

HOME/landed/HASH.suffix holds the bytes until they expire; HOME/register/HASH.json never expires. A page of the
register has the first landing and, for each feed that the file came for, what was read in it, what was said of it
(a stated date; the hash of the coverage file that came with it) and how far its publishing is; that of a coverage
file has the last instant at which a file came with it, and one whose bytes came again after they had expired the last
at which they did. Beside the pages, HOME/register/FEED-PLACE/ has a word for each name that was taken there.
HOME/waiting/FEED/HASH names what a run has landed and nobody has wholly published yet, so that no listing of the
register is needed. Everything is private to its owner.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from monitor.errors import BadFile, BadRequest
from monitor.feeds.delivery import Delivery
from monitor.feeds.landed import Landed
from monitor.feeds.mending import Mending, corrections, mendings, with_mendings
from monitor.feeds.register import anew, is_known, is_over, said_of, with_counts, with_turn
from monitor.keeping import create, replace, turn

KEY_BYTES = 32
RESTORE = "restore it from the backup: without it every file would count again"
Word = dict[str, Any]
"""What the register says of a file for one feed."""


class Reading(NamedTuple):
    """What was sent of a file: as read at which instant, and the hash of what it said (None: an older version's)."""

    at: datetime
    digest: str | None


class Landing:
    """The landing of one home. Landing the same bytes again changes their counts and what is said of them at most."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._landed = home / "landed"
        self._register = home / "register"
        self._waiting = home / "waiting"

    def key(self) -> bytes:
        """Give the key of this home's hashes, made once, before any file lands; `BadRequest` where it has gone."""
        path = self._home / "key"
        if not path.exists():
            has_landed = any(self._register.glob("*.json"))
            if has_landed and not path.exists():  # asked again: another process may have made both meanwhile
                raise BadRequest(f"{path} is missing; {RESTORE}")
            self._create(path, secrets.token_bytes(KEY_BYTES))
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            raise BadRequest(f"{path} is damaged; {RESTORE}")
        return key

    def land(
        self, delivery: Delivery, feed: str, *, now: datetime, stated: date | None, counts: Mapping[str, object]
    ) -> Landed:
        """Keep the bytes, and durably their first landing with what this feed read in them."""
        said = dict(counts) if stated is None else {**counts, "stated": stated.isoformat()}
        if isinstance(delivery.covers, bytes):
            said["covers"] = self._beside(delivery.covers, now)
        checksum = self._keep(delivery.content, _suffix(delivery.name), now)
        known = is_known(self._page(checksum)["feeds"].get(feed), counts.get("source"))
        self._change(checksum, feed, lambda word: with_counts(word, said))
        return self.landed(checksum, feed, already_known=known)

    def arrive(
        self, delivery: Delivery, feed: str, *, now: datetime, stated: date | None, again: bool, turned: bool = False
    ) -> str:
        """Keep what came for a feed, and have it wait unless nothing of it is new; give its checksum.

        `again`: it waits however often it has been published, or refused. `turned`: whoever was asked said something
        else before, so that this is its word from now on, whenever it first landed.
        """
        with turn(self._waiting):  # nobody finishes it between the two
            landed = self.land(delivery, feed, now=now, stated=stated, counts={})
            if turned and landed.first < now:
                day = stated.isoformat() if stated else None
                self._change(landed.checksum, feed, lambda word: with_turn(word, now.isoformat(), day))
            if again:
                self._change(landed.checksum, feed, anew)
            if not is_over(self._word(landed.checksum, feed)):
                replace(self._waiting / feed / landed.checksum, b"")
        return landed.checksum

    def waiting(self, feed: str) -> tuple[str, ...]:
        """Name the files that have landed for a feed and are not wholly published, in the order of their landing."""
        folder = self._waiting / feed
        found = [path.name for path in folder.iterdir() if _is_checksum(path.name)] if folder.is_dir() else []
        return tuple(sorted(found, key=lambda checksum: (self.landed(checksum, feed).ranked, checksum)))

    def landed(self, checksum: str, feed: str, *, already_known: bool = True) -> Landed:
        """Give what the register knows of a file that came for a feed."""
        page = self._page(checksum)
        word = page["feeds"].get(feed, {})
        stated = date.fromisoformat(word["stated"]) if "stated" in word else None
        first, covers = datetime.fromisoformat(page["first"]), word.get("covers")
        turned = datetime.fromisoformat(word["turned"]) if "turned" in word else None
        return Landed(
            checksum, first, stated, already_known, covers, corrections(mendings(word)), word.get("source"), turned
        )

    def corrected(self, delivery: Delivery, feed: str) -> Delivery:
        """Give a delivery with all that people have corrected in these bytes for this feed, if they landed before."""
        checksum = sha256(delivery.content).hexdigest()
        if not self._path(checksum).exists():
            return delivery
        return dataclasses.replace(delivery, corrections=corrections(self.mendings(checksum, feed)))

    def mend(self, checksum: str, feed: str, *done: Mending) -> None:
        """Keep what a named person did about a landed file, after all that was done before; it never expires."""
        self._change(checksum, feed, lambda word: with_mendings(word, done))

    def mendings(self, checksum: str, feed: str) -> tuple[Mending, ...]:
        """Give what people did about a landed file, the oldest first."""
        return mendings(self._word(checksum, feed))

    def whole(self, beginning: str) -> str:
        """Give the checksum of the landed file that begins so; `BadRequest` where there is none, or several."""
        found = sorted(path.stem for path in self._register.glob(f"{beginning}*.json")) if beginning.isalnum() else []
        if len(found) != 1:
            many = "no file" if not found else f"{len(found)} files"
            raise BadRequest(f"{many} of a checksum that begins with {beginning} landed here; see MONITOR_HOME")
        return found[0]

    def reopened(self, landed: Landed) -> Delivery:
        """Give a landed file as it came; `BadFile` where its bytes have expired."""
        covers = None if landed.covers is None else self.content(landed.covers)
        suffix = self._page(landed.checksum)["suffix"]
        name = f"{landed.checksum[:12]}{suffix}"
        return Delivery(name, self.content(landed.checksum), covers, landed.corrections)

    def content(self, checksum: str) -> bytes:
        """Give the bytes of a landed file; `BadFile` where they have expired, or are no longer those that landed."""
        path = self._bytes(checksum, self._page(checksum)["suffix"])
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise BadFile(f"landed file {checksum[:12]} has expired; fetch it from its source again") from error
        if sha256(content).hexdigest() != checksum:
            raise BadFile(f"landed file {checksum[:12]} is damaged; fetch it from its source again")
        return content

    def size(self, checksum: str) -> int:
        """Give how many bytes a landed file has; 0: they have expired."""
        path = self._bytes(checksum, self._page(checksum)["suffix"])
        return path.stat().st_size if path.exists() else 0

    def sent(self, landed: Landed, feed: str, *, read_at: datetime, counts: Mapping[str, object], digest: str) -> None:
        """Note that all words of a file, as read at this instant and hashed, are durable on the bus."""
        word = {"at": read_at.isoformat(), "digest": digest}

        def later(held: Word) -> Word:
            # of two readings that were sent the later one holds: what had not happened on the day before may have since
            return held if "sent" in held and held["sent"]["at"] > word["at"] else {**held, **counts, "sent": word}

        self._change(landed.checksum, feed, later)

    def reading(self, checksum: str, feed: str) -> Reading | None:
        """Give the reading of a file whose words are durable; None: nobody has sent any."""
        sent = self._word(checksum, feed).get("sent")
        if sent is None:
            return None
        return Reading(datetime.fromisoformat(sent["at"]), sent.get("digest"))

    def finish(self, landed: Landed, feed: str) -> bool:
        """Note that a file is wholly published, with all that was said of it; False: somebody had noted that before."""
        return self._end(landed, feed, "published")

    def refuse(self, landed: Landed, feed: str) -> None:
        """Note that a file is none of this feed's as it is; it waits no longer, and is not taken up again as it is."""
        self._end(landed, feed, "refused")

    def expired(self, kept: Mapping[str, timedelta], *, otherwise: timedelta, now: datetime) -> tuple[str, ...]:
        """Name the bytes that no feed they came for keeps any longer; of each, how long from their first landing on.

        From the last one that brought them back, where they had expired. `otherwise`: how long a feed that is not
        named keeps them. What came for no feed (a coverage file, what a crash has left without a page) is kept as long
        as what is kept longest; a coverage file from the last landing of a file that it came beside, since that one is
        not read without it.
        """
        found = sorted(self._landed.iterdir()) if self._landed.is_dir() else []
        return tuple(path.name for path in found if self._kept_until(path, kept, otherwise) <= now)

    def _kept_until(self, path: Path, kept: Mapping[str, timedelta], otherwise: timedelta) -> datetime:
        longest = max([otherwise, *kept.values()])
        if not self._path(path.stem).exists():
            try:
                return datetime.fromtimestamp(path.stat().st_mtime, UTC) + longest
            except FileNotFoundError:  # another process was writing it, under a name of its own, and has named it
                return datetime.max.replace(tzinfo=UTC)
        page = self._page(path.stem)
        own = max((kept.get(feed, otherwise) for feed in page["feeds"]), default=longest)
        until = datetime.fromisoformat(page.get("refetched", page["first"])) + own
        return max(until, datetime.fromisoformat(page["beside"]) + longest) if "beside" in page else until

    def drop(self, name: str, kept: Mapping[str, timedelta], *, otherwise: timedelta, now: datetime) -> bool:
        """Drop bytes unless they wait, came beside what does, or are kept longer since `expired`; their page stays."""
        path = self._landed / name
        with turn(self._waiting):
            if self._awaits(path.stem) or self._kept_until(path, kept, otherwise) > now:
                return False
            path.unlink(missing_ok=True)
        return True

    def _awaits(self, stem: str) -> bool:
        """Say whether a file waits under this name or, if it is a coverage file's, beside it."""
        if any(self._waiting.glob(f"*/{stem}")):
            return True
        if not (self._path(stem).exists() and "beside" in self._page(stem)):
            return False  # so of nearly all: the pages of all that waits are not read for each of them
        found = (path for path in self._waiting.glob("*/*") if _is_checksum(path.name))
        return any(self._word(path.name, path.parent.name).get("covers") == stem for path in found)

    def _end(self, landed: Landed, feed: str, how: str) -> bool:
        with turn(self._waiting):
            is_new = self._word(landed.checksum, feed).get(how) != said_of(landed)
            self._change(landed.checksum, feed, lambda word: {**anew(word), how: said_of(landed)})
            if is_over(self._word(landed.checksum, feed)):  # unless more was said of it meanwhile
                (self._waiting / feed / landed.checksum).unlink(missing_ok=True)
        return is_new

    def _keep(self, content: bytes, suffix: str, now: datetime) -> str:
        """Keep bytes and give their checksum; the page of a file says where its bytes lie."""
        checksum = sha256(content).hexdigest()
        if not self._path(checksum).exists():
            self.key()
            page = {"sha256": checksum, "suffix": suffix, "first": now.isoformat(), "feeds": {}}
            self._create(self._bytes(checksum, suffix), content)
            self._create(self._path(checksum), _json(page))
        kept = self._bytes(checksum, self._page(checksum)["suffix"])
        if not kept.exists():
            self._note(checksum, "refetched", now)
            self._create(kept, content)
        return checksum

    def _beside(self, covers: bytes, now: datetime) -> str:
        """Keep a coverage file, with the instant at which a file last came with it, and give its checksum."""
        checksum = self._keep(covers, ".csv", now)
        self._note(checksum, "beside", now)
        return checksum

    def _note(self, checksum: str, what: str, now: datetime) -> None:
        """Note on a page the last instant of this."""
        with turn(self._register):
            page = self._page(checksum)
            replace(self._path(checksum), _json({**page, what: max(now.isoformat(), page.get(what, ""))}))

    def _word(self, checksum: str, feed: str) -> Word:
        word: Word = self._page(checksum)["feeds"].get(feed, {})
        return word

    def _page(self, checksum: str) -> Any:
        try:
            return json.loads(self._path(checksum).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise BadRequest(f"no file of checksum {checksum[:12]} has landed here; see MONITOR_HOME") from error

    def _change(self, checksum: str, feed: str, change: Callable[[Word], Word]) -> None:
        with turn(self._register):
            page = self._page(checksum)
            word = change(page["feeds"].get(feed, {}))
            if page["feeds"].get(feed) != word:
                page["feeds"][feed] = word
                replace(self._path(checksum), _json(page))

    def _path(self, checksum: str) -> Path:
        return self._register / f"{checksum}.json"

    def _bytes(self, checksum: str, suffix: str) -> Path:
        return self._landed / f"{checksum}{suffix}"

    def _create(self, path: Path, content: bytes) -> None:
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        create(path, content)


def _is_checksum(name: str) -> bool:
    return len(name) == sha256().digest_size * 2 and name.isalnum()


def _suffix(name: str) -> str:
    """Keep a plain suffix of a name and nothing else: names may say who is in a file."""
    suffix = Path(name).suffix.lower()
    return suffix if suffix[1:].isalnum() and len(suffix) <= 8 else ""


def _json(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, indent=1).encode()
