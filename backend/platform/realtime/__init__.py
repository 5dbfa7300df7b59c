"""Realtime: what happens on threads reaches the phones and consoles that watch them, at once and without a gap.

PostgreSQL is the truth of all of it. What travels between nodes may be lost, doubled or late: the hub compares numbers.
"""
