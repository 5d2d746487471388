"""Teachers and students that are really trained, beside which the closed forms can be checked (docs/simulation.md)."""
