"""The domain of journeys, pure: what is laid out from a standard and its dates, how it stands, what done means."""
