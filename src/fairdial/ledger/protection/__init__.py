"""Keys, what is sealed with them, and who logs in to read what."""
