"""Seasonal ARIMA of a whole panel: orders searched, parameters estimated and futures simulated for all items side by side."""
