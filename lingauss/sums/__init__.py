"""Sums over directions and ranks on a grid, in the memory of the result; nothing here knows a Gaussian."""
