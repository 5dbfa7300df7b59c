"""The service standard: the method as a versioned document, which projects choose and journeys keep."""
