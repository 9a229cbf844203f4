"""A second, tiny Django project that has never heard of the harness: proof that the audit takes any project."""
