"""What can go wrong, sorted by what to do about it.

    MonitorError
    ├── BadRecord          put the record aside with its reason; the rest goes on
    │   └── FutureSchema   a message from a newer publisher
    ├── BadFile            refuse the whole file; nothing of it is published
    ├── BadRequest         tell the person what to type instead
    ├── BadTopic           leave this feed until somebody has mended its topic; the other feeds go on
    └── Outage             wait and try again
        └── PositionMoved  another worker took this feed: drop every cached state and read again

Anything else is a bug: it ends the process with the position unmoved.
"""

from __future__ import annotations

import errno
from enum import StrEnum


class Reason(StrEnum):
    """Why a record was dead-lettered; the remedy of each is in `REMEDIES`."""

    BAD_DATE = "bad date"
    AMBIGUOUS_DATE = "ambiguous date"
    FUTURE_DATE = "future date"
    BAD_NUMBER = "bad number"
    AMBIGUOUS_NUMBER = "ambiguous number"
    OUT_OF_RANGE = "out of range"
    UNKNOWN_CODE = "unknown code"
    UNKNOWN_ORGANISATION = "unknown organisation"
    ENDED_ORGANISATION = "ended organisation"
    UNKNOWN_INDICATOR = "unknown indicator"
    MISSING_FIELD = "missing field"
    MALFORMED_ROW = "malformed row"
    INCONSISTENT_RATE = "rate disagrees with its counts"
    DUPLICATE_ROW = "duplicate row with other content"
    CONTRADICTION = "contradiction"
    WRONG_PERIOD = "not a period of the calendar"
    SEALED = "period sealed"
    UNKNOWN_FEED = "no contract yet"
    OTHER_FEED = "another feed's message"
    BAD_MESSAGE = "unreadable message"
    FUTURE_SCHEMA = "schema from the future"


REMEDIES: dict[Reason, str] = {
    Reason.BAD_DATE: "correct the date in the file and publish it again, or the cell: monitor deadletters fix",
    Reason.AMBIGUOUS_DATE: "state the date as YYYY-MM-DD at its origin and publish the file again",
    Reason.FUTURE_DATE: "correct the date, or wait until it has passed: monitor deadletters replay",
    Reason.BAD_NUMBER: "correct the number in the file and publish it again, or the cell: monitor deadletters fix",
    Reason.AMBIGUOUS_NUMBER: "thousands or decimals? write thousands without a mark and publish the file again, or "
    "correct the cell: monitor deadletters fix",
    Reason.OUT_OF_RANGE: "check the unit (a share is 0-100 %, a count is not negative) and publish the file again",
    Reason.UNKNOWN_CODE: "correct the code, or teach the feed's reader the new one, then monitor deadletters replay",
    Reason.UNKNOWN_ORGANISATION: "monitor organisations add CODE … (or load), then monitor deadletters replay; "
    "a misspelt code is corrected in its cell: monitor deadletters fix",
    Reason.ENDED_ORGANISATION: "monitor organisations load its successor, then monitor deadletters replay",
    Reason.UNKNOWN_INDICATOR: "add the indicator to the feed's contract in dags/, then monitor deadletters replay",
    Reason.MISSING_FIELD: "fill the field in the file and publish it again, or the cell: monitor deadletters fix",
    Reason.MALFORMED_ROW: "mend the row (columns, quotes, characters) and publish the file again",
    Reason.INCONSISTENT_RATE: "ask the source which of rate and counts is right and publish the mended file",
    Reason.DUPLICATE_ROW: "ask the source which row holds; publish the mended file, with --published if it corrects",
    Reason.CONTRADICTION: "ask the source which word holds; publish it with a later --published",
    Reason.WRONG_PERIOD: "use the calendar that the feed's contract states, or change the contract",
    Reason.SEALED: "the period's events were summed up and have expired; what it lacks can come as a figure",
    Reason.UNKNOWN_FEED: "publish with the feed's contract first",
    Reason.OTHER_FEED: "its publisher wrote to the wrong topic: mend that, and publish it to its own feed",
    Reason.BAD_MESSAGE: "publish with this version of monitor; monitor feeds check says what is wrong with a contract",
    Reason.FUTURE_SCHEMA: "upgrade the worker, then publish again",
}

WITHHELD = "what stands there could be a name and is not repeated: the row in the file has it"
"""Said beside the remedy where a person must look up which code nobody knows."""


def remedy(reason: Reason, shown: str | None) -> str:
    """Say what to do about a record; `shown` None: nothing of it may be repeated."""
    is_withheld = reason is Reason.UNKNOWN_ORGANISATION and shown is None
    return f"{REMEDIES[reason]}; {WITHHELD}" if is_withheld else REMEDIES[reason]


class MonitorError(Exception):
    """What this service raises itself; the message names the thing, the value and the remedy."""


class BadRecord(MonitorError):
    """A record that cannot be taken in: put aside with its reason, counted and listed.

    `value` is set only where it is a date, a number in range or a known code; never anything else.
    """

    def __init__(self, reason: Reason, field: str, value: str | None = None) -> None:
        """Keep reason, field and printable value."""
        shown = "" if value is None else f" {value}"
        super().__init__(f"{field}{shown}: {reason.value}; {remedy(reason, value)}")
        self.reason, self.field, self.value = reason, field, value


class FutureSchema(BadRecord):
    """A message of a newer format than this worker reads."""


class BadFile(MonitorError):
    """A file that cannot be read as this feed: nothing of it is published."""


class BadRequest(MonitorError):
    """What a person asked for cannot be done; the message says what to type instead."""


class BadTopic(MonitorError):
    """A feed's topic does not go on from where the feed stands; the message names the feed and what mends it."""


class Outage(MonitorError):
    """A part outside is away for now: wait and try again.

    `remedy` tells a person what to do whose command has ended over it; a loop that waits by itself leaves it out.
    """

    def __init__(self, message: str = "", *, remedy: str | None = None) -> None:
        """Keep what is away apart from what to do about it."""
        super().__init__(message)
        self.remedy = remedy


class PositionMoved(Outage):
    """Another worker's tick took this feed's position: every cached state is stale."""


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_PLACE = (errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG)


def of_the_system(error: OSError) -> MonitorError | None:
    """Say in our words why a file could not be written or read; None: that is for a programmer."""
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in NO_ROOM:
        return Outage(f"{where}{error.strerror}", remedy="make room there, then run it again")
    if error.errno in NO_PLACE:
        return BadRequest(f"{where}{error.strerror}; name another place, or mend this one")
    return None
