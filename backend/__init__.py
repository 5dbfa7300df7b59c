"""Tongxing (同行): the backend of a property developer's owner app."""
