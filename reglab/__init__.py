"""Regression Lab: the regression gate of a Django project. Importing this package imports nothing else."""

__version__ = "0.2.0"
