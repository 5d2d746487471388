"""A dataset carries the design it was computed from, through files and processes, and nothing in a file is ever run."""

import dataclasses
import importlib
import json
import math
import pkgutil
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError
from lingauss.model.bottleneck import Spectral
from lingauss.model.learners import Law, Learner
from lingauss.model.provenance import provenance
from lingauss.model.record import KINDS, Record, from_record, to_record
from lingauss.model.repeated_limit import RepeatedLimit
from lingauss.simulation.sweep import simulated_sweep
from lingauss.sweep.growth import large_sample_costs
from lingauss.sweep.store import open_blocks, save_blocks

RNG = np.random.default_rng(5)
X = RNG.standard_normal((30, 4)) * [3.0, 2.0, 1.0, 0.5]
W = RNG.standard_normal((2, 4))
Y = X @ W.T + 0.5 * RNG.standard_normal((30, 2))
SPECTRUM = lg.Problem.from_spectrum([9.0, 4.0, 1.0, 0.1], [1.0, 0.5, 0.2, 0.3], n_samples=30, label_noise=0.1 + 0.2)
KNOWN = lg.Problem.from_inputs(X, truth=W, label_noise=0.5)
OBSERVED = lg.Problem.from_data(X, Y)
SHARDS = lg.Shards(lg.Ridge(0.5), [lg.Moments.from_data(part, center=False) for part in np.array_split(X, 3)])
COV = lg.Channel(0.1 * RNG.standard_normal((4, 4)), np.diag([1.0, 2.0, 0.5, 0.1]), b=[0.0, 1.0, 0.0, -1.0])

CASES = {
    "spectrum": lg.Distillation(SPECTRUM, lg.Ridge(0.5), lg.Ridge(2.0, 0.5, 0.3), lg.Principal(2), mixing=0.7),
    "several outputs": lg.Distillation(
        lg.Problem.from_spectrum([2.0, 0.0], [1.0, 0.0], n_samples=9, label_noise=1.0, outputs=3, test_cov=np.eye(2))
    ),
    "known truth": lg.Distillation(KNOWN, lg.Ridge(0.5), lg.Ridge(2.0), lg.Selected([0, 2]), floor=0.3, draws=4),
    "own test inputs": lg.Distillation(
        lg.Problem.from_inputs(X, truth=W, label_noise=0.5, test_cov=np.diag([1.0, 1.0, 2.0, 0.5]))
    ),
    "observed labels": lg.Distillation(
        OBSERVED, lg.Ridge(0.5), lg.Ridge(2.0), lg.Subspace(RNG.standard_normal((4, 2)))
    ),
    "statistic": lg.Distillation(KNOWN.with_statistic([1.0, 2.0, 3.0, 4.0])),
    "plug-in": lg.Distillation(OBSERVED.plug_in(), bottleneck=lg.Best(3)),
    "nothing seen": lg.Distillation(KNOWN, bottleneck=lg.Subspace(np.zeros((4, 0)))),
    "descent": lg.Distillation(
        SPECTRUM,
        lg.NoisyGradientDescent(math.inf, 0.01, penalty=0.4),
        lg.NoisyGradientDescent(7, 0.01),
        lg.Principal(2),
    ),
    "flow": lg.Distillation(SPECTRUM, lg.GradientFlow(0.3), lg.GradientFlow(math.inf, noise=0.2), lg.Principal(2)),
    "limit": lg.Distillation(SPECTRUM, lg.Ridge(0.5), RepeatedLimit(lg.Ridge(0.5), 0.25, draws=2), lg.Principal(2)),
    "shards": lg.Distillation(KNOWN, SHARDS, lg.Ridge(1.0), lg.Principal(2)),
    "transfer": lg.Distillation(
        KNOWN,
        lg.Ridge(0.5),
        lg.Ridge(1.0),
        lg.Principal(2),
        transfer=lg.Moments.from_data(RNG.standard_normal((50, 4)), center=False),
    ),
    "any teacher": lg.Distillation(KNOWN, COV, lg.Ridge(1.0), lg.Principal(3)),
    "two channels": lg.Distillation.from_channels(KNOWN, COV, COV),
}
CHAINS = {
    "chain": lg.Chain(CASES["spectrum"], 3),
    "chain of changing rounds": lg.Chain(CASES["known truth"], 2, mixing=[0.5, 0.0], rank=[2, 1], temperature=0.5),
}
EVERYTHING = ("divergence", "bias", "variance", "rank_bottleneck", "student_gap")


def swept(design):
    if isinstance(design, lg.Chain):
        return design.sweep(label_noise=[0.5, 2.0])
    axis = {"label_noise": [0.5, 2.0]} if isinstance(design.student, lg.Channel) else {"temperature": [0.5, 2.0]}
    return design.sweep(quantities=EVERYTHING, **axis)


@pytest.mark.parametrize("design", [*CASES.values(), *CHAINS.values()], ids=[*CASES, *CHAINS])
def test_a_design_read_from_a_file_is_the_one_that_was_swept(design, tmp_path):
    results = swept(design)
    results.to_netcdf(tmp_path / "results.nc", engine="scipy")
    with xr.open_dataset(tmp_path / "results.nc", engine="scipy") as read:
        rebuilt = lg.case_of(read)
    assert type(rebuilt) is type(design)
    assert to_record(rebuilt).fingerprint == to_record(design).fingerprint == results.attrs["fingerprint"]
    before, after = to_record(design), to_record(rebuilt)
    assert after.tree == before.tree
    assert all(np.array_equal(after.arrays[path], before.arrays[path]) for path in before.arrays)
    xr.testing.assert_allclose(swept(rebuilt), results, rtol=1e-13, atol=0.0)


def test_a_new_process_computes_the_same_values_from_the_file(tmp_path):
    for number, (name, case) in enumerate(CASES.items()):
        swept(case).to_netcdf(tmp_path / f"{number}.nc", engine="scipy")
        assert name
    code = (
        "import sys, json, pathlib, xarray as xr, lingauss as lg\n"
        "paths = sorted(pathlib.Path(sys.argv[1]).glob('*.nc'), key=lambda path: int(path.stem))\n"
        "found = [lg.case_of(xr.open_dataset(path, engine='scipy').load()) for path in paths]\n"
        "print(json.dumps([case.sweep(label_noise=[0.5])['divergence'].item() for case in found]))"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    expected = [case.sweep(label_noise=[0.5])["divergence"].item() for case in CASES.values()]
    assert_allclose(json.loads(done.stdout), expected, rtol=1e-13)


def test_every_kind_of_part_that_lingauss_defines_can_be_saved():
    for module in pkgutil.walk_packages(lg.__path__, "lingauss."):
        if module.name.split(".")[1] in {"algebra", "model", "design"}:
            importlib.import_module(module.name)

    def concrete(kind):
        for below in kind.__subclasses__():
            yield from concrete(below)
            if dataclasses.is_dataclass(below) and below.__module__.startswith("lingauss."):
                yield below

    assert {kind for base in (Learner, Spectral) for kind in concrete(base)} <= {*KINDS.values()}


def test_a_chosen_point_is_the_design_there():
    results = CASES["spectrum"].sweep(student_rank=[1, 2, 4], teacher_penalty=[0.5, 3.0])
    for point in ({"student_rank": 1, "teacher_penalty": 3.0}, {"student_rank": 4, "teacher_penalty": 0.5}):
        chosen = results.sel(**point)
        assert_allclose(lg.case_of(chosen).divergence().total, chosen["divergence"], rtol=1e-13)
    whole_rank = CASES["several outputs"].sweep(student_rank=[1, 2]).isel(student_rank=1)
    assert lg.case_of(whole_rank).bottleneck is None


def test_settings_hold_no_stale_value_of_a_swept_axis():
    told = json.loads(CASES["spectrum"].sweep(penalty=[0.1, 1.0], student_rank=[1, 2], mixing=[0.0]).attrs["settings"])
    assert told["teacher"] == "Ridge(temperature=1.0, noise=None)"
    assert told["student"] == "Ridge(temperature=0.5, noise=0.3)"
    assert told["bottleneck"] == "Principal()"
    assert "mixing" not in told
    shards = json.loads(CASES["shards"].sweep(teacher_penalty=[0.1]).attrs["settings"])
    assert shards["teacher"].startswith("Shards(Ridge(temperature=1.0, noise=None), 3 shards")
    assert "penalty=1.0" in shards["student"]


def test_every_dataset_says_what_computed_it():
    case = lg.Distillation(SPECTRUM, lg.Ridge(0.5), lg.Ridge(2.0), lg.Principal(2))
    for results in (
        lg.bound_curves(case, "mixing", [0.5, 0.7]),
        large_sample_costs(case, [100, 1000]),
        simulated_sweep(case, quantities=["student_gap"], trials=300, seed=3, temperature=[1.0]),
    ):
        assert json.loads(results.attrs["versions"])["lingauss"] == lg.__version__
        assert to_record(lg.case_of(results)).fingerprint == to_record(case).fingerprint
    assert json.loads(results.attrs["settings"])["seed"] == 3


def test_blocks_on_disk_carry_the_design_once(tmp_path):
    pytest.importorskip("dask")
    case = CASES["spectrum"]
    save_blocks(case.sweep(temperature=[0.5, 1.0], chunks={"temperature": 1}), tmp_path / "blocks")
    with open_blocks(tmp_path / "blocks") as read:
        assert to_record(lg.case_of(read)).fingerprint == to_record(case).fingerprint
    with xr.open_dataset(tmp_path / "blocks" / "temperature-00001.nc", engine="scipy") as later:
        assert later.attrs["fingerprint"] == to_record(case).fingerprint
        assert "problem.gramian.variances" not in later.attrs


def test_fingerprints_tell_designs_apart_by_every_bit():
    case = CASES["spectrum"]
    others = [
        case.replace(mixing=np.nextafter(0.7, 1.0)),
        case.replace(bottleneck=lg.Best(2)),
        case.replace(problem=dataclasses.replace(SPECTRUM, intercept=True)),
        case.replace(problem=SPECTRUM.with_label_noise(0.3)),
        lg.Chain(case, 1),
    ]
    assert len({to_record(design).fingerprint for design in (case, *others)}) == 1 + len(others)


def test_the_problem_shows_what_changes_its_numbers():
    assert "intercept" in repr(OBSERVED)
    assert "intercept" not in repr(KNOWN)
    assert "test_cov" in repr(CASES["own test inputs"].problem)
    assert "test_cov" not in repr(KNOWN)


@dataclass(frozen=True)
class Halved(Learner):
    share: float

    def spectral(self, eigenvalues, label_noise):
        return Law.of_penalty(eigenvalues, np.asarray(self.share), np.asarray(1.0))


class Opaque(Learner):
    def spectral(self, eigenvalues, label_noise):
        return Law.of_penalty(eigenvalues, np.asarray(1.0), np.asarray(1.0))


def test_a_learner_of_ones_own_is_rebuilt_by_the_reader_who_hands_it_over():
    results = lg.Distillation(SPECTRUM, Halved(0.5), lg.Ridge(1.0)).sweep(mixing=[0.5])
    assert lg.case_of(results, kinds=[Halved]).teacher == Halved(0.5)
    with pytest.raises(DomainError, match=r"teacher of a class known here.*test_rebuilding\.Halved.*kinds"):
        lg.case_of(results)


def test_a_design_that_cannot_be_saved_is_swept_and_refused_by_name():
    case = lg.Distillation(SPECTRUM, Opaque(), lg.Ridge(1.0))
    results = case.sweep(mixing=[0.5])
    with pytest.raises(DomainError, match=r"teacher of type .*Opaque"):
        lg.case_of(results)
    with pytest.raises(DomainError, match=r"teacher of type .*Opaque"):
        to_record(case)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"design": None}, "as JSON"),
        ({"design": "__import__('os')"}, "as JSON"),
        ({"problem.gramian.variances": np.array([9.0, 4.0, 1.0, 0.2])}, "fingerprint"),
        ({"problem.gramian.variances": np.array([9.0])}, "fingerprint"),
    ],
)
def test_attributes_that_were_changed_are_refused(change, said):
    results = CASES["spectrum"].sweep(temperature=[1.0])
    with pytest.raises(DomainError, match=said):
        lg.case_of(results.assign_attrs(change))


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({"os.system": {"command": "true"}}, "class os.system"),
        ({"Ridge": {"wish": 1.0}}, "fields that do not make a Ridge"),
        ({"Channel": {"A": 1.0}}, "fields that do not make a Channel"),
        ({"array": [2]}, "none of its numbers"),
        ({"Ridge": {}, "Best": {}}, "2 entries"),
    ],
)
def test_a_record_builds_nothing_it_should_not(tree, said):
    with pytest.raises(DomainError, match=said):
        from_record(Record(tree, {}))


def test_an_array_of_another_size_is_refused():
    with pytest.raises(DomainError, match=r"0 as it was saved; got 1 numbers for an array of shape \(2,\)"):
        from_record(Record([{"array": [2]}], {"0": np.ones(1)}))


def test_a_dataset_without_a_design_is_refused():
    results = CASES["spectrum"].sweep(temperature=[1.0])
    for other in (xr.Dataset(dict(results.data_vars)), results["divergence"], 3.0):
        with pytest.raises(DomainError, match="without a design"):
            lg.case_of(other)


def test_attributes_of_a_dataset_need_no_memory_of_their_own():
    attributes = provenance(CASES["spectrum"])
    assert attributes["problem.gramian.variances"].base is SPECTRUM.gramian.variances
