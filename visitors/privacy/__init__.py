"""What visitors can ask about themselves, and how everything kept of them ends."""
