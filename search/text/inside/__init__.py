"""Reading text out of strangers' files: runs inside the sandbox, knows no Django."""
