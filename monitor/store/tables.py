"""Every table of the database, in the order in which words become cases.

What many rows repeat is kept once and numbered: series, blocks, and texts (`names`). Days of the large tables
are plain ordinals and their instants plain microseconds, since a decorated type costs more than the row itself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from monitor.store.columns import Day, Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str, kind: type = Text) -> Column[Any]:
    return Column(name, kind, primary_key=True)


def _number(name: str = "id") -> Column[Any]:
    return Column(name, Integer, primary_key=True)


def _place(name: str) -> Column[Any]:
    return Column(name, Integer, primary_key=True, autoincrement=False)


def _needed(name: str, kind: type = Text) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _of(name: str, parent: str, *, key: bool = False) -> Column[Any]:
    return Column(name, Integer, ForeignKey(parent), primary_key=key, nullable=False, autoincrement=False)


def _tight(name: str, *parts: Column[Any]) -> Table:
    """Make a table of short rows that lie in its key's own tree, without a second one for row numbers."""
    return Table(name, metadata, *parts, sqlite_with_rowid=False)


# The embedded log. `next` is the position after the last message; its row is the lock under which positions are given.
topics = Table(
    "topics",
    metadata,
    _number(),
    Column("feed", Text, nullable=False, unique=True),
    _needed("identity"),
    _needed("next", Integer),
)
log = Table(
    "log",
    metadata,
    _of("topic", "topics.id", key=True),
    _place("position"),
    _needed("observation", Boolean),
    _needed("body", LargeBinary),
)

# Where each feed's worker stands, and every turn it has had. `sequence` is the one order of all feeds' ticks.
positions = Table(
    "positions", metadata, _key("feed"), _needed("topic_id"), _needed("next", Integer), _needed("tick", Integer)
)
ticks = Table(
    "ticks",
    metadata,
    _number("sequence"),
    _needed("feed"),
    _needed("topic"),
    _needed("number", Integer),
    _needed("next", Integer),
    _needed("now", Instant),
    _needed("settles", Boolean),
    _needed("registry", Integer),
    _needed("threshold", Double),
    UniqueConstraint("feed", "number"),
    sqlite_autoincrement=True,
)

# What is known of feeds and organisations.
contracts = _tight("contracts", _key("feed"), _of("tick", "ticks.sequence", key=True), _needed("body"))
organisations = Table(
    "organisations",
    metadata,
    _key("code"),
    _needed("name"),
    Column("peer_group", Text),
    Column("region", Text),
    Column("start", Day),
    Column("end", Day),
    Column("stated_by", Text),
)
successions = _tight("successions", _key("predecessor"), _key("successor"), Column("legal_date", Day, primary_key=True))
registry_loads = Table(
    "registry_loads",
    metadata,
    _number(),
    _needed("by"),
    _needed("at", Instant),
    _needed("after_tick", Integer),
    _needed("organisations", Integer),
    _needed("successions", Integer),
)

# The registry as it stood from each version on: a replay reads what its ticks knew.
registries = Table(
    "registries",
    metadata,
    _number("version"),
    _needed("after_tick", Integer),
    _needed("stated", Boolean),  # by a feed in that tick; else loaded by somebody after it
    _needed("body"),
)

# Words and what they sum up to.
names = Table("names", metadata, _number(), Column("text", Text, nullable=False, unique=True))
series = Table(
    "series",
    metadata,
    _number(),
    _needed("feed"),
    _needed("indicator"),
    _needed("source"),
    _needed("organisation"),
    UniqueConstraint("indicator", "source", "organisation"),
)
words = _tight(
    "words",
    _of("feed", "names.id", key=True),
    _key("subject"),
    _of("source", "names.id"),
    _needed("revision", Integer),
    _needed("published", BigInteger),
    Column("known", Integer),
    _of("origin", "names.id"),
    _needed("row"),
    _needed("contributions"),
)


def _sum() -> tuple[Column[Any], ...]:
    numerator, denominator = _needed("numerator", Double), Column[Any]("denominator", Double)
    return numerator, denominator, _needed("words", Integer), Column("bare", Text), Column("known", Integer)


period_sums = _tight(
    "period_sums",
    _of("series", "series.id", key=True),
    _place("start"),
    *_sum(),
    _needed("tick", Integer),
)
vintages = _tight(
    "vintages",
    _of("series", "series.id", key=True),
    _place("start"),
    _of("until_tick", "ticks.sequence", key=True),
    *_sum(),
)
Index("ix_vintages_until_tick", vintages.c.until_tick)

# What is complete.
advances = _tight(
    "advances",
    _of("tick", "ticks.sequence", key=True),
    _place("place"),
    _needed("body"),
)
coverage = Table("coverage", metadata, _key("feed"), _key("source"), _key("indicator"), _needed("body"))
heard = _tight("heard", _key("feed"), _key("indicator"), _key("source"), _of("tick", "ticks.sequence"))
live_sources = _tight("live_sources", _key("feed"), _key("source"))

# What every record became.
counts = _tight("counts", _key("feed"), _key("name"), _needed("n", Integer))
dead_letters = _tight(
    "dead_letters",
    _key("feed"),
    _key("file"),
    _place("row"),
    _key("field"),
    _key("reason"),
    Column("value", Text),
    Column("organisation", Text),
    _needed("stage"),
    _needed("at", Instant),
)
receipts = Table("receipts", metadata, _key("feed"), _key("file"), _key("run"), _needed("body"), _needed("at", Instant))

# What is derived. A block's row points at its last periods, so that nobody searches for them.
blocks = Table(
    "blocks",
    metadata,
    _number(),
    _needed("feed"),
    _needed("indicator"),
    _needed("source"),
    _needed("peer_group"),
    Column("first_settled", Integer),
    Column("last_settled", Integer),
    Column("last_scored", Integer),
    UniqueConstraint("indicator", "source", "peer_group"),
)
closes = _tight(
    "closes",
    _of("block", "blocks.id", key=True),
    _place("number"),
    _needed("at", Instant),
)
settlements = Table(
    "settlements",
    metadata,
    _of("block", "blocks.id", key=True),
    _place("number"),
    _key("model"),
    _needed("start", Integer),
    _needed("end", Integer),
    _of("organisations", "names.id"),
    _needed("common", LargeBinary),
    _needed("at", BigInteger),
    _needed("tick", Integer),
)
scores = Table(
    "scores",
    metadata,
    _of("block", "blocks.id", key=True),
    _place("number"),
    _needed("start", Integer),
    _needed("end", Integer),
    _of("organisations", "names.id"),
    _needed("arrays", LargeBinary),
    _needed("tick", Integer),
)
saved_states = Table(
    "saved_states",
    metadata,
    _of("block", "blocks.id", key=True),
    _needed("first", Integer),
    _needed("through", Integer),
    _of("organisations", "names.id"),
    _needed("state", LargeBinary),
    _needed("closed"),
    _needed("lineage"),
)

# Cases, what people did to them, and what must be said. Acts outlive a replay of cases: no foreign key.
cases = Table(
    "cases",
    metadata,
    _key("id"),
    _needed("organisation"),
    _needed("kind"),
    _needed("opened", Instant),
    Column("closed", Instant),
    _needed("is_open", Boolean),
    _needed("body"),
)
Index("ix_cases_is_open_kind", cases.c.is_open, cases.c.kind)
packs = Table("packs", metadata, _number(), Column("case", Text, nullable=False, index=True), _needed("body"))
case_changes = Table(
    "case_changes",
    metadata,
    _key("organisation"),
    _place("number"),
    Column("case", Text, nullable=False, index=True),
    _needed("what"),
    _needed("reason"),
    _needed("at", Instant),
    _needed("body"),
    Column("pack", Integer, ForeignKey("packs.id")),
)
acts = Table(
    "acts",
    metadata,
    _number(),
    Column("case", Text, nullable=False, index=True),
    _needed("kind"),
    _needed("by"),
    _needed("at", Instant),
    _needed("text"),
    Column("outcome", Text),
    _needed("after_tick", Integer),
)
outbox = Table(
    "outbox",
    metadata,
    _number("place"),
    Column("id", Text, nullable=False, unique=True),
    Column("case", Text, nullable=False, index=True),
    _needed("receiver"),
    _needed("how"),
    _needed("what"),
    _needed("queued", Instant),
    _needed("body"),
    Column("sent", Instant),
    _needed("attempts", Integer),
    Column("next_try", Instant),
    Column("last_error", Text),
)
Index(
    "ix_outbox_unsent", outbox.c.place, sqlite_where=outbox.c.sent.is_(None), postgresql_where=outbox.c.sent.is_(None)
)
