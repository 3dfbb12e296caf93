"""A small site with the visitors app alone, for faults: its pages tell which request they answered."""
