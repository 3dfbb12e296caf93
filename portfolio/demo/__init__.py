"""Invented visits for a site that nobody has visited yet."""
