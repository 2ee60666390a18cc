"""What the agent can do: one file per tool, and what tools are made of."""
