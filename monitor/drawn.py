"""Charts as parts of a page: drawn one by one, or many by other processes ahead of the pages that show them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from markupsafe import Markup

from monitor.chart import chart
from monitor.disclosure import DisclosedExhibit
from monitor.twin import twin

MANY = 50
"""Charts that are worth other processes: one takes a tenth of a second, and a process two seconds to begin."""
Draw = Callable[[DisclosedExhibit, str], bytes]
"""Gives the chart of a series, for this organisation, as SVG."""


@contextmanager
def drawing(asked: Sequence[tuple[DisclosedExhibit, str]]) -> Iterator[Draw]:
    """Give what draws these charts, each of a series and an organisation."""
    if len(asked) < MANY:
        yield chart
        return
    # spawned: a fork would take the threads' locks and the database's connections along
    pool = ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"))
    try:
        drawn = {id(exhibit): pool.submit(chart, exhibit, who) for exhibit, who in asked}
        yield lambda exhibit, who: drawn[id(exhibit)].result()
    finally:
        pool.shutdown(cancel_futures=True)


def figure(draw: Draw, exhibit: DisclosedExhibit, who: str, number: int) -> Markup:
    """Draw the chart of this number on its page."""
    return inline(draw(exhibit, who), f"c{number}", twin(exhibit, who).sentence)


def inline(svg: bytes, own: str, label: str) -> Markup:
    """Make a picture part of a page: named for screen readers, its ids its own."""
    text = svg.decode()
    text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{own}-", text[text.index("<svg") :])
    return Markup(text.replace("<svg", f'<svg role="img" aria-label="{Markup.escape(label)}"', 1))
