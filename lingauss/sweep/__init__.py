"""Quantities over products of design axes: arrays, labelled grids, blocks on disk."""
