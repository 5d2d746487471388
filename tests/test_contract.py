"""What others build on: public names, and an import that stays cheap."""

import subprocess
import sys

import pytest

import lingauss as lg
from lingauss import charts

HEAVY = [
    "torch",
    "sympy",
    "matplotlib",
    "matplotlib.pyplot",
    "xarray",
    "pandas",
    "sklearn",
    "dask",
    "distributed",
    "typer",
    "rich",
    "hypothesis",
]


def test_public_names_are_these():
    assert sorted(lg.__all__) == [
        "Aligned",
        "Analysis",
        "Best",
        "Bound",
        "BoundTable",
        "Chain",
        "Channel",
        "CumulantFunction",
        "Diagonal",
        "Distillation",
        "Features",
        "FreshInputs",
        "Gaussian",
        "GradientFlow",
        "InputAverage",
        "Learner",
        "Ledger",
        "LingaussError",
        "Moments",
        "NoisyGradientDescent",
        "Posterior",
        "Principal",
        "Problem",
        "Ridge",
        "Selected",
        "Shards",
        "Subspace",
        "analyze",
        "bound_curves",
        "bounded_loss_proxy",
        "case_of",
        "central_condition_bound",
        "compare",
        "from_posterior",
        "jeffreys",
        "kernel_features",
        "kl",
        "ledger",
        "load_student",
        "pareto_front",
        "renyi",
        "sharpness_bound",
        "sharpness_radius",
        "sub_gaussian_bound",
        "wasserstein2",
    ]


def test_charts_are_these():
    assert sorted(charts.__all__) == [
        "bounds_and_truth",
        "dominance_map",
        "error_by_rank",
        "layer_costs",
        "ledger_by_direction",
        "ledger_by_rank",
        "loss_by_size",
        "lossless_valley",
        "mixing_curves",
        "pareto_front",
        "process_and_weights",
        "rank_noise_map",
        "repeated_distillation",
        "risk_by_rank",
        "risk_by_samples",
        "sample_size_scaling",
        "student_beats_teacher",
        "style",
        "temperature_curves",
        "theory_and_simulation",
        "tightness_regime",
    ]


@pytest.mark.parametrize("module", [lg, charts])
def test_every_public_name_exists_and_is_documented(module):
    for name in module.__all__:
        assert getattr(module, name).__doc__


def loaded_by(statement):
    code = f"{statement}; import sys; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_subpackages_resolve_and_nothing_private_is_listed():
    rooms = ["atlas", "charts", "errors", "symbolic", "testing"]
    code = f"import lingauss as lg; print(*(getattr(lg, name).__name__ for name in {rooms}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [f"lingauss.{name}" for name in rooms]
    assert set(dir(lg)) == {*lg.__all__, *rooms}


def test_a_design_lists_what_users_call():
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 0.5], n_samples=10, label_noise=0.5)
    listed = dir(lg.Distillation(problem))
    assert {"divergence", "gaps", "sweep", "optimize", "teacher_channel", "student_channel", "temperature"} <= {*listed}
    assert not {"averages_over_inputs", "directions", "prepared", "is_spectral", "seen_gramian", "ranking"} & {*listed}
    assert not [name for name in listed if name.startswith("_")]


def test_import_loads_nothing_heavy():
    assert loaded_by("import lingauss") == "[]"


def test_layers_and_softmax_load_nothing_heavy():
    assert loaded_by("import lingauss.layers, lingauss.softmax") == "[]"


def test_names_of_real_students_are_these():
    from lingauss import layers, softmax

    assert sorted(layers.__all__) == [
        "Estimate",
        "Factors",
        "Layer",
        "LayerLedger",
        "Plan",
        "allocate",
        "load_factors",
        "measure",
        "save_factors",
        "sweep",
    ]
    assert sorted(softmax.__all__) == ["Selection", "Settings", "Student", "student"]


def test_charts_need_no_pyplot():
    assert "matplotlib.pyplot" not in loaded_by("import lingauss.charts, lingauss.reproduce")
