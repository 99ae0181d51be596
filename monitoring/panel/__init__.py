"""What the panel's pages read, say and draw."""
