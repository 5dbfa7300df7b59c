"""Canned replies: agreed wordings for an agent to send, per project and language."""
