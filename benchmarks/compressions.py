"""Ways to replace the weights of a layer by thin factors: lingauss's own and every published baseline."""

from __future__ import annotations

import numpy as np

from lingauss.layers import Layer


def second_moment(layer: Layer) -> np.ndarray:
    mean = layer.inputs.input_mean
    return layer.inputs.gram / layer.count + np.outer(mean, mean)


def uncentred(layer: Layer, factor: np.ndarray) -> Layer:
    return Layer.from_factors(
        layer.weight, second_moment(layer), factor, count=layer.count, rows=layer.rows, damping=layer.damping
    )


def truncated(weight: np.ndarray, rank: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Best weight of a rank under diagonal weights of outputs and inputs."""
    P, values, V = np.linalg.svd(left[:, None] * weight * right, full_matrices=False)
    return (P[:, :rank] * values[:rank]) @ V[:rank] / left[:, None] / right


def plain_svd(layer: Layer, hot: Layer, rank: int) -> tuple:
    k, d = layer.weight.shape
    return truncated(layer.weight, rank, np.ones(k), np.ones(d)), layer.bias


def refitted_svd(layer: Layer, hot: Layer, rank: int) -> tuple:
    found = layer.refit(plain_svd(layer, hot, rank)[0])
    return found.weight, found.bias


def asvd(layer: Layer, hot: Layer, rank: int) -> tuple:
    scale = np.sqrt(second_moment(layer).diagonal())
    return truncated(layer.weight, rank, np.ones(len(layer.weight)), scale + 1e-3 * scale.max()), layer.bias


def fwsvd(layer: Layer, hot: Layer, rank: int) -> tuple:
    scale = np.sqrt(layer.output_factor.diagonal())
    return truncated(layer.weight, rank, scale + 1e-3 * scale.max(), np.ones(layer.weight.shape[1])), layer.bias


def whitened(layer: Layer, hot: Layer, rank: int) -> tuple:
    return uncentred(layer, np.eye(len(layer.weight))).factors(rank).weight, layer.bias


def whitened_centred(layer: Layer, hot: Layer, rank: int) -> tuple:
    found = input_side(layer).factors(rank)
    return found.weight, found.bias


def input_side(layer: Layer) -> Layer:
    k = len(layer.weight)
    return Layer(layer.weight, layer.inputs, np.eye(k), layer.bias, layer.rows, layer.damping)


def kfac_uncentred(layer: Layer, hot: Layer, rank: int) -> tuple:
    return uncentred(layer, layer.output_factor).factors(rank).weight, layer.bias


def kfac(layer: Layer, hot: Layer, rank: int) -> tuple:
    found = layer.factors(rank)
    return found.weight, found.bias


def tempered(layer: Layer, hot: Layer, rank: int) -> tuple:
    return kfac(hot, hot, rank)


def pruned(layer: Layer, hot: Layer, rank: int) -> tuple:
    kept = rank * sum(layer.weight.shape)
    smallest = np.sort(np.abs(layer.weight), axis=None)[::-1][min(kept, layer.weight.size) - 1]
    return np.where(np.abs(layer.weight) >= smallest, layer.weight, 0.0), layer.bias


METHODS = {
    "plain SVD": plain_svd,
    "plain SVD, left factor refitted": refitted_svd,
    "ASVD (diagonal inputs)": asvd,
    "FWSVD (diagonal outputs)": fwsvd,
    "inputs whitened (SVD-LLM)": whitened,
    "inputs whitened, centred": whitened_centred,
    "K-FAC without centring": kfac_uncentred,
    "K": kfac,
    "K tempered at T = 3": tempered,
    "magnitude pruning": pruned,
}


SIDES = ("plain SVD", "inputs whitened (SVD-LLM)", "inputs whitened, centred")
