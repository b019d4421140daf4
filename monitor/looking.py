"""How each kind of place is looked at, with the settings and connections of where it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from monitor.arrivals import folder, links, page, query
from monitor.arrivals.firsts import Firsts
from monitor.arrivals.thing import Seen, Thing
from monitor.calendars import day_of
from monitor.errors import BadRequest
from monitor.feeds.places import DropFolder, ObjectStore, Page, Place, folder_name
from monitor.model import Feed
from monitor.wiring import Service


def looking(
    place: Place, feed: Feed, service: Service, *, connection: Callable[[str], Any], store: Callable[[str, str], Any]
) -> Callable[[Seen], Iterator[Thing]]:
    """Give how to look at a place; where its setting or connection is missing, nothing is there.

    `connection` gives Airflow's of a name, or None; `store` a folder of an object store by URL and name, as a path. A
    look raises `BadRequest` where a connection does not say what is needed of it.
    """

    def look(seen: Seen) -> Iterator[Thing]:
        now = service.clock.now()
        if isinstance(place, DropFolder):
            where = service.settings.drops / folder_name(place, feed.key)
            yield from folder.things(where, published=place.published, quiet=place.quiet, now=now)
        elif isinstance(place, ObjectStore):
            if service.settings.store is not None:
                objects = store(service.settings.store, folder_name(place, feed.key))
                yield from folder.things(objects, published=place.published, quiet=timedelta(0), now=now)
        elif (stated := connection(place.connection)) is None:
            return
        elif isinstance(place, Page):
            if not stated.host:
                raise BadRequest(f"connection {place.connection} has no host; state it as https://publisher.example")
            base = links.base(stated.conn_type, stated.host, stated.schema, stated.port)
            home = service.settings.home
            firsts = Firsts(home / "register" / f"{feed.key}-pages")
            yield from page.things(place, base, seen, firsts, home / "seen")
        else:
            yield from query.things(place, stated, today=day_of(now), is_sent=partial(_is_sent, service, feed))

    return look


def _is_sent(service: Service, feed: Feed, checksum: str) -> bool:
    """Say whether all that an answer says is on the bus; one that was refused, or is on its way, is not."""
    return service.landing.reading(checksum, feed.key) is not None
