"""One module per journey; each view parses, asks a verb or a reading function, and renders."""
