"""The hotline's cases: whatever somebody brings to the company, on five clocks until it is closed."""
