"""Notices in words, on the desk and by mail (PRT-8); who is told what is the floors' business."""
