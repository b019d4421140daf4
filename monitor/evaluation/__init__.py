"""What judges the service from outside: a simulated nation, and a scorecard that knows the truth about it."""
