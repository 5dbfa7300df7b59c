"""What every route stands on: the request's frame, its unit of work, its caller, problems, limits, entity tags."""
