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
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.schema import SchemaItem

from monitor.store.columns import Day, Instant, key, needed, number, of, place

_NAMED = {kind: f"{kind}_%(table_name)s_%(column_0_N_name)s" for kind in ("ix", "uq", "fk")}
metadata = MetaData(naming_convention={**_NAMED, "pk": "pk_%(table_name)s"})


def _table(name: str, *parts: SchemaItem, **how: Any) -> Table:
    return Table(name, metadata, *parts, **how)


def _tight(name: str, *parts: SchemaItem) -> Table:
    """Make a table of short rows that lie in its key's own tree, without a second one for row numbers."""
    return _table(name, *parts, sqlite_with_rowid=False)


# The embedded log. `next` is the position after the last message; its row is the lock under which positions are given.
topics = _table(
    "topics",
    number(),
    Column("feed", Text, nullable=False, unique=True),
    needed("identity"),
    needed("next", Integer),
)
log = _table(
    "log",
    of("topic", "topics.id", key=True),
    place("position"),
    needed("observation", Boolean),
    needed("body", LargeBinary),
)

# Where each feed's worker stands, and every turn it has had. `sequence` is the one order of all feeds' ticks.
positions = _table("positions", key("feed"), needed("topic_id"), needed("next", Integer), needed("tick", Integer))
ticks = _table(
    "ticks",
    number("sequence"),
    needed("feed"),
    needed("topic"),
    needed("number", Integer),
    needed("next", Integer),
    needed("now", Instant),
    needed("settles", Boolean),
    needed("registry", Integer),
    needed("threshold", Double),
    needed("settle_after", Double),  # seconds
    needed("behind", Boolean),
    UniqueConstraint("feed", "number"),
    sqlite_autoincrement=True,
)

# Begins and ends of replays, in turn: after a begin that no end follows, what is derived is not whole.
rebuilds = _table("rebuilds", number(), needed("ended", Boolean))

# What is known of feeds and organisations.
contracts = _tight("contracts", key("feed"), of("tick", "ticks.sequence", key=True), needed("body"))
organisations = _table(
    "organisations",
    key("code"),
    needed("name"),
    Column("peer_group", Text),
    Column("region", Text),
    Column("start", Day),
    Column("end", Day),
    Column("stated_by", Text),
)
successions = _tight("successions", key("predecessor"), key("successor"), Column("legal_date", Day, primary_key=True))
registry_loads = _table(
    "registry_loads",
    number(),
    needed("by"),
    needed("at", Instant),
    needed("after_tick", Integer),
    needed("organisations", Integer),
    needed("successions", Integer),
)

# The registry as it stood from each version on: a replay reads what its ticks knew.
registries = _table(
    "registries",
    number("version"),
    needed("after_tick", Integer),
    needed("stated", Boolean),  # by a feed in that tick; else loaded by somebody after it
    needed("body"),
)

# Words and what they sum up to.
names = _table("names", number(), Column("text", Text, nullable=False, unique=True))
series = _table(
    "series",
    number(),
    needed("feed"),
    needed("indicator"),
    needed("source"),
    needed("organisation"),
    UniqueConstraint("indicator", "source", "organisation"),
)
# Not in their key's tree: subjects come in no order, and 40,000 words were committed in .43 s instead of 1.04.
words = _table(
    "words",
    of("feed", "names.id", key=True),
    key("subject"),
    of("source", "names.id"),
    needed("revision", Integer),
    needed("published", BigInteger),
    Column("known", Integer),
    of("origin", "names.id"),
    needed("row"),
    needed("contributions"),
    Column("until", Integer),  # of an event: the end of its last period, 0 = it has none; of a figure: nothing
)

# Periods between these days hold the sum of events that have expired: no event changes them any more.
seals = _tight(
    "seals", key("feed"), key("indicator"), key("source"), needed("since", Day), needed("before", Day)
)  # fmt: skip
# The subjects of those events: whatever they say later is late, since nobody knows any more what they had said.
forgotten = _tight("forgotten", of("feed", "names.id", key=True), key("subject"))


def _sum() -> tuple[Column[Any], ...]:
    numerator, denominator = needed("numerator", Double), Column[Any]("denominator", Double)
    return numerator, denominator, needed("words", Integer), Column("bare", Text), Column("known", Integer)


# By period first: what is published together lies together, and so is read when the period settles.
period_sums = _tight(
    "period_sums",
    of("series", "series.id"),
    needed("start", Integer),
    *_sum(),
    needed("tick", Integer),
    PrimaryKeyConstraint("start", "series"),
)
vintages = _tight(
    "vintages",
    of("series", "series.id", key=True),
    place("start"),
    of("until_tick", "ticks.sequence", key=True),
    *_sum(),
)
Index("ix_vintages_until_tick", vintages.c.until_tick)

# What is complete.
advances = _tight("advances", of("tick", "ticks.sequence", key=True), place("place"), needed("body"))
coverage = _table("coverage", key("feed"), key("source"), key("indicator"), needed("body"))
heard = _tight("heard", key("feed"), key("indicator"), key("source"), of("tick", "ticks.sequence"))
live_sources = _tight("live_sources", key("feed"), key("source"))

# What every record became.
counts = _tight("counts", key("feed"), key("name"), needed("n", Integer))
dead_letters = _tight(
    "dead_letters",
    key("feed"),
    key("file"),
    place("row"),
    key("field"),
    key("reason"),
    Column("value", Text),
    Column("organisation", Text),
    needed("stage"),
    needed("at", Instant),
    Column("replayed", Instant),  # when the row was taken after all; nothing: it still lies aside
)
receipts = _table("receipts", key("feed"), key("file"), key("run"), needed("body"), needed("at", Instant))

# What is derived. A block's row points at its last periods, so that nobody searches for them.
blocks = _table(
    "blocks",
    number(),
    needed("feed"),
    needed("indicator"),
    needed("source"),
    needed("peer_group"),
    Column("first_settled", Integer),
    Column("last_settled", Integer),
    Column("last_scored", Integer),
    UniqueConstraint("indicator", "source", "peer_group"),
)
closes = _tight("closes", of("block", "blocks.id", key=True), place("number"), needed("at", Instant))
settlements = _table(
    "settlements",
    of("block", "blocks.id", key=True),
    place("number"),
    key("model"),
    needed("start", Integer),
    needed("end", Integer),
    of("organisations", "names.id"),
    needed("common", LargeBinary),
    needed("at", BigInteger),
    needed("tick", Integer),
)
scores = _table(
    "scores",
    of("block", "blocks.id", key=True),
    place("number"),
    needed("start", Integer),
    needed("end", Integer),
    of("organisations", "names.id"),
    needed("arrays", LargeBinary),
    needed("tick", Integer),
)
saved_states = _table(
    "saved_states",
    of("block", "blocks.id", key=True),
    needed("first", Integer),
    needed("through", Integer),
    of("organisations", "names.id"),
    needed("state", LargeBinary),
    needed("closed"),
    needed("lineage"),
    needed("model"),
)

refolds = _tight(
    "refolds",
    key("organisation"),
    of("block", "blocks.id", key=True),
    needed("tick", Integer),
    needed("at", Instant),
)

# Looked back at once and kept, so that a threshold hangs on no later word: a replay uses what each tick worked with.
standings = _table(
    "standings",
    Column("day", Integer, primary_key=True, autoincrement=False),
    needed("among"),
    needed("organisations", Integer),
    needed("opens"),
)

# Cases, what people did to them, and what must be said. Acts outlive a replay of cases: no foreign key.
cases = _table(
    "cases",
    key("id"),
    needed("organisation"),
    needed("kind"),
    needed("opened", Instant),
    Column("closed", Instant),
    needed("is_open", Boolean),
    needed("body"),
)
Index("ix_cases_is_open_kind", cases.c.is_open, cases.c.kind)
packs = _table("packs", number(), Column("case", Text, nullable=False, index=True), needed("body"))
case_changes = _table(
    "case_changes",
    key("organisation"),
    place("number"),
    Column("case", Text, nullable=False, index=True),
    needed("what"),
    needed("reason"),
    needed("at", Instant),
    needed("body"),
    Column("pack", Integer, ForeignKey("packs.id")),
    Column("at_start", Boolean, nullable=False, server_default=false()),
)
acts = _table(
    "acts",
    number(),
    Column("case", Text, nullable=False, index=True),
    needed("kind"),
    needed("by"),
    needed("at", Instant),
    needed("text"),
    Column("outcome", Text),
    needed("after_tick", Integer),
)
acceptances = _tight(
    "acceptances",
    of("act", "acts.id", key=True),
    key("organisation"),
    key("indicator"),
    key("source"),
    needed("start", Day),
)
outbox = _table(
    "outbox",
    number("place"),
    Column("id", Text, nullable=False, unique=True),
    Column("case", Text, nullable=False, index=True),
    needed("receiver"),
    needed("how"),
    needed("what"),
    needed("queued", Instant),
    needed("body"),
    Column("sent", Instant),
    needed("attempts", Integer),
    Column("next_try", Instant),
    Column("last_error", Text),
)
Index(
    "ix_outbox_unsent", outbox.c.place, sqlite_where=outbox.c.sent.is_(None), postgresql_where=outbox.c.sent.is_(None)
)
