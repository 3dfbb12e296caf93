"""Realistic visits, written straight into the store."""
