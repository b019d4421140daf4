"""What staff say when asked: three pulse waves a year, and the yearly staff survey."""

from datetime import timedelta

from monitor.airflow import feed_dag
from monitor.catalogue import PULSE, SURVEY
from monitor.feeds.places import DATED, DropFolder, ObjectStore
from monitor.model import Family, Feed, Source

# Waves are in the field in April, July and January, and look back to the one before.
WAVES = {indicator.key: "months:2,5,8" for indicator in PULSE}
# In the field until the end of November; the year is named after it.
SURVEYS = {indicator.key: "months:12" for indicator in SURVEY}

FEED = Feed(
    key="survey_pulses",
    name="staff surveys and pulses",
    family=Family.STAFF_VOICE,
    indicators=PULSE + SURVEY,
    sources={
        # The provider's export of a wave, within three weeks of its end: no weights, so it is a series of its own.
        "local": Source(calendars=WAVES, lateness=timedelta(weeks=3)),
        # The later of the two: waves come out after 13 weeks, the survey after 16.
        "official": Source(calendars=WAVES | SURVEYS, lateness=timedelta(weeks=16)),
    },
    readers=("pulse", "staff_survey", "extract"),
    owner="staff experience team",
    licence="local: data sharing agreement; official: Open Government Licence v3",
)

# Survey providers put their files into the object store; what people send by mail goes into the drop folder.
dag = feed_dag(FEED, DropFolder(published=DATED), ObjectStore(published=DATED))
