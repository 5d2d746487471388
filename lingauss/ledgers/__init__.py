"""Every route from a design to its ledgers, gaps and risks."""
