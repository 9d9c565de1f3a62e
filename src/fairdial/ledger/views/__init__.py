"""What the console shows, read by key and page; nothing here changes anything."""
