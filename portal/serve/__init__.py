"""Running the house: one foreground command that supervises the store, the worker, the scheduler and the web server.

The supervisor opens no database and starts no thread, so that it may fork its parts from the loaded project at any time:
they start in a fraction of a second and share its memory. Every part ends with it, however it ends (`processes.py`).
"""
