"""Evaluation: suites, scorers and reports with confidence intervals."""
