"""Distillation in the linear-Gaussian model: data, learners, bottlenecks, and the ledger of their divergence."""
