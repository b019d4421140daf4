"""The registry of methods: the service's and its peers, in the order of tables."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.evaluation.detection.methods import ears, oracle, ours, peer_relative, river
from monitor.evaluation.detection.methods.farrington import farrington
from monitor.evaluation.detection.methods.method import Method
from monitor.evaluation.detection.methods.xmr import xmr

METHODS: Mapping[str, Method] = {
    method.name: method
    for method in (
        ours.ours, ours.sudden, ours.slow, ours.latched, ours.alone, peer_relative.peer_relative,
        peer_relative.peer_relative_average, xmr, ears.c1, ears.c2, ears.c3, river.gaussian, river.gaussian_of_peers,
        river.half_space_trees, farrington, oracle.oracle,
    )
}  # fmt: skip
