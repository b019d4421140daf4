"""The JSON documents beside the nation's files: the registry, the truth and the plan of arrivals."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from monitor.evaluation.arrivals import Arrival
from monitor.evaluation.circumstances import Circumstance
from monitor.evaluation.deterioration import Deterioration, Effects
from monitor.evaluation.figures import SHOCK_LENGTH
from monitor.evaluation.layouts import TYPES
from monitor.evaluation.nation import Nation
from monitor.evaluation.trusts import Trusts
from monitor.evaluation.weather import EARLIER
from monitor.model import Organisation, Succession

FOUNDATION = "2.16.840.1.113883.2.1.3.2.4.18.48"
"""Root of ODS codes in ORD records (domain.md §1.6)."""
NHS_TRUST = "RO197"
Document = dict[str, Any]


def write_json(path: Path, document: Document) -> None:
    """Write a document as people and programs read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, default=str) + "\n", encoding="utf-8")


def organisations_document(trusts: Trusts) -> Document:
    """Give the registry in the project's own form (schemas/organisations.json)."""
    return {
        "organisations": [
            {
                "code": organisation.code,
                "name": organisation.name,
                "type": TYPES[organisation.peer_group] if organisation.peer_group else None,
                "region": organisation.region,
                "start": organisation.start,
                "end": organisation.end,
            }
            for organisation in trusts.organisations
        ],
        "successions": [
            {"predecessor": step.predecessor, "successor": step.successor, "legal_date": step.legal_date}
            for step in trusts.successions
        ],
    }


def successions_document(trusts: Trusts) -> Document:
    """Give those who merge as ORD records; each succession stands at both ends (domain.md §1.6)."""
    merged = trusts.merged()
    return {
        "Organisations": [
            {"Organisation": _record(organisation, trusts.successions)}
            for organisation in trusts.organisations
            if organisation.code in merged
        ]
    }


def _record(organisation: Organisation, successions: Iterable[Succession]) -> Document:
    dates = {"Type": "Legal", "Start": str(organisation.start)}
    if organisation.end:
        dates["End"] = str(organisation.end - timedelta(days=1))  # ORD states the last day that a body is there
    record: Document = {
        "Name": organisation.name.upper(),
        "Date": [dates],
        "OrgId": _identity(organisation.code),
        "Status": "Inactive" if organisation.end else "Active",
        "orgRecordClass": "RC1",
        "Roles": {"Role": [{"id": NHS_TRUST, "primaryRole": True, "Status": "Active"}]},
    }
    steps = [
        _step(nth, step, organisation.code)
        for nth, step in enumerate(successions, 1)
        if organisation.code in (step.predecessor, step.successor)
    ]
    return {**record, "Succs": {"Succ": steps if len(steps) > 1 else steps[0]}}  # one alone comes as a bare object


def _step(nth: int, step: Succession, code: str) -> Document:
    is_heir = code == step.successor
    return {
        "uniqueSuccId": nth,
        "Date": [{"Type": "Legal", "Start": str(step.legal_date)}],
        "Type": "Predecessor" if is_heir else "Successor",
        "Target": {
            "OrgId": _identity(step.predecessor if is_heir else step.successor),
            "PrimaryRoleId": {"id": NHS_TRUST},
        },
    }


def _identity(code: str) -> Document:
    return {"root": FOUNDATION, "assigningAuthorityName": "HSCIC", "extension": code}


def truth_document(nation: Nation) -> Document:
    """Give what was planted (schemas/truth.json); only the scorer may read it."""
    return {
        "seed": nation.seed,
        "begin": nation.begin,
        "live_from": nation.live_from,
        "live_until": nation.live_until,
        "deteriorations": [_change(change) for change in nation.planted],
        "bright_spots": [_change(change) for change in nation.bright],
        "befell": [_circumstance(one) for one in nation.befell],
        "silent": [{"organisation": nation.silent, "since": nation.silent_from}],
        "national_shock": {
            "start": nation.shock_from,
            "end": nation.shock_from + SHOCK_LENGTH,
            "region": nation.early_region,
            "region_start": nation.shock_from - EARLIER,
        },
        "successions": organisations_document(nation.trusts)["successions"],
        "organisations": len(nation.trusts.units),
    }


def _change(change: Deterioration) -> Document:
    return {
        "organisation": change.organisation,
        "pattern": change.pattern,
        "onset": change.onset,
        "effect": change.effect,
        "shape": change.shape,
        "ramp_weeks": change.ramp.days // 7,
        "indicators": _directions(change.moves),
    }


def _circumstance(one: Circumstance) -> Document:
    return {
        "organisation": one.organisation,
        "what": one.kind.value,
        "since": one.since,
        "until": one.until,
        "effect": one.effect,
        "indicators": _directions(one.moves),
    }


def _directions(moves: Effects) -> dict[str, str]:
    return {indicator: "rises" if way > 0 else "falls" for indicator, way in moves}


def arrivals_document(nation: Nation, plan: Iterable[Arrival]) -> Document:
    """Give the plan by which the files are published under a virtual clock."""
    return {
        "live_from": nation.live_from,
        "live_until": nation.live_until,
        "arrivals": [
            {
                "path": file.path,
                "feed": file.feed,
                "source": file.source,
                "arrives": file.arrives,
                "published": file.published,
                "through": file.through,
                "kind": file.kind,
                "rows": file.rows,
            }
            for file in plan
        ],
        "registry": [{"path": "organisations.json", "arrives": nation.live_from}]
        + [{"path": "successions.json", "arrives": day} for day in _merger_days(nation)],
    }


def _merger_days(nation: Nation) -> list[date]:
    return sorted({step.legal_date for step in nation.trusts.successions})[:1]
