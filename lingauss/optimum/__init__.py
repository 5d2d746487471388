"""The best design over some of its settings, with the reason why it is the best."""
