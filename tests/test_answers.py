"""What a database answers, as the bytes of an extract."""

from datetime import datetime

from monitor.arrivals.answers import written


def test_an_instant_is_the_day_that_it_falls_on_in_london() -> None:
    late = datetime.fromisoformat("2026-07-31T23:30Z")
    assert written(["start", "end"], [(late, late.replace(tzinfo=None))]) == b"start,end\n2026-08-01,2026-07-31\n"
