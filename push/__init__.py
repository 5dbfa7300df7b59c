"""Messages on their way to a person's device. Knows nothing of the backend."""
