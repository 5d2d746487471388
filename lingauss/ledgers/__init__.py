"""Routes to the numbers of one design, behind one dispatch: divergences, gaps and risks."""
