"""Repeated distillation: every round's student teaches the next."""
