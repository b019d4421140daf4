"""How a change of a case reaches the people who should know."""
