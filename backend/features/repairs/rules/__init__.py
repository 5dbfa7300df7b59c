"""The domain of repairs, pure: the states of a ticket, the moves between them, who is chosen, how clocks run."""
