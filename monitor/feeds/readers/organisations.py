"""Read a registry from what is published: ODS `etr.csv`, a dimension with types, ORD records, our own form.

Pure: bytes in, organisations and successions out. Which layout it is shows in the content, never in the
file's name. Closing days are published as the last day that a body is there; ours is the day after.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from monitor.errors import BadFile
from monitor.model import Organisation, PeerGroup, Succession
from monitor.organisations import PEER_GROUPS, REGIONS

ETR_COLUMNS = 27
"""The standard headerless layout of ODS: 1 code, 2 name, 3 region (Y..), 11 open and 12 close date."""
TRUST_ROLES = {"RO197": "NHS trust", "RO57": "foundation trust", "RO107": "care trust"}
"""ORD roles of the bodies that are watched (domain.md §1.6); sites and all others are not."""
DIMENSION = ("OrganisationCode", "CanonicalOrganisationName", "OrganisationType", "RegionName")
LAYOUTS = (
    "ODS etr.csv (27 columns, no header), a CSV with OrganisationCode, CanonicalOrganisationName, OrganisationType "
    "and RegionName, ORD records as JSON, or organisations.json as `monitor simulate` writes it"
)


@dataclass(frozen=True, slots=True)
class Load:
    """What one registry file says: organisations, successions, and how many records were no trusts."""

    layout: str
    organisations: tuple[Organisation, ...]
    successions: tuple[Succession, ...] = ()
    out_of_scope: int = 0


def read_organisations(content: bytes) -> Load:
    """Read a registry file of any layout that is known; `BadFile` says which these are, or what is wrong."""
    text = _text(content)
    if text.lstrip()[:1] in ("{", "["):
        return _json(text)
    try:
        rows = [row for row in csv.reader(io.StringIO(text)) if row]
    except csv.Error as error:
        raise BadFile(f"this is no registry of organisations; known are {LAYOUTS}") from error
    if rows and set(DIMENSION) <= set(rows[0]):
        return _dimension(rows)
    if rows and all(len(row) == ETR_COLUMNS for row in rows):
        return Load("etr", tuple(_etr(number, row) for number, row in enumerate(rows, 1)))
    raise BadFile(f"this is no registry of organisations; known are {LAYOUTS}")


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # what Excel on Windows saves as CSV


def _etr(number: int, row: list[str]) -> Organisation:
    return Organisation(
        row[0].strip(),
        row[1].strip(),
        peer_group=None,  # this layout states no types
        region=REGIONS.get(row[2].strip()),
        start=_compact_day(row[10], number),
        end=_after(_compact_day(row[11], number)),
    )


def _compact_day(value: str, number: int) -> date | None:
    digits = value.strip()
    return _day(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}", f"line {number}") if digits else None


def _dimension(rows: list[list[str]]) -> Load:
    """Read a dimension; its ValidFrom is when the row began to hold, not the organisation, so it is left."""
    header, *body = rows
    twice = next((column for column in DIMENSION if header.count(column) > 1), None)
    if twice is not None:
        raise BadFile(f"the column {twice} stands twice; remove the wrong one")
    records = [dict(zip(header, row, strict=False)) for row in body]
    stated = [
        Organisation(
            record["OrganisationCode"].strip(),
            record["CanonicalOrganisationName"].strip(),
            PEER_GROUPS.get(record["OrganisationType"].strip().lower()),
            record["RegionName"].strip() or None,
        )
        for record in records
        if len(record) == len(header)
    ]
    if len(stated) != len(records):
        raise BadFile(f"{len(records) - len(stated)} rows have fewer columns than the header; the file is cut short")
    return Load("dimension", tuple(stated))


def _json(text: str) -> Load:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadFile(f"line {error.lineno} is not JSON: the file is cut short or damaged; fetch it again") from error
    except RecursionError as error:
        raise BadFile("this JSON is nested too deeply to be a registry") from error
    try:
        if isinstance(document, dict) and "organisations" in document:
            return _own(document)
        return _ord([_record(entry) for entry in _entries(document)])
    except (KeyError, TypeError, AttributeError) as error:
        raise BadFile(f"this JSON is no registry of organisations; known are {LAYOUTS}") from error


def _own(document: Mapping[str, Any]) -> Load:
    organisations = tuple(
        Organisation(
            str(entry["code"]),
            str(entry["name"]),
            _peer_group(entry.get("type")),
            entry.get("region"),
            _maybe_day(entry.get("start"), entry["code"]),
            _maybe_day(entry.get("end"), entry["code"]),
        )
        for entry in document["organisations"]
    )
    successions = tuple(
        Succession(step["predecessor"], step["successor"], _day(step["legal_date"], step["predecessor"]))
        for step in document.get("successions", ())
    )
    return Load("organisations.json", organisations, successions)


def _peer_group(kind: str | None) -> PeerGroup | None:
    return PEER_GROUPS.get(kind.lower()) if kind else None


def _entries(document: Any) -> list[Any]:
    if isinstance(document, dict) and "Organisations" in document:
        return _several(document["Organisations"])
    return _several(document)


def _record(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    record: Mapping[str, Any] = entry.get("Organisation", entry)
    _code(record)  # a KeyError here says that this is something else
    return record


def _ord(records: list[Mapping[str, Any]]) -> Load:
    trusts = [record for record in records if _is_trust(record)]
    steps = [step for record in trusts for step in _successions(record)]
    return Load("ORD", tuple(_organisation(record) for record in trusts), tuple(steps), len(records) - len(trusts))


def _organisation(record: Mapping[str, Any]) -> Organisation:
    dates = _dates(record)
    code = _code(record)
    return Organisation(
        code,
        str(record.get("Name", "")),
        peer_group=None,  # roles tell trusts from sites, not acute from community
        region=None,
        start=_maybe_day(dates.get("Start"), code),
        end=_after(_maybe_day(dates.get("End"), code)),
    )


def _is_trust(record: Mapping[str, Any]) -> bool:
    roles = _several(record.get("Roles"), "Role")
    primary = [role for role in roles if str(role.get("primaryRole", "false")).lower() == "true"]
    return any(role.get("id") in TRUST_ROLES for role in primary or roles)


def _successions(record: Mapping[str, Any]) -> Iterator[Succession]:
    """Give the successions of a record; each may be recorded at either end or both."""
    here = _code(record)
    for entry in _several(record.get("Succs"), "Succ"):
        there = _target(entry)
        start = _legal(_several(entry.get("Date"))).get("Start")
        if there is None or start is None:
            continue  # a site's, or without a day: nothing to stand on
        before, after = (there, here) if entry["Type"] == "Predecessor" else (here, there)
        yield Succession(before, after, _day(start, here))


def _target(entry: Mapping[str, Any]) -> str | None:
    target = entry["Target"]
    role = target.get("PrimaryRoleId", {}).get("id")
    return _extension(target["OrgId"]) if role is None or role in TRUST_ROLES else None


def _dates(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return _legal(_several(record.get("Date")))


def _legal(dates: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Choose the legal dates; operational ones where no legal ones are stated."""
    by_type = {str(entry.get("Type", "Legal")): entry for entry in dates}
    return by_type.get("Legal") or by_type.get("Operational") or {}


def _code(record: Mapping[str, Any]) -> str:
    return _extension(record["OrgId"])


def _extension(identity: Any) -> str:
    return str(identity["extension"] if isinstance(identity, Mapping) else identity)


def _several(section: Any, inner: str | None = None) -> list[Any]:
    """Give a section as a list: it may be absent, a bare object, or (with `inner`) one level down."""
    if inner is not None and isinstance(section, Mapping):
        section = section.get(inner)
    if section is None:
        return []
    return list(section) if isinstance(section, list) else [section]


def _after(last: date | None) -> date | None:
    return last + timedelta(days=1) if last else None


def _maybe_day(value: Any, where: str) -> date | None:
    return _day(value, where) if value else None


def _day(value: Any, where: str) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise BadFile(f"{where}: a date is not a day of the calendar; write it as YYYY-MM-DD") from error
