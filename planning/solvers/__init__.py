"""Exact solutions of the standard inventory problems, arrays over items; each file one problem."""
