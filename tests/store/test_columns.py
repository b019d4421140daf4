"""Instants lie in columns exactly."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from monitor.store.columns import instant, micros

zones = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))


@given(st.datetimes().map(lambda moment: min(max(moment.year, 2), 9998)), st.datetimes(), zones)
def test_an_instant_comes_back_to_the_microsecond(year: int, moment: datetime, zone: timezone) -> None:
    stated = moment.replace(year=year, day=min(moment.day, 28), tzinfo=zone)
    assert instant(micros(stated)) == stated
    assert instant(micros(stated)).tzinfo is UTC
