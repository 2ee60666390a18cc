"""The demonstration shop: simulated records, made by a seed, so that everything can be tried without own data."""

from inventory.demo.around_sales import make_demo_around_sales
from inventory.demo.shop import AS_OF, make_demo

__all__ = ["AS_OF", "make_demo", "make_demo_around_sales"]
