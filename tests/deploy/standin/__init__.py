"""A stand-in for AWS on 127.0.0.1: moto, and what moto leaves out."""
