"""What has happened can be read again."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine

from monitor.store.history import last_turn
from monitor.store.store import SqlStore
from tests.store.factories import FEED, NOW, tick


def test_a_feed_s_last_turn_is_the_instant_of_its_last_tick(store: SqlStore, engine: Engine) -> None:
    assert last_turn(engine, FEED) is None
    for number in range(3):
        with store.claim(replace(tick(number), now=NOW + timedelta(hours=number))):
            pass
    with store.claim(replace(tick(0, feed="complaints"), now=NOW + timedelta(days=9))):
        pass
    assert last_turn(engine, FEED) == NOW + timedelta(hours=2)
