"""What one cell of a file says: numbers, days and codes, or the reason why not.

A value is repeated in an error only where it can identify nobody: a date, a number in range, a code.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from datetime import date, timedelta
from functools import lru_cache

from monitor.errors import BadRecord, Reason
from monitor.feeds.commas import UNCLEAR
from monitor.model import PeerGroup
from monitor.organisations import PEER_GROUPS

HIDDEN = frozenset({".", "*", "**", "-"})
"""How publishers write "not applicable" and "too few people to show"."""
ABSENT = frozenset({"", "na", "n/a", "null", "none"})
LONGEST_ABSENT = max(map(len, ABSENT))

EXCEL_EPOCH = date(1899, 12, 30)  # day 0 of Excel's serial dates, its wrong leap day of 1900 allowed for
EXCEL_DAYS = range(20_000, 60_000)  # 1954 to 2064: a serial day, and no year or count
FIRST_YEAR = 1990  # before any of these publications: a date below is a slip or a system's default
LAST_YEAR = 2100  # after it: a slip, or a stand-in for never
LARGEST = 2**31 - 1  # what every database holds as an integer

# Longer codes hold a digit: a word without one could be a name, and is not taken. One of three letters could be
# either (RAJ, LEE): it is taken, and repeated only once it is known (`shown`).
_ORGANISATION = re.compile(r"[A-Z0-9]{3}|(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{4,6}")
# What nobody is called by: three signs with a digit (RX1), or letters and digits in turn (G6V2S, 8A123).
_NO_NAME = re.compile(r"(?=[A-Z]*\d)[A-Z0-9]{3}(-[A-Z])?|[A-Z]\d[A-Z]\d[A-Z]|\d[A-Z]\d{2,4}")
_NEARLY = re.compile(r"[A-Z0-9]{3,5}-[A-Z]")  # RYK-X of the sickness workbook
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_SOME = re.compile(r"^[^eE]*[1-9]", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", re.ASCII)
_BRITISH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: .*)?", re.ASCII)
_NAMED = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})[ -](\d{4})", re.ASCII)
_MONTH = re.compile(r"(?:(\d{4})[ -]([A-Za-z]{3,9})|([A-Za-z]{3,9})[ -](\d{4}))", re.ASCII)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def is_hidden(text: str) -> bool:
    """Say whether a publisher left this figure out on purpose."""
    return text in HIDDEN


def is_absent(text: str) -> bool:
    """Say whether nothing stands here."""
    return len(text) <= LONGEST_ABSENT and text.casefold() in ABSENT


def number(text: str, field: str) -> float:
    """Read a finite number; commas may part thousands, and one that its file leaves open is put aside.

    >>> number("1,234.5", "beds")
    1234.5
    """
    found = _number(text)
    if found is None and text.endswith(UNCLEAR):
        raise BadRecord(Reason.AMBIGUOUS_NUMBER, field)
    if found is None:
        raise BadRecord(Reason.MISSING_FIELD if is_absent(text) else Reason.BAD_NUMBER, field)
    return found


def amount(text: str, field: str) -> float:
    """Read a number that is not negative."""
    value = number(text, field)
    if value < 0:
        raise BadRecord(Reason.OUT_OF_RANGE, field)
    return value


def whole(text: str, field: str) -> int:
    """Read a count."""
    value = amount(text, field)
    if value != int(value):
        raise BadRecord(Reason.BAD_NUMBER, field)
    if abs(value) > LARGEST:
        raise BadRecord(Reason.OUT_OF_RANGE, field)
    return int(value)


@lru_cache(maxsize=20_000)  # a file has few days and many rows
def day(text: str, field: str) -> date:
    """Read a day: 2025-04-30, 30/04/2025, 30 Apr 2025, a month (its first day) or Excel's serial number.

    >>> day("45777", "DATE"), day("2014-NOV", "DATE")
    (datetime.date(2025, 4, 30), datetime.date(2014, 11, 1))
    """
    if is_absent(text):
        raise BadRecord(Reason.MISSING_FIELD, field)
    found = _day(text)
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadRecord(Reason.BAD_DATE, field)
    return found


def past_day(text: str, field: str, today: date) -> date:
    """Read a day that is not in the future."""
    found = day(text, field)
    if found > today:
        raise BadRecord(Reason.FUTURE_DATE, field, found.isoformat())
    return found


@lru_cache(maxsize=20_000)  # a file has few organisations and many rows
def organisation(text: str, field: str) -> str:
    """Read an organisation's code; what does not look like one is not repeated, nor what may not be `shown`."""
    code = capitals(text)
    if not code:
        raise BadRecord(Reason.MISSING_FIELD, field)
    if not _ORGANISATION.fullmatch(code):
        raise BadRecord(Reason.UNKNOWN_ORGANISATION, field, code if _NEARLY.fullmatch(code) else None)
    return code


def looks_like_a_code(text: str) -> bool:
    """Say whether this could be an organisation's code."""
    return _ORGANISATION.fullmatch(capitals(text)) is not None


def capitals(text: str) -> str:
    """Write a code in capitals; what holds another letter is no code and stays: ß would become SS, another body's.

    >>> capitals("rx1"), capitals("ß12")
    ('RX1', 'ß12')
    """
    return text.upper() if text.isascii() else text


def shown(code: str, registered: Collection[str] = (), *, public: bool = False) -> str | None:
    """Give what was read as a code, where it may be repeated; None: nobody registered it, and it could be a name.

    `public`: from an official publication, which anybody can read.

    >>> shown("RX1"), shown("LEE"), shown("RAJ", {"RAJ"}), shown("RYK-X", {"RYK"}), shown("RQX", public=True)
    ('RX1', None, 'RAJ', 'RYK-X', 'RQX')
    >>> shown("G6V2S"), shown("JONES1"), shown("JS1234")  # a user name is a name or initials, and then digits
    ('G6V2S', None, None)
    """
    is_no_name = _NO_NAME.fullmatch(code) is not None
    is_a_code = looks_like_a_code(code) or _NEARLY.fullmatch(code) is not None
    return code if is_a_code and (public or is_no_name or code.partition("-")[0] in registered) else None


def code(text: str, field: str, known: frozenset[str]) -> str:
    """Read a code of a list; excess zeros and decimals of a spreadsheet are dropped."""
    plain = text.removesuffix(".0")
    if plain not in known:
        raise BadRecord(Reason.UNKNOWN_CODE, field)
    return plain


def flag(text: str, field: str) -> bool:
    """Read yes or no, in the ways systems write them; nothing is no."""
    plain = text.casefold().removesuffix(".0")
    if plain in {"1", "y", "yes", "true", "t"}:
        return True
    if plain in {"", "0", "n", "no", "false", "f"}:
        return False
    raise BadRecord(Reason.UNKNOWN_CODE, field)


def peer_group(kind: str) -> PeerGroup | None:
    """Read an organisation's type as published; None: out of scope, or a type that nobody has seen yet.

    The back series tells sizes apart ("Acute - Large"), and joins learning disability to mental health.
    """
    name = kind.casefold()
    started = (group for prefix, group in PEER_GROUPS.items() if name == prefix or name.startswith(f"{prefix} -"))
    return next(started, PeerGroup.MENTAL_HEALTH if name.startswith("mental health") else None)


@lru_cache(maxsize=20_000)  # small counts come again and again
def _number(text: str) -> float | None:
    plain = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
    if not _NUMBER.fullmatch(plain):
        return None
    found = float(plain)
    is_lost = not found and _SOME.search(plain) is not None  # 1e-400 is not nothing
    return found if math.isfinite(found) and not is_lost else None


def _day(text: str) -> date | None:
    try:
        if found := _ISO.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _BRITISH.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _NAMED.fullmatch(text):
            return date(int(found[3]), _month(found[2]), int(found[1]))
        if found := _MONTH.fullmatch(text):
            return date(int(found[1] or found[4]), _month(found[2] or found[3]), 1)
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
            return date(int(text[:4]), int(text[5:]), 1)
    except (ValueError, StopIteration):  # no day of the calendar, no month's name
        return None
    serial = re.fullmatch(r"([0-9]{5})(?:\.[0-9]+)?", text)
    return EXCEL_EPOCH + timedelta(days=int(serial[1])) if serial and int(serial[1]) in EXCEL_DAYS else None


KINDS = frozenset(
    {
        *("clinical commissioning group", "clinical commissioning groups", "commissioning support unit", "others"),
        *("integrated care board", "special health authority", "primary care trust", "strategic health authority"),
        *("integrated care boards", "commissioning support units", "special health authorities"),
        *("ccgs", "csus", "icbs", "social enterprises - community", "social enterprises - mental health"),
        "community surgical services",
    }
)
"""Types outside the four peer groups as publishers write them, in lower case."""


def kind_out_of_scope(text: str) -> str | None:
    """Name the type of an organisation that is out of scope by it; None where it is not known to be.

    A publisher that renames a type must not silence a peer group: figures of a type that nobody has seen go
    ahead without stating an organisation, so that the registry says whose they are, or the worker puts them aside.
    """
    return f"type: {text}" if text.casefold() in KINDS else None


def _month(name: str) -> int:
    plain = name.casefold()
    return next(place for place, month in enumerate(_MONTHS, 1) if plain in (month, month[:3], month[:4]))
