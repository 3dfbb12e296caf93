"""Funnels: what their steps are, how far a visit came, and how many came how far."""
