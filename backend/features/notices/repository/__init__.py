"""Notices in SQL."""
