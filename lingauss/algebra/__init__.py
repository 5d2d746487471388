"""Gaussians and channels between them; knows nothing of distillation."""
