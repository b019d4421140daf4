"""Patient feedback, one row a comment; what counts are responses: a response may hold several comments.

Only dates, answers and themes are read; comments' ids become hashed subjects, and free text, services and
respondents go nowhere. One service mixes day/month and month/day: its ambiguous days are put aside.
Answers: 1 very good … 5 very poor, 6 don't know; 7 occurs without a meaning stated. Sentiment: 1 very
positive … 5 very negative (the publisher's README).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from monitor.calendars import calendar
from monitor.errors import BadRecord, Reason
from monitor.feeds import cells
from monitor.feeds.figures import Context
from monitor.feeds.statement import Draft, Ledger, Statement
from monitor.feeds.table import Row, Table
from monitor.model import Contribution, Period

HEADER = ("comment_id", "trust", "date", "service_type_1", "fft_categorical_answer", "comment_sentiment")
MANNER = "staff_manner_personal_attributes"
TRUSTS = {"NEAS": "RX6", "NHFT": "RP1"}
"""The two trusts of the published file, which it names without codes."""
MIXED_ORDERS = frozenset({"see and convey"})
ANSWERS = frozenset({"1", "2", "3", "4", "5", "6", "7"})
SENTIMENTS = frozenset({"1", "2", "3", "4", "5"})
RATED, POOR = frozenset({"1", "2", "3", "4", "5"}), frozenset({"4", "5"})
NEGATIVE = frozenset({"4", "5"})

_QUESTION = re.compile(r" - Q\d+$")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@dataclass(frozen=True, slots=True)
class Comment:
    """What one row says about its response."""

    row: int
    response: str
    organisation: str
    day: date
    answer: str
    is_negative_on_manner: bool


def read(table: Table, context: Context) -> Statement:
    """Read one table of this publication."""
    ledger = Ledger(len(table.lines), has_events=True)
    responses: dict[str, list[Comment]] = {}
    for line in table.lines:
        whose = None
        try:
            row = table.row(line)
            whose = _organisation(row["trust"])
            comment = _comment(row, whose, context)
            responses.setdefault(comment.response, []).append(comment)
        except BadRecord as bad:
            ledger.put_aside(line.number, bad, whose)
        if whose:
            ledger.seen[whose] += 1
    for response, comments in responses.items():
        _response(ledger, response, comments, context)
    return ledger.statement()


def _organisation(trust: str) -> str:
    if trust in TRUSTS:
        return TRUSTS[trust]
    if not any(letter.isdecimal() for letter in trust):  # a name, which no registry answers to
        raise BadRecord(Reason.UNKNOWN_ORGANISATION, "Trust")
    return cells.organisation(trust, "Trust")


def _comment(row: Row, organisation: str, context: Context) -> Comment:
    identity = row["comment_id"]
    if not identity:
        raise BadRecord(Reason.MISSING_FIELD, "Comment ID")
    is_mixed = row["service_type_1"].casefold() in MIXED_ORDERS
    day = _day(row["date"]) if is_mixed else cells.day(row["date"], "Date")
    if day > context.last_day:
        raise BadRecord(Reason.FUTURE_DATE, "Date", day.isoformat())
    sentiment = row["comment_sentiment"]
    if sentiment:
        sentiment = cells.code(sentiment, "Comment sentiment", SENTIMENTS)
    return Comment(
        row.number,
        f"{organisation}\x1f{_QUESTION.sub('', identity)}",
        organisation,
        day,
        cells.code(row["fft_categorical_answer"], "FFT categorical answer", ANSWERS),
        sentiment in NEGATIVE and cells.flag(row[MANNER], "Staff manner"),
    )


def _day(text: str) -> date:
    """Read a day of a service that writes both orders, where only one of them can be meant."""
    found = _SLASHED.fullmatch(text)
    if found is None:
        return cells.day(text, "Date")
    first, second = int(found[1]), int(found[2])
    if first <= 12 and second <= 12 and first != second:
        raise BadRecord(Reason.AMBIGUOUS_DATE, "Date")
    ordered = text if second <= 12 else f"{second}/{first}/{found[3]}"
    return cells.day(ordered, "Date")


def _response(ledger: Ledger, response: str, comments: list[Comment], context: Context) -> None:
    """Enter a response: its first comment says when and how good, any of them may be about staff manner."""
    first, *others = comments
    agreeing = [first]
    for comment in others:
        if (comment.day, comment.answer) == (first.day, first.answer):
            agreeing.append(comment)
        else:
            ledger.put_aside(comment.row, BadRecord(Reason.DUPLICATE_ROW, "Comment ID"), comment.organisation)
    period = calendar(context.promised(context.source, "negative_feedback_share")[1]).holding(first.day)
    rows = tuple(comment.row for comment in agreeing[1:])
    draft = Draft(f"response\x1f{response}", first.row, _contributions(agreeing, period, context), others=rows)
    ledger.event(draft, first.day, rows=len(agreeing))


def _contributions(comments: list[Comment], period: Period, context: Context) -> tuple[Contribution, ...]:
    first = comments[0]
    on_manner = float(any(comment.is_negative_on_manner for comment in comments))
    manner = context.contribution(first.organisation, "staff_manner_negative_share", period, on_manner, 1)
    if first.answer not in RATED:
        return (manner,)
    poor = float(first.answer in POOR)
    return (context.contribution(first.organisation, "negative_feedback_share", period, poor, 1), manner)
