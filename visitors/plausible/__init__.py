"""Faces for clients made for Plausible: they send events and ask for figures, and meet the project's own machinery."""
