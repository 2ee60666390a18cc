"""Planning: forecasts, stock and terms in, order decisions out, as arrays over items. Knows nothing of databases and tools."""
