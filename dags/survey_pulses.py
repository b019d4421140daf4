"""What staff say when asked: three pulse waves a year, and the yearly staff survey."""

from datetime import timedelta

from monitor.airflow import feed_dag
from monitor.catalogue import PULSE, SURVEY
from monitor.feeds.places import DATED, DropFolder, ObjectStore
from monitor.model import Family, Feed, Source

# Waves are in the field in April, July and January, and look back to the one before.
WAVES = {
    "engagement_score": "months:2,5,8",
    "motivation_score": "months:2,5,8",
    "involvement_score": "months:2,5,8",
    "advocacy_score": "months:2,5,8",
    "pulse_response_rate": "months:2,5,8",
}
# In the field until the end of November; the year is named after it.
SURVEYS = {
    "burnout_share": "months:12",
    "stress_share": "months:12",
    "manager_bullying_share": "months:12",
    "colleague_discrimination_share": "months:12",
    "enough_staff_share": "months:12",
    "care_priority_share": "months:12",
    "recommend_care_share": "months:12",
    "raising_concerns_score": "months:12",
}

FEED = Feed(
    key="survey_pulses",
    name="staff surveys and pulses",
    family=Family.STAFF_VOICE,
    indicators=PULSE + SURVEY,
    sources={
        # The provider's export of a wave, within three weeks of its end: no weights, so it is a series of its own.
        "local": Source(calendars=WAVES, lateness=timedelta(weeks=3), coverage="file per organisation"),
        # The later of the two: waves come out after 13 weeks, the survey after 16.
        "official": Source(calendars=WAVES | SURVEYS, lateness=timedelta(weeks=16), coverage="file per organisation"),
    },
    readers=("pulse", "staff_survey", "extract"),
    owner="staff experience team",
    licence="local: data sharing agreement; official: Open Government Licence v3",
)

# Survey providers put their files into the object store, MONITOR_STORE/survey_pulses; what people send by mail goes
# into the drop folder, MONITOR_DROPS/survey_pulses. Either way the day of publication begins the file's name.
dag = feed_dag(FEED, DropFolder(published=DATED), ObjectStore(published=DATED))
