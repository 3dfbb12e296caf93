"""Figures of this project beside named peers, measured in one run and printed as ratios."""
