"""Errors on unseen rows, estimated from the training data."""
