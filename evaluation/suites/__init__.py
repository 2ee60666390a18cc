"""One file a suite; each registers itself with `evaluation.base.suites`."""
