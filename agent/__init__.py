"""The agent: a chat model that chooses tools, and answers made from the facts that they find."""
