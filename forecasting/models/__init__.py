"""The forecasters, one file each; `forecasting.base.forecasters` finds them by name."""
