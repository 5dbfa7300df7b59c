"""Accounts, signing in, sessions, households and positions."""
