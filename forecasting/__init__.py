"""Demand forecasting: a panel of items in, sample paths of all of them out. Knows nothing of stock, suppliers or plans."""
