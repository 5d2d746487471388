"""Advice on data of your own: which rank, noise and temperature, and what is lost."""
