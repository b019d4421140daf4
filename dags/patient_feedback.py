"""What patients answer and write after their care: the Friends and Family Test and its comments."""

from datetime import timedelta

from monitor.airflow import feed_dag
from monitor.catalogue import FEEDBACK
from monitor.feeds.places import DATED, DropFolder, ObjectStore, Query
from monitor.model import Family, Feed, Source

FEED = Feed(
    key="patient_feedback",
    name="patient feedback",
    family=Family.PATIENTS,
    indicators=FEEDBACK,
    sources={
        "local": Source(
            # Answers come every day, but too few of them a week for a share.
            calendars={
                "negative_feedback_share": "monthly",
                "staff_manner_negative_share": "monthly",
            },
            # Exported in the first days of the next month.
            lateness=timedelta(weeks=1),
            # Rows alone never say who was asked: a month is complete for those whom the coverage file names.
            coverage="manifest",
        )
    },
    readers=("feedback", "extract"),
    owner="patient experience team",
    licence="data sharing agreement",
)

# A survey system shows its answers as figures, no word of them: one row an answer, and which months are all there.
ANSWERS = """
SELECT organisation, indicator, answered AS start, reference AS "key", numerator, denominator
FROM monitor_feedback_figures
"""
COVERED = """
SELECT organisation, first_day AS "from", last_day AS "through" FROM monitor_feedback_coverage
"""

# Monthly exports, each with a NAME.coverage.csv beside it: without one, no answers are not known to be none. They come
# to MONITOR_DROPS/patient_feedback or MONITOR_STORE/patient_feedback, with the day of their export before the name.
dag = feed_dag(
    FEED,
    DropFolder(published=DATED),
    ObjectStore(published=DATED),
    Query("feedback_system", sql=ANSWERS, covers=COVERED),
)
