"""Replenishment policies, one file each; a public file dropped in here is found by name."""
