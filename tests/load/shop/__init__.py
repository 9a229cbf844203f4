"""The load of a second project, which knows nothing of orders: proof that the engine takes any service."""
