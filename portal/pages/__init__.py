"""Regulations and notices: pages that editors write (PRT-2)."""
