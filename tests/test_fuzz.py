"""A thousand malformed and extreme calls of the public API end in typed errors or right answers."""

from collections import Counter

import adversary
import numpy as np
import pytest


@pytest.mark.parametrize("block", range(4))
def test_malformed_and_extreme_calls_end_in_a_typed_error_or_a_right_answer(block):
    known, ends = adversary.calls(), Counter()
    for number in range(250 * block, 250 * (block + 1)):
        call, arguments = adversary.draw(np.random.default_rng([2, number]), known)
        end, complaint = adversary.outcome(call, arguments)
        assert not complaint, (number, call.name, complaint, arguments)
        ends[end] += 1
    assert ends["answer"] > 25
    assert len(ends) > 5
