"""Saved states: what is written is read, and what cannot be read says so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from monitor.detectors.state import MAGIC, StateVersionError, decode_state, decode_states, encode_state

TYPES = st.sampled_from([np.dtype("<f8"), np.dtype("<i8"), np.dtype("?")])
STATES = st.dictionaries(
    st.text(max_size=8), arrays.arrays(TYPES, arrays.array_shapes(min_side=0, max_dims=3)), max_size=4
)


@given(STATES)
def test_encode_then_decode_is_the_identity(state: dict[str, np.ndarray]) -> None:
    again = decode_state(encode_state(state))
    assert list(again) == list(state)
    for name, array in state.items():
        np.testing.assert_array_equal(again[name], array)
        assert again[name].dtype == array.dtype


def test_a_state_from_the_future_is_refused_in_words() -> None:
    saved = bytearray(encode_state({"level": np.zeros(2)}))
    saved[len(MAGIC)] = 9
    with pytest.raises(StateVersionError, match="version 9; this worker reads 1"):
        decode_state(bytes(saved))


@pytest.mark.parametrize("data", [b"", b"\x80\x04pickle", MAGIC])
def test_what_is_no_state_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(StateVersionError, match="no saved state"):
        decode_state(data)


@given(st.lists(STATES, max_size=4), st.booleans())
def test_many_states_are_read_as_each_by_itself(states: list[dict[str, np.ndarray]], alike: bool) -> None:
    written = [encode_state(state) for state in (states[:1] * len(states) if alike else states)]
    names = sorted({name for state in states for name in state})
    for only in (names, names[:1], []):
        found, wanted = decode_states(written, only), [decode_state(one, only) for one in written]
        assert [list(one) for one in found] == [list(one) for one in wanted]
        for one, other in zip(found, wanted, strict=True):
            for name, array in one.items():
                np.testing.assert_array_equal(array, other[name])
                assert (array.dtype, array.shape) == (other[name].dtype, other[name].shape)
                assert not array.flags.writeable
