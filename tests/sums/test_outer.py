"""Sums of products over a grid equal what broadcasting gives, whatever axes their parts depend on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lingauss.sums import outer
from lingauss.sums.outer import Product, add_products, sum_of_products


@st.composite
def products(draw):
    """Shape of a grid and a few products, each of arrays that depend on some of its axes."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    rng = np.random.default_rng(draw(st.integers(0, 99)))

    def array():
        return rng.uniform(0.5, 2.0, [n if draw(st.booleans()) else 1 for n in shape])

    return shape, [Product(array(), array() if draw(st.booleans()) else None) for _ in range(draw(st.integers(1, 4)))]


def by_broadcasting(shape, terms):
    return sum((np.broadcast_to(term.whole(), shape) for term in terms), np.zeros(shape))


@given(products())
def test_sums_are_those_of_broadcasting(case):
    shape, terms = case
    out = np.full(shape, np.nan)
    assert sum_of_products(terms, shape, out) is out
    for result in (out, sum_of_products(terms, shape)):
        assert result.shape == shape
        assert_allclose(result, by_broadcasting(shape, terms), rtol=1e-14)


@given(products())
def test_products_are_added_to_what_is_there(case):
    shape, terms = case
    whole = np.full(shape, 3.0)
    assert add_products(terms, whole) is whole
    assert_allclose(whole, 3.0 + by_broadcasting(shape, terms), rtol=1e-14)


def test_infinite_costs_stay_infinite_and_spoil_nothing_else():
    column = np.array([1.0, np.inf]).reshape(1, 2, 1)
    total = sum_of_products([Product(column), Product(np.ones((3, 1, 2)))], (3, 2, 2))
    assert_allclose(total, np.broadcast_to([[2.0, 2.0], [np.inf, np.inf]], (3, 2, 2)))


def test_sums_do_not_depend_on_the_number_of_threads(monkeypatch):
    monkeypatch.setattr(outer, "WRITTEN", 4)
    rng = np.random.default_rng(0)
    shape, terms = (7, 3, 4), [Product(rng.random((7, 3, 1))), Product(rng.random((7, 1, 4)))]
    monkeypatch.setattr(outer, "cores", lambda: 1)
    alone = sum_of_products(terms, shape)
    monkeypatch.setattr(outer, "cores", lambda: 3)
    assert_allclose(sum_of_products(terms, shape), alone, rtol=1e-15)


def test_sums_over_a_part_of_the_axes_take_no_memory_for_the_others():
    total = sum_of_products([Product(np.ones((5, 1, 1))), Product(np.ones((1, 6, 1)))], (5, 6, 1000))
    assert total.shape == (5, 6, 1000)
    assert total.strides[2] == 0


@pytest.mark.parametrize(("values", "factor", "kept_apart"), [((4, 1), (1, 3), True), ((4, 3), (1, 3), False)])
def test_factors_are_kept_apart_where_multiplying_out_takes_more_memory(values, factor, kept_apart):
    product = Product.of(np.full(values, 2.0), np.full(factor, 5.0))
    assert (product.factor is not None) == kept_apart
    assert_allclose(product.whole(), np.full((4, 3), 10.0))
