"""River's two verbs for a stream of one: a series scored figure by figure, in plain floats, without peers.

The same models, evidence and latch as over a block (`fold`), for a series whose peers are too few to be asked: to 1e-9
the same scores (`tests/detectors/test_alone.py`), fifteen times as fast as a block of one. Nothing of what peers share
is here: no shock, no region, no prior of a group.
"""

from monitor.detectors.alone.stream import Alone, Figure, Judged, alone

__all__ = ["Alone", "Figure", "Judged", "alone"]
