"""InventoryBench: its instances, its rules, its baseline and its figures."""
