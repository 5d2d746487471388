"""Generalisation: cumulants of the gap, what moves it, and every bound beside the exact one."""
