"""Bytes: put, read, range, erase, prove; keys; formats; fixity; backup. Knows no users, no titles, no HTTP."""
