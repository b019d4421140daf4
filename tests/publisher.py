"""A publisher's web site on this machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import IO


@dataclass
class Publisher:
    """A web site that answers conditional requests, and keeps what it was asked and by how many at once."""

    pages: dict[str, bytes]
    asked: list[tuple[str, int]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    at_once: int = 0
    most_at_once: int = 0
    fails: dict[str, int] = field(default_factory=dict)
    instead: dict[str, int] = field(default_factory=dict)
    leads_to: dict[str, str] = field(default_factory=dict)
    slow_seconds: float = 0.0
    drip_seconds: float = 0.0
    cut_short: bool = False
    folds: bool = False

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve on a port of this machine and give the address."""
        publisher, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with lock:
                    publisher.at_once += 1
                    publisher.most_at_once = max(publisher.most_at_once, publisher.at_once)
                time.sleep(publisher.slow_seconds)
                code = publisher.answer(self.path, self.headers)
                publisher.asked.append((self.path, code))
                publisher.agents.add(self.headers["User-Agent"])
                body = publisher.pages[self.path] if code == 200 else b""
                self.send_response(code)
                if code == 302:
                    self.send_header("Location", publisher.leads_to[self.path])
                tag = publisher.tag(self.path)
                self.send_header("ETag", tag.replace(" ", "\r\n ") if publisher.folds else tag)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                publisher.send(body, self.wfile)
                with lock:
                    publisher.at_once -= 1

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}"
            finally:
                server.shutdown()
                thread.join()

    def send(self, body: bytes, file: IO[bytes]) -> None:
        """Send a body, byte by byte where it drips, and without its last where it is cut short, while anybody reads."""
        body = body[:-1] if self.cut_short else body
        parts = [body[at : at + 1] for at in range(len(body))] if self.drip_seconds else [body]
        with suppress(ConnectionError):
            for part in parts:
                file.write(part)
                time.sleep(self.drip_seconds)

    def answer(self, path: str, headers: Mapping[str, str]) -> int:
        """Decide on a code."""
        if self.fails.get(path, 0):
            self.fails[path] -= 1
            return 503
        if path in self.leads_to:
            return 302
        if path in self.instead:
            return self.instead[path]
        if path not in self.pages:
            return 404
        return 304 if headers.get("If-None-Match") == self.tag(path) else 200

    def tag(self, path: str) -> str:
        """Give the tag of what a page holds now."""
        return f'"{hash(self.pages.get(path))} x"'
