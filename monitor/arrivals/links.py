"""What a web page says: where its links lead, as a browser would follow them, and its text (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from urllib.parse import quote, urldefrag, urljoin, urlsplit, urlunsplit

KEPT = "/%:@!$&'()*+,;=~?"
"""Of an address as it is written in a page, what a browser sends as it is, beside letters and digits."""


def links(html: str, url: str) -> Sequence[str]:
    """Give the addresses that a page links to, each once, in their order, as a browser sends them.

    `url`: where the page was found in the end; a page may state another that its links begin from (HTML, 4.2.3).

    >>> links('<a href="a.csv">A</a><a href="/b#x">B</a><a href="mailto:x@y">C</a>', "https://publisher.example/p/")
    ['https://publisher.example/p/a.csv', 'https://publisher.example/b']
    """
    parser = _Links()
    parser.feed(html)
    start = address(parser.base, url) or url
    return list(dict.fromkeys(found for link in parser.found if (found := address(link, start)) is not None))


def base(kind: str, host: str, schema: str | None = None, port: int | None = None) -> str:
    """Give a publisher's address as an Airflow connection states it, in each form that Airflow's own hook reads.

    >>> base("https", "publisher.example")
    'https://publisher.example'
    >>> base("http", "publisher.example", schema="https", port=8443)
    'https://publisher.example:8443'
    >>> base("http", "https://publisher.example/")
    'https://publisher.example'
    """
    scheme = schema if schema in ("http", "https") else kind
    where = host.rstrip("/") if "://" in host else f"{scheme}://{host}"
    return f"{where}:{port}" if port else where


def address(link: str, url: str) -> str | None:
    """Give where a link of a page leads, percent-encoded (WHATWG URL, 4.4); None: to nothing that HTTP can ask for.

    >>> address(" rates 2025–26.csv", "https://publisher.example/p/")
    'https://publisher.example/p/rates%202025%E2%80%9326.csv'
    >>> address("http://[foo", "https://publisher.example/p/")
    """
    try:
        parts = urlsplit(urldefrag(urljoin(url, link.strip())).url)
        host = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # no address; UnicodeError is one too
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    where = f"[{host}]" if ":" in host else quote(host)
    return urlunsplit((parts.scheme, f"{where}{port}", quote(parts.path, KEPT), quote(parts.query, KEPT), ""))


def visible(html: str) -> str:
    """Give the text of a page without its marks, on one line."""
    parser = _Links()
    parser.feed(html)
    return " ".join("".join(parser.text).split())


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.base = ""
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.text.append(" ")
        where = next((value for name, value in attrs if name == "href" and value), "")
        if tag == "base":
            self.base = self.base or where
        elif tag == "a" and where:
            self.found.append(where)

    def handle_data(self, data: str) -> None:
        self.text.append(data)
