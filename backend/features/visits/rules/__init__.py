"""The domain of visits, pure."""
