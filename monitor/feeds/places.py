"""Where a feed's files come from, as plain values: a feed's file names them, its DAG goes there.

Nothing here needs Airflow. Whatever differs between two machines stands in a setting or in an Airflow connection of
the name given here; from a place whose connection nobody has made, nothing comes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.errors import BadRequest

QUIET = timedelta(seconds=10)
"""A copy over a slow network pauses for less between two writes."""
OVERLAP = timedelta(weeks=8)
"""Reports are amended for six weeks (`wait` of incidents); and two of rest."""
DATED = r"^(\d{4}-\d{2}-\d{2})_"
"""Of a name that begins with the day of publication, as 2026-07-30_sickness.csv."""
ONE_FOLDER = "use letters, digits, _ and -; it names one folder"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WRITTEN = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3})[a-z]*\.?,?\s+(\d{4})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DropFolder:
    """A folder that people and systems put files into: MONITOR_DROPS/NAME, and a NAME.coverage.csv beside a file.

    Parameters
    ----------
    name
        Its name; None: the feed's key.
    published
        A pattern of file names whose one group is the day of publication; None: no name states it.
    quiet
        How long a file must not have changed before it is taken. More is safer where copies stall, and later.
    """

    name: str | None = None
    published: str | None = None
    quiet: timedelta = QUIET


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A folder of an object store: MONITOR_STORE/NAME. Objects appear there whole, so none is waited for."""

    name: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A publisher's web page that links to files.

    Parameters
    ----------
    connection
        The Airflow connection that holds the publisher's address (AIRFLOW_CONN_NAME=https://publisher.example).
    path
        The page on it.
    links
        A pattern found in the address of each file that is fetched.
    through
        A pattern found in the addresses of pages between, one for each publication; None: the page has the files.
    newest
        How many pages between are looked at, in the order of the page, which has the newest first.
    published
        A pattern of the page's text whose one group is the day of publication; None: no page states it.
    hosts
        Where files may lie beside the publisher's own host; asked by HTTPS alone. A link elsewhere is not followed.
    pause
        Rest between two requests: of all pages of one connection there is never more than one at a time.
    """

    connection: str
    path: str
    links: str
    through: str | None = None
    newest: int = 2
    published: str | None = None
    hosts: tuple[str, ...] = ()
    pause: timedelta = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True)
class Query:
    """A question to a local system's database, answered in the columns of the plain extract.

    A row that an answer no longer has stays counted: an answer of part of the rows says nothing of the others.

    Parameters
    ----------
    connection
        The Airflow connection of the database.
    sql
        Its columns are those of the plain extract, in any order. Where it names `:since`, as in
        `WHERE changed >= :since`, that is the day of the last question whose answer went to the bus, less the overlap;
        the first time, and where a run is asked for everything `again`, 1900-01-01. Without it everything is asked for.
    covers
        For events: a question whose answer is a coverage file (organisation, from, through); None: nothing is said.
    overlap
        How far back `:since` reaches beyond what was asked for before: longer than a row may be changed, or become
        visible, without its `changed` saying so. More asks for more rows that are known.
    """

    connection: str
    sql: str
    covers: str | None = None
    overlap: timedelta = OVERLAP


Place = DropFolder | ObjectStore | Page | Query


def identity(place: Place, feed: str) -> tuple[str, ...]:
    """Name a feed's place by where it is: how it is looked at may change, and what was taken there stays known."""
    kind = type(place).__name__
    match place:
        case DropFolder() | ObjectStore():
            return (kind, place.name or feed)
        case Page():
            return (kind, place.connection, place.path)
        case Query():
            return (kind, place.connection, place.sql)


def day_in(text: str, pattern: str | None) -> date | None:
    r"""Find the day that a name or a page states; None: no pattern, nothing there, or no day of the calendar.

    >>> day_in("sickness_2026-07-30.csv", r"_([0-9-]+)\.csv")
    datetime.date(2026, 7, 30)
    >>> day_in("Publication date: 30 Jul 2026", r"Publication date: (\d+ \w+ \d+)")
    datetime.date(2026, 7, 30)
    """
    found = re.search(pattern, text) if pattern else None
    if found is None:
        return None
    stated = found[1].strip()
    written = _WRITTEN.fullmatch(stated)
    try:
        if written:
            return date(int(written[3]), MONTHS.index(written[2].lower()) + 1, int(written[1]))
        return date.fromisoformat(stated)
    except ValueError:
        return None


def faults(place: Place) -> tuple[str, ...]:
    """Say in words what is wrong with a place; empty where nothing is."""
    patterns = [
        (name, value)
        for name in ("published", "links", "through")
        if isinstance(value := getattr(place, name, None), str)
    ]
    wrong = [f"hosts={host!r}: write a host's name alone" for host in getattr(place, "hosts", ()) if not _is_name(host)]
    if isinstance(place, DropFolder | ObjectStore) and place.name is not None and not _is_folder(place.name):
        wrong.append(f"{place.name!r}: {ONE_FOLDER}")
    if getattr(place, "overlap", OVERLAP) < timedelta(0):
        wrong.append("overlap: rows that change between two questions would be lost; at least none")
    return (*(fault for name, value in patterns if (fault := _fault(name, value))), *wrong)


def _is_name(host: str) -> bool:
    """Say whether this is a host's name in the open network: no address, no number, no machine of one's own."""
    return re.fullmatch(r"([a-z0-9-]+\.)+[a-z][a-z0-9-]+", host) is not None


def _fault(name: str, pattern: str) -> str | None:
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        return f"{name}={pattern!r} is no pattern: {error}"
    if name == "published" and groups != 1:
        return f"{name}={pattern!r} needs exactly one group, the day"
    return None


def folder_name(place: DropFolder | ObjectStore, feed: str) -> str:
    """Give the name of a place's folder, which is no path; `BadRequest` where it is."""
    name = place.name or feed
    if not _is_folder(name):
        raise BadRequest(f"{type(place).__name__} {name!r}: {ONE_FOLDER}")
    return name


def _is_folder(name: str) -> bool:
    return re.fullmatch(r"[\w-]+", name) is not None
