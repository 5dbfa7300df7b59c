"""The domain of cases, pure."""
