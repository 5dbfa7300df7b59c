"""Repairs over HTTP."""
