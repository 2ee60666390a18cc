"""Policies and notes as citable passages, the typed rules in them, and search over both.

Knows nothing about databases, plans or chat: documents come in through a `DocumentSource`, passages and clauses go out.
"""
