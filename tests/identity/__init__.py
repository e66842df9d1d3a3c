"""Who may call: tokens that must be refused, and providers that fail, on each framework."""
