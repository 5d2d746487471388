"""What to choose: sweeps over designs and their optima."""
