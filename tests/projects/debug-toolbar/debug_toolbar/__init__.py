"""The toolbar of django-debug-toolbar, as far as it hurts who serves the project without DEBUG."""
