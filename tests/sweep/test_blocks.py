"""Chunked sweeps: the same numbers block by block, and on disk complete or not at all."""

import os
import sys

import dask
import numpy as np
import pytest
import xarray as xr
from distributed import Client, LocalCluster
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss import errors
from lingauss.sweep.blocks import block_error
from lingauss.sweep.quantities import QUANTITIES
from lingauss.sweep.store import open_blocks, save, save_blocks

pytestmark = pytest.mark.filterwarnings("ignore::lingauss.errors.TiedSpectrumWarning")

AXES = {"label_noise": [0.25, 0.5, 1.0, 2.0, 3.0], "student_rank": range(7), "temperature": [2.0, 0.0, 1.0]}
CHUNKS = {"label_noise": 2, "student_rank": 3}
RANGES = "label_noise 3, student_rank [0-6 to]+, temperature 2 to 1"


class Failing(lg.Ridge):
    """A learner that refuses a loud problem."""

    def spectral(self, eigenvalues, label_noise):
        if np.max(label_noise) > 2.5:
            self.fail()
        return super().spectral(eigenvalues, label_noise)

    def fail(self):
        raise RuntimeError("too loud")


class Fatal(Failing):
    """One that takes its worker with it."""

    def fail(self):
        os._exit(1)


class Interrupted(Failing):
    """One during whose work the user loses patience."""

    def fail(self):
        raise KeyboardInterrupt


def make(bottleneck=None, student=None):
    index = np.arange(1, 7)
    problem = lg.Problem.from_spectrum(10.0 / index, 1.0 / index, n_samples=50, label_noise=0.5, outputs=2)
    return lg.Distillation(
        problem, lg.Ridge(2.0), student or lg.Ridge(1.0, 0.5), bottleneck or lg.Principal(3), temperature=2.0, draws=3
    )


def lazy(student=None, **settings):
    return make(student=student).sweep(quantities=("divergence", "bias"), chunks=CHUNKS, **(AXES | settings))


def eager():
    return make().sweep(quantities=("divergence", "bias"), **AXES)


# Numbers


@pytest.mark.parametrize(
    "chunks",
    [
        {},
        {"student_rank": 1},
        {"label_noise": 2, "student_rank": 3, "temperature": 1},
        {"label_noise": 99, "temperature": np.int64(2)},
    ],
)
@pytest.mark.parametrize("bottleneck", [lg.Principal(3), lg.Best(2)])
def test_blocks_hold_the_numbers_of_the_whole(chunks, bottleneck):
    case = make(bottleneck)
    expected = case.sweep(quantities=tuple(QUANTITIES), **AXES)
    dataset = case.sweep(quantities=tuple(QUANTITIES), chunks=chunks, **AXES)
    xr.testing.assert_allclose(dataset.compute(), expected, rtol=1e-12, atol=1e-12)
    xr.testing.assert_identical(xr.Dataset(attrs=dataset.attrs), xr.Dataset(attrs=expected.attrs))
    assert dataset.divergence.attrs == expected.divergence.attrs
    for name, values in AXES.items():
        assert dataset.chunksizes[name][0] == min(chunks.get(name, len(values)), len(values))


def test_general_subspaces_are_chunked_too():
    basis = np.linalg.qr(np.random.default_rng(0).standard_normal((6, 6)))[0]
    case, axes = make(lg.Subspace(basis)), {"student_rank": range(7), "mixing": [0.5, 1.0]}
    expected = case.sweep(quantities=("divergence", "student_gap"), **axes)
    dataset = case.sweep(quantities=("divergence", "student_gap"), chunks={"student_rank": 4}, **axes)
    xr.testing.assert_allclose(dataset.compute(), expected, rtol=1e-12)


def test_nothing_is_evaluated_before_it_is_asked_for():
    dataset = lazy(Failing(1.0, 0.5))
    quiet = dataset.sel(label_noise=slice(0.25, 2.0))
    xr.testing.assert_allclose(quiet.compute(), eager().sel(label_noise=slice(0.25, 2.0)), rtol=1e-12)
    with pytest.raises(errors.BlockError, match=f"{RANGES}; got RuntimeError: too loud"):
        dataset.compute()


def test_grids_larger_than_memory_are_refused_whole_and_given_in_blocks():
    axes = {"label_noise": np.linspace(1, 2, 100_000), "temperature": np.arange(1e6)}
    with pytest.raises(errors.GridTooLargeError, match=r"chunks=\{'temperature': "):
        make().sweep(**axes)
    with pytest.raises(errors.GridTooLargeError, match="block"):
        make().sweep(chunks={"label_noise": 99_999}, **axes)
    dataset = make().sweep(chunks={"label_noise": 5000, "temperature": 2000}, **axes)
    corner = float(dataset.divergence[-1, -1])
    assert_allclose(corner, make().replace(label_noise=2.0, temperature=1e6 - 1).divergence().total)


@pytest.mark.parametrize(
    ("chunks", "error", "message"),
    [
        ({"label_nois": 2}, errors.UnknownNameError, "among label_noise, .*Did you mean label_noise"),
        ({"mixing": 2}, errors.UnknownNameError, "label_noise, student_rank, temperature"),
        ({"label_noise": 0}, errors.DomainError, r"chunks\['label_noise'\], a whole number of at least 1; got 0"),
        ({"label_noise": -1}, errors.DomainError, "at least 1"),
        ({"label_noise": 2.5}, errors.DomainError, "whole number"),
        ({"label_noise": np.nan}, errors.NotFiniteError, "label_noise"),
        ({"label_noise": "auto"}, errors.NotNumericError, "label_noise"),
        ({"label_noise": (2, 3)}, errors.ShapeError, "label_noise"),
        (10, errors.DomainError, "mapping.*chunks={'label_noise': 10}"),
    ],
)
def test_bad_chunks_are_refused(chunks, error, message):
    with pytest.raises(error, match=message):
        make().sweep(chunks=chunks, **AXES)


def test_without_dask_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask.array", None)
    with pytest.raises(errors.MissingDependencyError, match=r"lingauss\[scale\]"):
        lazy()


# Files


@pytest.mark.parametrize("dataset", [lazy, eager])
def test_a_saved_sweep_is_read_back_whole(dataset, tmp_path):
    save(dataset(), tmp_path / "sweep.nc")
    with xr.open_dataset(tmp_path / "sweep.nc", engine="scipy") as back:
        xr.testing.assert_allclose(back.load(), eager(), rtol=1e-12)
        xr.testing.assert_identical(xr.Dataset(attrs=back.attrs), xr.Dataset(attrs=eager().attrs))
    assert os.listdir(tmp_path) == ["sweep.nc"]


@pytest.mark.parametrize("dataset", [lazy, eager])
def test_saved_blocks_are_put_together_again(dataset, tmp_path):
    (tmp_path / "sweep").mkdir()  # empty folders are as good as none
    save_blocks(dataset(), tmp_path / "sweep")
    assert os.listdir(tmp_path) == ["sweep"]
    with open_blocks(tmp_path / "sweep") as back:
        assert back.chunks == (lazy() if dataset is lazy else eager().chunk()).chunks
        xr.testing.assert_allclose(back.load(), eager(), rtol=1e-12)
        xr.testing.assert_identical(xr.Dataset(attrs=back.attrs), xr.Dataset(attrs=eager().attrs))
        assert back.divergence.attrs == eager().divergence.attrs
        assert back.label_noise.attrs == eager().label_noise.attrs


def test_summaries_of_a_sweep_are_saved_as_well(tmp_path):
    summary = lazy().assign(least=lazy().divergence.min("student_rank"))
    save_blocks(summary, tmp_path / "sweep")
    with open_blocks(tmp_path / "sweep") as back:
        xr.testing.assert_allclose(back.load(), summary.compute(), rtol=1e-12)


@pytest.mark.parametrize(
    ("student", "error"), [(Failing, errors.BlockError), (Interrupted, KeyboardInterrupt)], ids=["error", "interrupt"]
)
def test_a_run_that_ends_early_leaves_what_was_there(student, error, tmp_path):
    save(lazy(), tmp_path / "sweep.nc")
    before = (tmp_path / "sweep.nc").read_bytes()
    for write, target in ((save, "sweep.nc"), (save, "new.nc"), (save_blocks, "new")):
        with dask.config.set(scheduler="synchronous"), pytest.raises(error):
            write(lazy(student(1.0, 0.5)), tmp_path / target)
        assert os.listdir(tmp_path) == ["sweep.nc"]
        assert (tmp_path / "sweep.nc").read_bytes() == before


def test_a_finished_run_replaces_the_file(tmp_path):
    save(eager(), tmp_path / "sweep.nc")
    save(lazy(temperature=[5.0]), tmp_path / "sweep.nc")
    with xr.open_dataset(tmp_path / "sweep.nc", engine="scipy") as back:
        assert back.temperature.values.tolist() == [5.0]


def test_files_with_nowhere_to_go_are_refused_before_anything_is_evaluated(tmp_path):
    dataset = lazy(Failing(1.0, 0.5))
    for write in (save, save_blocks):
        with pytest.raises(errors.DomainError, match="existing folder"):
            write(dataset, tmp_path / "none" / "sweep")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("")
    with pytest.raises(errors.DomainError, match="new or empty folder"):
        save_blocks(dataset, tmp_path / "full")
    with pytest.raises(errors.DomainError, match="every block"):
        open_blocks(tmp_path / "full")


def test_a_folder_that_lost_a_block_is_refused(tmp_path):
    save_blocks(lazy(), tmp_path / "sweep")
    sorted((tmp_path / "sweep").iterdir())[0].unlink()
    with pytest.raises(errors.DomainError, match="every block"):
        open_blocks(tmp_path / "sweep")


def test_variables_beyond_the_format_are_refused(tmp_path):
    axes = {"label_noise": np.linspace(1, 2, 30_000), "temperature": np.arange(20_000.0)}
    big = make().sweep(chunks={"label_noise": 3000, "temperature": 2000}, **axes)
    with pytest.raises(errors.GridTooLargeError, match=r"4\.3 GB, the limit of NetCDF 3; got 4\.8 GB.*save_blocks"):
        save(big, tmp_path / "sweep.nc")


# A cluster


@pytest.fixture(scope="module")
def cluster():
    """One worker process on the loopback interface, which is not restarted for a second try at what killed it."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(
            n_workers=1, threads_per_worker=2, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.mark.usefixtures("cluster")
def test_a_cluster_gives_the_same_numbers_and_files(tmp_path):
    xr.testing.assert_allclose(lazy().compute(), eager(), rtol=1e-12)
    save(lazy(), tmp_path / "sweep.nc")
    save_blocks(lazy(), tmp_path / "sweep")
    with xr.open_dataset(tmp_path / "sweep.nc", engine="scipy") as back:
        xr.testing.assert_allclose(back.load(), eager(), rtol=1e-12)
    with open_blocks(tmp_path / "sweep") as back:
        xr.testing.assert_allclose(back.load(), eager(), rtol=1e-12)


@pytest.mark.usefixtures("cluster")
def test_a_cluster_summarises_data():
    X = np.random.default_rng(0).standard_normal((5000, 3)) + 1e6
    here, there = lg.Moments.from_data(X), lg.Moments.from_data(dask.array.from_array(X, chunks=(600, 3)))
    assert_allclose(there.scatter, here.scatter, rtol=0, atol=1e-12 * 5000)


@pytest.mark.usefixtures("cluster")
def test_an_error_on_a_cluster_names_the_block(tmp_path):
    with pytest.raises(errors.BlockError, match=f"{RANGES}; got RuntimeError: too loud"):
        save(lazy(Failing(1.0, 0.5)), tmp_path / "sweep.nc")


# The last that asks this cluster, because what is left of the work would take the next worker too.
@pytest.mark.usefixtures("cluster")
def test_a_worker_that_dies_leaves_no_file_and_its_block_is_named(tmp_path):
    dataset = lazy(Fatal(1.0, 0.5))
    for write, target in ((save, "sweep.nc"), (save_blocks, "sweep")):
        # Two threads of the worker may have been at different blocks when it died.
        with pytest.raises(errors.BlockError, match=r"label_noise .*, student_rank [0-6 to]+, .*workers, which died"):
            write(dataset, tmp_path / target)
        assert os.listdir(tmp_path) == []


def test_messages_name_the_range_of_a_block_along_every_axis():
    error = block_error({"temperature": np.array([0.5, 1.0]), "draws": np.array([3])}, "a cause", "A remedy.")
    assert str(error) == "expected a result for the block temperature 0.5 to 1, draws 3; got a cause. A remedy."
