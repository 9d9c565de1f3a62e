"""Those who are called: lists, refusals, complaints, and everything known about one person."""
