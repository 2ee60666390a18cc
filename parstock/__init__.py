"""The shared words of Parstock: domain, errors, settings, registry, calendar."""

__version__ = "0.1.0"
