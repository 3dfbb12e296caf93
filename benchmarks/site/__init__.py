"""The site that is measured: one page, and one middleware more or less."""
