"""Text of files: embedded or read from pictures, page by page with the places of its words; sensitive numbers in it."""
