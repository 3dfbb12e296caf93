"""The owner's pages: HTML that is complete without a script, over the same reports as the API."""
