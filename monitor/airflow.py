"""From a feed's contract to its Airflow DAG: the only file that will name Airflow, inside its functions.

The factory itself (land → read → publish → advance, on a schedule) comes with a later issue. Until then
a feed's file imports the same with and without Airflow, and `monitor publish` does the work of its DAG.
"""

from __future__ import annotations

from monitor.model import Feed


def feed_dag(feed: Feed) -> object | None:
    """Make the DAG of a feed; None where there is no Airflow, and until the factory exists."""
    assert feed.key.isidentifier(), f"{feed.key!r} names a topic, a DAG and a file"
    return None
