"""Readers of record files, one file each; see `inventory/base.py` for what one must do."""
