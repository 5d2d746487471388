"""The page on your own data: its recipe for torch runs as it stands there."""

import re
from pathlib import Path

import numpy as np
import pytest

import lingauss as lg

PAGE = Path(__file__).parents[2] / "docs" / "own-data.md"


def test_the_recipe_for_torch_finds_the_penalty_of_its_weight_decay():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4)) @ np.array([[1, 0.5, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0.3], [0, 0, 0, 1.0]])
    X -= X.mean(axis=0)
    y = X @ [1.0, -2.0, 0.5, 0.0] + rng.normal(size=200)
    y -= y.mean()
    [recipe] = re.findall(r"```py\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names = {
        "torch": torch,
        "lg": lg,
        "X": X,
        "noise": 1.0,
        "inputs": torch.tensor(X),
        "labels": torch.tensor(y[:, None]),
    }
    exec(recipe, names)  # noqa: S102
    fitted = names["fitted"]
    np.testing.assert_allclose(fitted.problem.observed[0], X.T @ y, rtol=1e-6)
    assert "No covariance was given" in fitted.assumed[0]
