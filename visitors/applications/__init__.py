"""Application links: one private address for each job application, and what came of it."""
