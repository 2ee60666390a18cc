"""Neural forecasting: what a panel is to a network, the networks, their likelihood, training and checkpoints."""
