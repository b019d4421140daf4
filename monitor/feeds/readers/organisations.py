"""Read a registry from what is published: ODS `etr.csv`, a dimension with types, ORD records, our own form.

Pure: bytes in, organisations and successions out. Which layout it is shows in the content, never in the
file's name. Closing days are published as the last day that a body is there; ours is the day after.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from monitor.errors import BadFile
from monitor.feeds.registry import ORD, Load, after, agreeing, day_at, organisation, succession, text_at
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


def read_organisations(content: bytes) -> Load:
    """Read a registry file of any layout that is known; `BadFile` says which these are, or what is wrong."""
    text = _text(content)
    if text.lstrip()[:1] in ("{", "["):
        return _json(text)
    try:
        lines = csv.reader(io.StringIO(text))
        rows = [(f"line {lines.line_num}", row) for row in lines if row]
    except csv.Error as error:
        raise BadFile(f"this is no registry of organisations; known are {LAYOUTS}") from error
    if rows and set(DIMENSION) <= set(rows[0][1]):
        return Load("dimension", agreeing(_dimension(rows)))
    if rows and all(len(row) == ETR_COLUMNS for _, row in rows):
        return Load("etr", agreeing((where, _etr(where, row)) for where, row in rows))
    raise BadFile(f"this is no registry of organisations; known are {LAYOUTS}")


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # what Excel on Windows saves as CSV


def _etr(where: str, row: list[str]) -> Organisation:
    return organisation(
        where,
        code=row[0],
        name=row[1],
        region=REGIONS.get(row[2].strip()),  # this layout states no types
        start=_compact_day(where, row[10]),
        end=after(_compact_day(where, row[11])),
    )


def _compact_day(where: str, value: str) -> date | None:
    digits = value.strip()
    return day_at(where, f"{digits[:4]}-{digits[4:6]}-{digits[6:]}") if digits else None


def _dimension(rows: list[tuple[str, list[str]]]) -> Iterator[tuple[str, Organisation]]:
    """Read a dimension; its ValidFrom is when the row began to hold, not the organisation, so it is left."""
    (_, header), *body = rows
    twice = next((column for column in DIMENSION if header.count(column) > 1), None)
    if twice is not None:
        raise BadFile(f"the column {twice} stands twice; remove the wrong one")
    short = sum(len(row) < len(header) for _, row in body)
    if short:
        raise BadFile(f"{short} rows have fewer columns than the header; the file is cut short")
    for where, row in body:
        record = dict(zip(header, row, strict=False))
        code, name, kind, region = (record[column] for column in DIMENSION)
        group = PEER_GROUPS.get(kind.strip().lower())
        yield where, organisation(where, code=code, name=name, peer_group=group, region=region)


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
        return _ord({f"record {number}": _record(entry) for number, entry in enumerate(_entries(document), 1)})
    except (KeyError, TypeError, AttributeError) as error:
        raise BadFile(f"this JSON is no registry of organisations; known are {LAYOUTS}") from error


def _own(document: Mapping[str, Any]) -> Load:
    stated = ((f"record {number}", entry) for number, entry in enumerate(document["organisations"], 1))
    steps = enumerate(document.get("successions", ()), 1)
    return Load(
        "organisations.json",
        agreeing((where, _own_entry(where, entry)) for where, entry in stated),
        tuple(
            succession(f"succession {number}", step["predecessor"], step["successor"], step["legal_date"])
            for number, step in steps
        ),
    )


def _own_entry(where: str, entry: Mapping[str, Any]) -> Organisation:
    return organisation(
        where,
        code=entry["code"],
        name=entry["name"],
        peer_group=_peer_group(text_at(where, entry.get("type"))),
        region=entry.get("region"),
        start=day_at(where, entry.get("start")),
        end=day_at(where, entry.get("end")),
    )


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


def _ord(records: Mapping[str, Mapping[str, Any]]) -> Load:
    trusts = {where: record for where, record in records.items() if _is_trust(record)}
    read = {where: _organisation(where, record) for where, record in trusts.items()}
    standing = {one.code for where, one in read.items() if one.end is None and _is_active(trusts[where])}
    steps = tuple(step for where, record in trusts.items() for step in _successions(where, record))
    # who is still there has handed over a service, not itself: its rows and its history stay its own
    whole = tuple(step for step in steps if step.predecessor not in standing or step.predecessor == step.successor)
    return Load(ORD, agreeing(read.items()), whole, len(records) - len(trusts), len(steps) - len(whole))


def _organisation(where: str, record: Mapping[str, Any]) -> Organisation:
    dates = _dates(record)
    return organisation(
        where,
        code=_code(record),
        name=record.get("Name"),  # roles tell trusts from sites, not acute from community
        start=day_at(where, dates.get("Start")),
        end=after(day_at(where, dates.get("End"))),
    )


def _is_active(record: Mapping[str, Any]) -> bool:
    return str(record.get("Status", "")).lower() == "active"


def _is_trust(record: Mapping[str, Any]) -> bool:
    roles = _several(record.get("Roles"), "Role")
    primary = [role for role in roles if str(role.get("primaryRole", "false")).lower() == "true"]
    return any(role.get("id") in TRUST_ROLES for role in primary or roles)


def _successions(where: str, record: Mapping[str, Any]) -> Iterator[Succession]:
    """Give the successions of a record; each may be recorded at either end or both."""
    here = _code(record)
    for entry in _several(record.get("Succs"), "Succ"):
        there = _target(entry)
        start = _legal(_several(entry.get("Date"))).get("Start")
        if there is None or start is None:
            continue  # a site's, or without a day: nothing to stand on
        before, behind = (there, here) if entry["Type"] == "Predecessor" else (here, there)
        yield succession(where, before, behind, start)


def _target(entry: Mapping[str, Any]) -> object:
    target = entry["Target"]
    role = target.get("PrimaryRoleId", {}).get("id")
    return _extension(target["OrgId"]) if role is None or role in TRUST_ROLES else None


def _dates(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return _legal(_several(record.get("Date")))


def _legal(dates: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Choose the legal dates; operational ones where no legal ones are stated."""
    by_type = {str(entry.get("Type", "Legal")): entry for entry in dates}
    return by_type.get("Legal") or by_type.get("Operational") or {}


def _code(record: Mapping[str, Any]) -> object:
    return _extension(record["OrgId"])


def _extension(identity: Any) -> object:
    return identity["extension"] if isinstance(identity, Mapping) else identity


def _several(section: Any, inner: str | None = None) -> list[Any]:
    """Give a section as a list: it may be absent, a bare object, or (with `inner`) one level down."""
    if inner is not None and isinstance(section, Mapping):
        section = section.get(inner)
    if section is None:
        return []
    return list(section) if isinstance(section, list) else [section]
