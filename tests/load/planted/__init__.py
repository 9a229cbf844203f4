"""A lost update, planted: an app for EXTRA_APPS whose presence takes the service's locks away."""
