"""A directory of organisations on this machine: what the ORD API answers, and what goes wrong with it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


def record(code: str, *, role: str = "RO197", start: str = "2000-04-01", **more: Any) -> dict[str, Any]:
    """Make the record of a trust; `end` is its last day, `succeeded` lists (kind, other, legal day)."""
    end, succeeded = more.get("end"), more.get("succeeded", ())
    days = {"Type": "Legal", "Start": start} | ({"End": end} if end else {})
    steps = [
        {
            "uniqueSuccId": number,
            "Date": [{"Type": "Legal", "Start": day}],
            "Type": kind,
            "Target": {"OrgId": {"extension": other}, "PrimaryRoleId": {"id": "RO197"}},
        }
        for number, (kind, other, day) in enumerate(succeeded)
    ]
    return {
        "Name": more.get("name", f"TRUST {code}"),
        "Date": [days],
        "OrgId": {"extension": code},
        "Status": "Inactive" if end else "Active",
        "LastChangeDate": more.get("changed", "2024-01-01"),
        "Roles": {"Role": [{"id": role, "primaryRole": True, "Status": "Active"}]},
        **({"Succs": {"Succ": steps}} if steps else {}),
    }


@dataclass
class Site:
    """What the directory holds, how it pages, and what it answers instead, by number of the request."""

    records: dict[str, dict[str, Any]]
    page: int = 1_000
    names_next: bool = True
    next_at: str = ""
    instead: dict[int, tuple[int, dict[str, str]]] = field(default_factory=dict)
    down_from: int | None = None
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    url: str = ""

    def answer(self, path: str) -> tuple[int, dict[str, str], dict[str, Any]]:
        """Give status, headers and body for a request, and remember it."""
        self.asked.append(path)
        number = len(self.asked)
        if self.down_from is not None and number >= self.down_from:
            return 503, {}, {}
        if number in self.instead:
            return (*self.instead[number], {})
        parts = urlsplit(path)
        name = parts.path.removeprefix("/ORD/organisations").strip("/")
        if name:
            return (200, {}, {"Organisation": self.records[name]}) if name in self.records else (404, {}, {})
        return self._list(parse_qs(parts.query))

    def _list(self, query: dict[str, list[str]]) -> tuple[int, dict[str, str], dict[str, Any]]:
        role, offset = query["PrimaryRoleId"][0], int(query.get("Offset", ["0"])[0])
        all_of = [one for one in self.records.values() if one["Roles"]["Role"][0]["id"] == role]
        some = all_of[offset : offset + self.page]
        headers = {"X-Total-Count": str(len(all_of))}
        if self.names_next and offset + len(some) < len(all_of):
            headers["next-page"] = (
                f"{self.next_at}/ORD/organisations?PrimaryRoleId={role}&Limit=1000&Offset={offset + len(some)}"
            )
        listed = [{"OrgId": one["OrgId"]["extension"], "LastChangeDate": one["LastChangeDate"]} for one in some]
        return 200, headers, {"Organisations": listed}

    def records_asked(self) -> list[str]:
        """Name the codes whose records were asked for, in order."""
        return [path.rpartition("/")[2] for path in self.asked if "?" not in path]


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve a directory on a port of its own until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.agents.add(self.headers["User-Agent"])
            status, headers, body = site.answer(self.path)
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}/ORD"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
