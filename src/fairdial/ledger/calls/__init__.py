"""From claim to end: facts, permits, attempts, and what they leave behind."""
