"""Checks of the installed system against its own database, cache and settings, none of which leave a trace."""
