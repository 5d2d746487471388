"""Inputs and labels: rows are read once, and what is kept of them are moments."""
